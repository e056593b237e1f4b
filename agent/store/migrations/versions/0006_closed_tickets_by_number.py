"""An index that lists the tickets of one state by number again: what is closed is too much to sort (shell)."""

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Add the index that revision 0002 took away."""
    op.create_index("ix_ticket_state", "ticket", ["state"], if_not_exists=True)
