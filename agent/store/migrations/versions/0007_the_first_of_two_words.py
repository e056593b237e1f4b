"""What takes two people waits for the second; the newest commands are found without sorting all of them (shell)."""

import sqlalchemy as sa
from alembic import op

from agent.store.columns import UtcDateTime

revision: str = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Go on to this revision."""
    op.create_table(
        "agreement",
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("matter", name="pk_agreement"),
    )
    op.create_index("ix_command_created_at", "command", ["created_at"])
