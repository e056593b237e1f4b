"""Indexes for a hundred thousand tickets, and an index of their words (shell).

On SQLite the words lie in a full-text table over ``ticket``, by groups of three letters, so that any part of a word is
found. Triggers keep it in step, whoever writes. A later revision that copies ``ticket`` drops the triggers with it: it
has to make them again. Elsewhere, and where SQLite was built without it, tickets are searched row by row.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"

_COLUMNS = ("device_id", "fault", "explanation", "resolution")
_OLD = ", ".join(f"old.{name}" for name in _COLUMNS)
_NEW = ", ".join(f"new.{name}" for name in _COLUMNS)
_NAMES = ", ".join(_COLUMNS)
_FORGET = f"INSERT INTO ticket_words(ticket_words, rowid, {_NAMES}) VALUES ('delete', old.id, {_OLD});"  # noqa: S608 - the names above
_LEARN = f"INSERT INTO ticket_words(rowid, {_NAMES}) VALUES (new.id, {_NEW});"  # noqa: S608 - the names above
_WORDS = (
    f"CREATE VIRTUAL TABLE ticket_words USING fts5({_NAMES}, content='ticket', content_rowid='id', tokenize='trigram')",
    f"CREATE TRIGGER ticket_words_added AFTER INSERT ON ticket BEGIN {_LEARN} END",
    f"CREATE TRIGGER ticket_words_changed AFTER UPDATE OF {_NAMES} ON ticket BEGIN {_FORGET} {_LEARN} END",
    f"CREATE TRIGGER ticket_words_gone AFTER DELETE ON ticket BEGIN {_FORGET} END",
    "INSERT INTO ticket_words(ticket_words) VALUES ('rebuild')",
)
_TRIGRAMS_SINCE = (3, 34)


def upgrade() -> None:
    """Add the indexes, then the words."""
    op.create_index("ix_device_figures", "device", ["online", "has_clock", "missed"])
    op.drop_index("ix_ticket_state", "ticket")  # the next one begins with it
    op.create_index("ix_ticket_state_changed", "ticket", ["state", "changed_at"])
    op.create_index("ix_outcome_record", "outcome", ["product", "fault", "remedy", "outcome"])
    op.create_index("ix_message_state", "message", ["state"])
    op.create_index("ix_rating_score", "rating", ["score"])
    op.create_index("ix_rating_at_score", "rating", ["at", "score"])
    if _has_trigrams(op.get_bind()):
        for statement in _WORDS:
            op.execute(statement)


def _has_trigrams(connection: sa.Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    options = connection.exec_driver_sql("PRAGMA compile_options").scalars().all()
    version = connection.dialect.server_version_info
    return "ENABLE_FTS5" in options and version is not None and version >= _TRIGRAMS_SINCE
