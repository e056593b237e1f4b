"""What the guards remember of the whole fleet, and what a command was decided on (shell)."""

import sqlalchemy as sa
from alembic import op

from agent.store.columns import UtcDateTime

revision: str = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Go on to this revision. Columns are added, never copied: triggers hang on ``ticket``."""
    op.add_column("ticket", sa.Column("parent_id", sa.Integer(), nullable=True))
    op.add_column("ticket", sa.Column("gathers", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_ticket_parent_id", "ticket", ["parent_id"])
    op.add_column("command", sa.Column("leave_by", UtcDateTime(), nullable=True))
    op.add_column("command", sa.Column("boot", sa.String(), nullable=False, server_default=""))
    op.add_column("command", sa.Column("before", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("command", sa.Column("earlier", sa.JSON(), nullable=True))
    op.add_column("command", sa.Column("undoes", sa.String(), nullable=True))
    op.create_index("ix_command_sent_at", "command", ["sent_at"])
    op.add_column("outcome", sa.Column("command_id", sa.String(), nullable=False, server_default=""))
    op.add_column("outcome", sa.Column("playbook", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_outcome_breaker", "outcome", ["product", "firmware", "remedy", "id"])
    op.create_table(
        "breaker",
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("firmware", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("counts_after", sa.Integer(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("product", "firmware", "remedy", name="pk_breaker"),
    )
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("firmware", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_sighting_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sighting"),
    )
    op.create_index("ix_sighting_fault_at", "sighting", ["fault", "at"])
    op.create_index("ix_sighting_ticket_id", "sighting", ["ticket_id"])
    op.create_table(
        "freeze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_freeze_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_freeze"),
        sa.UniqueConstraint("ticket_id", name="uq_freeze_ticket_id"),
    )
    op.create_index("ix_freeze_at", "freeze", ["at"])
