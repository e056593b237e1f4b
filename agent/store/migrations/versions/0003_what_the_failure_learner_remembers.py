"""What the failure learner remembers: impressions, counts, promises, notices (shell)."""

import sqlalchemy as sa
from alembic import op

from agent.store.columns import UtcDateTime

revision: str = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Go on to this revision."""
    op.create_table(
        "impression",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("firmware", sa.String(), nullable=False),
        sa.Column("playbook_version", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("chances", sa.JSON(), nullable=False),
        sa.Column("drift", sa.Float(), nullable=False),
        sa.Column("leader", sa.String(), nullable=True),
        sa.Column("led_since", UtcDateTime(), nullable=True),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed", sa.String(), nullable=True),
        sa.Column("ruled_out", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("learned_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("over_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_impression_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_impression"),
    )
    op.create_index("ix_impression_product", "impression", ["product"])
    op.create_table(
        "sign_count",
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("followed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("product", "fault", "signature", name="pk_sign_count"),
    )
    op.create_table(
        "learner",
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("product", name="pk_learner"),
    )
    op.create_table(
        "promise",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("early_at", UtcDateTime(), nullable=False),
        sa.Column("late_at", UtcDateTime(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("alike", sa.Integer(), nullable=False),
        sa.Column("within", sa.Integer(), nullable=False),
        sa.Column("ending", sa.String(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("off_days", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_promise_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_promise"),
    )
    op.create_index("ix_promise_ending", "promise", ["ending"])
    op.create_index("ix_promise_product", "promise", ["product"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("firmware", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("watched", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("product", "firmware", "metric", name="uq_notice_product_firmware_metric"),
    )
    op.create_index("ix_notice_at", "notice", ["at"])
