"""Column types that keep a promise the database would not (pure): instants with a zone, and wide numbers."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

WIDE: Final = BigInteger().with_variant(Integer(), "sqlite")
"""For a number that a device chooses or that never stops growing: 64 bits wide, as every number of SQLite is."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, always in UTC. SQLite forgets zones; this gives them back and refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC; ``ValueError`` for an instant without a zone."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant without a zone cannot be stored"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - SQLAlchemy's signature
        """Read back with its zone."""
        del dialect
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)
