"""What a command was sent to, and what a remedy did when staff let the agent send it (shell).

Commands that were decided before are taken to have been for the product and firmware their device has now: nobody kept
which it was. Outcomes stay where they were booked. What staff had said of a remedy is bound to the playbook in force at
the next start (``bind_grants`` in ``agent/store/autonomy.py``): no playbook is at hand here.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"

_PRESENT = sa.text(
    "UPDATE command SET "
    "product = coalesce((SELECT device.product FROM device WHERE device.id = command.device_id), ''), "
    "firmware = coalesce((SELECT device.firmware FROM device WHERE device.id = command.device_id), '')"
)


def upgrade() -> None:
    """Go on to this revision."""
    op.add_column("command", sa.Column("product", sa.String(), nullable=False, server_default=""))
    op.add_column("command", sa.Column("firmware", sa.String(), nullable=False, server_default=""))
    op.get_bind().execute(_PRESENT)
    op.create_index("ix_outcome_command_id", "outcome", ["command_id"])
    op.add_column("autonomy", sa.Column("verb", sa.String(), nullable=True))
    op.add_column("autonomy", sa.Column("args", sa.JSON(), nullable=True))
    op.add_column("autonomy", sa.Column("reversible", sa.Boolean(), nullable=True))
