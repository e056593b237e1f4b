"""Tickets of erased owners are judged no more (shell).

An erasure closed them and let the times of a verification stand, so the remedy counted as at work for ever: no other
device came after it in its canary, or as the next trial of its breaker. However else a ticket is closed, none are left.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"

_OVER = sa.text(
    "UPDATE ticket SET verify_from = NULL, verify_by = NULL WHERE state = 'closed' AND verify_by IS NOT NULL"
)


def upgrade() -> None:
    """Go on to this revision."""
    op.get_bind().execute(_OVER)
