"""Indexes for what is asked of tickets with every finding and at every turn (shell).

SQLite took the index of states for a device's closed tickets, and so read every closed ticket there is; and every
ticket that people have was read at each turn for the few on which a remedy is still judged.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"

_UNDER_TREATMENT = sa.text("(state IN ('fixing', 'verifying') OR verify_by IS NOT NULL)")


def upgrade() -> None:
    """Go on to this revision."""
    op.create_index("ix_ticket_device_fault", "ticket", ["device_id", "fault"])
    op.create_index(
        "ix_ticket_under_treatment",
        "ticket",
        ["product"],
        sqlite_where=_UNDER_TREATMENT,
        postgresql_where=_UNDER_TREATMENT,
    )
