"""Commands for devices that do not know them again, which must never leave twice (shell)."""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Go on to this revision."""
    op.add_column("command", sa.Column("only_once", sa.Boolean(), nullable=False, server_default=sa.false()))
