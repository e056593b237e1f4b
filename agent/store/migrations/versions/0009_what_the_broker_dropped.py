"""When the broker dropped messages, for charts, and its count at the last look (shell)."""

import sqlalchemy as sa
from alembic import op

from agent.store.columns import UtcDateTime

revision: str = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Go on to this revision."""
    op.create_table(
        "broker_loss",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_broker_loss_since", "broker_loss", ["since"])
    op.create_index("ix_broker_loss_until", "broker_loss", ["until"])
    op.create_table(
        "broker_count",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
