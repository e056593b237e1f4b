"""A batch of recorded rows as arrays (pure): from an Arrow table to what the replay takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agent.backtest.columns import DEVICE, PRODUCT, TIME, Array, Plan, instants, is_text, numbers, texts
from agent.health.layout import Context

_NO_CONTEXT: Final[tuple[Context, ...]] = ((),)


class RowProblemError(ValueError):
    """What is wrong with one row; ``place`` counts from 0 within the batch."""

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Rows:
    """``n`` rows of a file in its order.

    Attributes:
        first: number of the first row, from 1.
        device: int32 ``(n,)`` into ``devices``, which has each device of the batch once.
        at_us: int64 ``(n,)``, Unix µs.
        product: int32 ``(n,)`` into ``products``; the product of files that name none is empty.
        context: int32 ``(n,)`` into ``contexts``, which stand in the order of their first row.
        values: float32 ``(n, metrics)`` in the order of the plan; NaN means not measured.
    """

    first: int
    devices: tuple[str, ...]
    device: NDArray[np.int32]
    at_us: NDArray[np.int64]
    products: tuple[str, ...]
    product: NDArray[np.int32]
    contexts: tuple[Context, ...]
    context: NDArray[np.int32]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.at_us)


def rows_of(batch: Array, plan: Plan, first: int) -> Rows:
    """Return an Arrow record batch with the plan's columns as rows.

    Raises:
        ColumnProblemError: a column holds what it must not.
        RowProblemError: a row has no device or no time.
    """
    device_ids, times = texts(batch[DEVICE], DEVICE), instants(batch[TIME])
    _refuse_missing(device_ids, "there is no device_id")
    _refuse_missing(times, "there is no ts")
    devices, device = _coded(device_ids)
    _refuse_nameless(devices, device)
    if plan.has_product:
        products, product = _coded(pc.fill_null(texts(batch[PRODUCT], PRODUCT), ""))
    else:
        products, product = ("",), np.zeros(len(device), np.int32)
    contexts, context = _contexts([batch[name] for name in plan.context], len(device))
    values = np.empty((len(device), len(plan.metrics)), np.float32)
    for place, name in enumerate(plan.metrics):
        values[:, place] = numbers(batch[name], name)
    at_us = times.cast(pa.int64()).to_numpy()
    return Rows(first, devices, device, at_us, products, product, contexts, context, values)


def _refuse_missing(column: Array, problem: str) -> None:
    if column.null_count:
        raise RowProblemError(int(pc.index(column.is_null(), pa.scalar(value=True)).as_py()), problem)


def _refuse_nameless(devices: Sequence[str], device: NDArray[np.int32]) -> None:
    if "" in devices:
        raise RowProblemError(int(np.argmax(device == devices.index(""))), "there is no device_id")


def _coded(column: Array) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    encoded = column.dictionary_encode()
    return tuple(encoded.dictionary.to_pylist()), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)


def _contexts(columns: Sequence[Array], count: int) -> tuple[tuple[Context, ...], NDArray[np.int32]]:
    if not columns:
        return _NO_CONTEXT, np.zeros(count, np.int32)
    known: list[list[str | float | None]] = []
    combined = np.zeros(count, np.int64)
    for column in columns:
        choices, chosen = _choices(column)
        combined = combined * len(choices) + chosen
        known.append(choices)
    codes, first, back = np.unique(combined, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return tuple(_context(int(code), known) for code in codes[order]), rank[back.ravel()]


def _context(code: int, known: Sequence[Sequence[str | float | None]]) -> Context:
    parts: list[str | float | None] = []
    for choices in reversed(known):
        code, place = divmod(code, len(choices))
        parts.append(choices[place])
    return tuple(reversed(parts))


def _choices(column: Array) -> tuple[list[str | float | None], NDArray[np.int64]]:
    """Return the different values of a context column and which one each row has; ``None``: not known."""
    if is_text(column.type):
        column = _numbers_if_all_are(pc.cast(column, pa.string()))
    elif not pa.types.is_null(column.type):
        column = pc.cast(column, pa.float64(), safe=False)
    if pa.types.is_floating(column.type):
        column = pc.round(column)  # else each jitter would be a choice
    encoded = column.dictionary_encode(null_encoding="encode")
    raw = encoded.dictionary.to_pylist() or [None]
    return [_choice(value) for value in raw], encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _numbers_if_all_are(column: Array) -> Array:
    try:
        return pc.cast(pc.if_else(pc.equal(column, ""), None, column), pa.float64())
    except pa.ArrowInvalid:
        return column


def _choice(value: str | float | None) -> str | float | None:
    """Return a context value; a text that is a number is that number, so that CSV and Parquet mean the same."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except ValueError:
        return value
    return float(round(number)) if isfinite(number) else None
