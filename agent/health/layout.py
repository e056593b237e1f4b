"""Which column a metric has, and which regime a sample is in (state): one layout a product.

Columns and regimes are given out in the order they first appear and never change, so that a model's arrays
stay valid. Metrics that name a regime have no column.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

MOST_REGIMES: Final = 16
"""Regimes a product may have; further combinations share the last one, so that memory a device is bounded."""

MOST_COLUMNS: Final = 128
"""Columns a product may have; further metrics are left out of the model, so that no device can fill the memory."""

Context: TypeAlias = tuple[str | float | None, ...]


@dataclass(slots=True)
class Layout:
    """The columns and regimes of one product."""

    columns: dict[str, int] = field(default_factory=dict)
    regimes: dict[Context, int] = field(default_factory=dict)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(self.columns)

    def column(self, metric: str) -> int | None:
        """Return the metric's column, a new one for a new metric; ``None``: there is no room for more."""
        column = self.columns.get(metric)
        if column is None and len(self.columns) < MOST_COLUMNS:
            column = self.columns[metric] = len(self.columns)
        return column

    @property
    def has_room_for_regime(self) -> bool:
        """Whether a combination of context values that is new becomes a regime of its own."""
        return len(self.regimes) < MOST_REGIMES - 1

    def regime(self, context: Context) -> int:
        """Return the regime of one combination of context values, 0 where the product names none.

        Numbers count by their nearest whole number, so that a setting that jitters is one regime.
        """
        if not context:
            return 0
        key = tuple(float(round(value)) if isinstance(value, float) else value for value in context)
        known = self.regimes.get(key)
        if known is None and self.has_room_for_regime:
            known = self.regimes[key] = len(self.regimes)
        return MOST_REGIMES - 1 if known is None else known
