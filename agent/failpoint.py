"""Points where a test may end the process (shell): nothing happens unless ``AMENDS_FAILPOINT`` names one.

``AMENDS_FAILPOINT=command.marked_sent:exit`` ends the process at that point the way a power cut would: no
clean-up, no flush. It is read here and not through the settings, because it is no setting of the product.
"""

import os
from enum import StrEnum

EXIT_CODE = 86  # unlike any code a program ends with by itself


class Failpoint(StrEnum):
    """The points where a crash would tell."""

    MIGRATION_WRITTEN = "migration.written"  # every change made, none committed
    COMMAND_RECORDED = "command.recorded"  # committed as queued
    COMMAND_MARKED_SENT = "command.marked_sent"  # committed as sent, not yet published
    COMMAND_PUBLISHED = "command.published"  # the broker has it
    HISTORY_PARTS_WRITTEN = "history.parts_written"  # every file in place, the cursor not moved
    HISTORY_COMMITTED = "history.committed"  # the cursor moved
    HISTORY_MERGED = "history.merged"  # the merged file in place beside those it replaces


def reach(point: Failpoint) -> None:
    """End the process here when a test asked for it; otherwise do nothing."""
    if os.environ.get("AMENDS_FAILPOINT") == f"{point}:exit":
        os._exit(EXIT_CODE)
