"""Wide columns for numbers that devices choose, and for counts that never stop growing (shell).

On PostgreSQL they were 32 bits wide: one device that skipped more sequence numbers than that, or as many messages in
the journal, and no ticket was worked any more. SQLite keeps every number in as many bytes as it needs.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"

_WIDE = (("device", "missed"), ("quarantine", "count"), ("cursor", "offset"), ("erasure", "samples"))


def upgrade() -> None:
    """Go on to this revision."""
    if op.get_context().dialect.name == "sqlite":
        return
    for table, column in _WIDE:
        op.alter_column(table, column, existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
