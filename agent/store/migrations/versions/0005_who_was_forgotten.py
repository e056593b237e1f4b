"""Who wishes to be forgotten, and that it was done; a count of a device's that nobody ever wrote goes (shell)."""

import sqlalchemy as sa
from alembic import op

from agent.store.columns import UtcDateTime

revision: str = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Go on to this revision."""
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("devices", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("unforgotten", sa.JSON(), nullable=False),
    )
    op.create_table(
        "erasure_request",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_erasure_request_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", name="pk_erasure_request"),
    )
    op.drop_column("device", "duplicates")
