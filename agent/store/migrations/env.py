"""What Alembic runs to migrate (shell): on the connection it is handed, inside the caller's transaction."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from agent.store import agreement_tables, erasure_tables, guard_tables, learning_tables, tables, watch_tables
from agent.store.columns import UtcDateTime
from agent.store.ticket_words import TABLES as WORDS

connection = context.config.attributes["connection"]
# Importing the tables is what fills the metadata.
assert (
    tables.CursorRow.metadata
    is learning_tables.ImpressionRow.metadata
    is guard_tables.BreakerRow.metadata
    is watch_tables.BrokerLossRow.metadata
)
assert tables.CursorRow.metadata is erasure_tables.ErasureRow.metadata
assert tables.CursorRow.metadata is agreement_tables.AgreementRow.metadata


def _name(kind: str, column_type: Any, _context: Any) -> str | Literal[False]:  # noqa: ANN401 - Alembic's signature
    """Write column types into a new revision by names it imports; False: as Alembic would."""
    if kind == "type" and isinstance(column_type, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and isinstance(column_type, AutoString):
        return "sa.String()"
    return False


def _is_ours(name: str | None, kind: str, _parent: Any) -> bool:  # noqa: ANN401 - Alembic's signature
    """Leave SQLite's full-text tables out of a new revision: the code has no such tables."""
    return kind != "table" or name not in WORDS


context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    transactional_ddl=True,  # Alembic believes that SQLite cannot; with BEGIN issued by us it can
    compare_type=True,
    render_item=_name,
    include_name=_is_ours,
)
context.run_migrations()
