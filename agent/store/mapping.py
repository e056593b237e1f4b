"""How values become columns and back (pure): instants stay instants, everything nested becomes JSON.

A table class does not validate, so rows are made from values only, and read rows are checked against the
value's own types: a row somebody edited by hand fails loudly here and not three rooms further on.
"""

from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlmodel import SQLModel

Value = TypeVar("Value")


def columns(value: object) -> dict[str, Any]:
    """Return the fields of a frozen dataclass as columns of the same names."""
    return {field.name: _column(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type]  # every value is a dataclass


def _column(value: object) -> Any:  # noqa: ANN401 - a column holds what its type says
    return value if isinstance(value, datetime) else msgspec.to_builtins(value)


def from_row(row: SQLModel, kind: type[Value], **other: object) -> Value:
    """Return the value of that dataclass whose fields are the row's columns, or given in ``other``.

    Raises:
        msgspec.ValidationError: a column does not hold what the value allows.
    """
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # every value is a dataclass
    found = {name: getattr(row, name) for name in names - set(other) if hasattr(row, name)}
    return msgspec.convert({**found, **other}, kind)
