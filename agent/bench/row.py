"""One row of a benchmark (pure)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One contender on one set."""

    contender: str
    dataset: str
    figures: dict[str, float] = field(default_factory=dict)
