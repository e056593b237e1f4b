"""The words of tickets (shell): which tickets mention a text, without reading them all.

On SQLite revision 0002 keeps a full-text table beside the tickets, by groups of three letters. A database without it is
searched row by row: see ``agent.store.queue``.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Text, bindparam, text
from sqlmodel import Session

NAME: Final = "ticket_words"
TABLES: Final = frozenset({NAME, *(f"{NAME}_{part}" for part in ("config", "data", "docsize", "idx"))})
"""The full-text table and what SQLite keeps for it; no table of the code."""
SHORTEST: Final = 3
"""Characters of the shortest text the table can find."""

# CROSS JOIN keeps SQLite from reading every ticket of a state where few mention the text: words first, newest first.
_FOUND: Final = """
    SELECT ticket_words.rowid FROM ticket_words CROSS JOIN ticket ON ticket.id = ticket_words.rowid
    WHERE ticket_words MATCH :words AND ticket_words.rowid < :before {in_states}
    ORDER BY ticket_words.rowid DESC LIMIT :most
"""
_IN_STATES: Final = "AND ticket.state IN :states"
_NO_TICKET: Final = 2**63 - 1


def has_words(session: Session) -> bool:
    """Tell whether this database keeps the words of tickets."""
    return are_kept(session.connection())


def are_kept(connection: Connection) -> bool:
    """Tell the same of the database at the other end of a connection: some builds of SQLite cannot."""
    if connection.dialect.name != "sqlite":
        return False
    query = text("SELECT 1 FROM sqlite_master WHERE name = 'ticket_words'")
    return connection.execute(query).first() is not None


def tickets_mentioning(
    session: Session, words: str, states: Sequence[str], *, after: int | None, limit: int
) -> tuple[int, ...]:
    """Return the tickets that mention a text of ``SHORTEST`` characters or more, newest first, below ``after``.

    Upper and lower case are the same. The name of a fault is found with blanks for its underscores. Empty ``states``:
    any. The database must have words.
    """
    fault = words.replace(" ", "_")
    wanted = f"{_quoted(words)} OR fault : {_quoted(fault)}"
    values: dict[str, object] = {"words": wanted, "before": _NO_TICKET if after is None else after, "most": limit}
    query = text(_FOUND.format(in_states=_IN_STATES if states else "")).bindparams(bindparam("words", type_=Text))
    if states:
        query = query.bindparams(bindparam("states", expanding=True))
        values["states"] = list(states)
    return tuple(session.connection().execute(query, values).scalars())


def _quoted(words: str) -> str:
    """Return a text as one string of SQLite's query language, whatever is in it."""
    return '"' + words.replace('"', '""').replace("\0", "") + '"'
