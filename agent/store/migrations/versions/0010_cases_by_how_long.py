"""Cases are counted by how long they had shown their signs (shell): what was known counts at every age, as it did."""

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"

_COPY = sa.text(
    "INSERT INTO sign_count (product, fault, signature, seen, followed) "
    "SELECT product, fault, signature || :age, seen, followed FROM sign_count "
    "WHERE signature != '' AND signature NOT LIKE '% for % h'"
)


def upgrade() -> None:
    """Go on to this revision."""
    for hours in (1, 4, 12):
        op.get_bind().execute(_COPY, {"age": f" for {hours} h"})
