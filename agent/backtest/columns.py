"""Which column of a table is what (pure): keys, context, metrics; and how each is brought to one type.

A metric is a number or a boolean (1 and 0); an infinite number counts as not measured. A time without a zone is in UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Array: TypeAlias = Any  # a pyarrow array or type: pyarrow publishes no types

DEVICE, TIME, PRODUCT, FIRMWARE = "device_id", "ts", "product", "firmware"
KEYS: Final = (DEVICE, TIME, PRODUCT, FIRMWARE)
INSTANT: Final = pa.timestamp("us", "UTC")
_ANY: Final = "(a metric)"
_LOCAL: Final = pa.timestamp("us")
_ZONED: Final = r"(Z|[+-]\d{2}(:?\d{2})?)$"


class ColumnProblemError(ValueError):
    """What is wrong with a column, as the end of a sentence that begins with its name."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(f"{column}: {problem}")
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns of one telemetry file; ``has_product``: it says of which product a device is."""

    has_product: bool
    context: tuple[str, ...]
    metrics: tuple[str, ...]

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the columns that are read."""
        return (DEVICE, TIME, *((PRODUCT,) if self.has_product else ()), *self.context, *self.metrics)


def plan_columns(types: Mapping[str, Array | None], context: Sequence[str]) -> Plan:
    """Return what the columns of a telemetry file are; a type that is ``None`` shows only with the values (CSV).

    Raises:
        ColumnProblemError: one is missing, or cannot be what it would have to be.
    """
    for name in (DEVICE, TIME, *context):
        if name not in types:
            known = ", ".join(types) or "none"
            raise ColumnProblemError(name, f"is missing; there are: {known}")
    for name in context:
        if name in KEYS:
            raise ColumnProblemError(name, "cannot be context")
    metrics = tuple(name for name in types if name not in KEYS and name not in context)
    for name in metrics:
        kind = types[name]
        if kind is not None and not _measures(kind):
            raise ColumnProblemError(name, f"holds {kind}, not numbers; name it with --context if it is a regime")
    if not metrics:
        raise ColumnProblemError(_ANY, "is missing: besides keys and context there is nothing to judge")
    return Plan(PRODUCT in types, tuple(context), metrics)


def instants(column: Array, name: str = TIME) -> Array:
    """Return a column as instants in UTC, µs.

    Raises:
        ColumnProblemError: it holds no times, or a text that is none.
    """
    kind = column.type
    try:
        if pa.types.is_timestamp(kind):
            return pc.cast(column, pa.timestamp("us", kind.tz), safe=False).cast(INSTANT)
        if pa.types.is_date(kind):
            return pc.cast(column, _LOCAL).cast(INSTANT)
        if is_text(kind):
            return _read_instants(pc.cast(column, pa.string()))
    except pa.ArrowInvalid as error:
        raise ColumnProblemError(name, f"holds what is no time: {_first_line(error)}") from error
    raise ColumnProblemError(name, f"holds {kind}, not times")


def numbers(column: Array, name: str) -> NDArray[np.float32]:
    """Return a metric's column; NaN: not measured.

    Raises:
        ColumnProblemError: it holds no numbers.
    """
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan, np.float32)
    if not _measures(kind):
        raise ColumnProblemError(name, f"holds {kind}, not numbers; name it with --context if it is a regime")
    if pa.types.is_boolean(kind):
        column = pc.cast(column, pa.uint8())
    exact = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    with np.errstate(over="ignore"):
        values: NDArray[np.float32] = exact.astype(np.float32)
    if not np.isfinite(values).all():
        values[~np.isfinite(values)] = np.nan
    return values


def texts(column: Array, name: str) -> Array:
    """Return a column of names as text; whole numbers are names too.

    Raises:
        ColumnProblemError: it holds neither.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pc.cast(column, kind.value_type)
        kind = column.type
    if is_text(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind):
        return pc.cast(column, pa.string())
    raise ColumnProblemError(name, f"holds {kind}, not text")


def is_text(kind: Array) -> bool:
    """Tell whether a type is text, perhaps in a dictionary."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _measures(kind: Array) -> bool:
    return bool(
        pa.types.is_floating(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    )


def _read_instants(column: Array) -> Array:
    column = pc.utf8_trim_whitespace(column)
    column = pc.if_else(pc.equal(column, ""), None, column)
    zoned = pc.and_(pc.match_substring_regex(column, _ZONED), pc.match_substring(column, ":"))
    if pc.all(zoned).as_py():
        return column.cast(INSTANT)
    if not pc.any(zoned).as_py():
        return column.cast(_LOCAL).cast(INSTANT)
    with_zone = pc.if_else(zoned, column, None).cast(INSTANT)
    without = pc.if_else(zoned, None, column).cast(_LOCAL).cast(INSTANT)
    return pc.coalesce(with_zone, without)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
