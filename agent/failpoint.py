"""Points where a test may end the process, or hold it up (shell): nothing happens unless ``AMENDS_FAILPOINT`` says so.

``AMENDS_FAILPOINT=command.marked_sent:exit`` ends the process at that point the way a power cut would: no
clean-up, no flush; ``:exit@37`` does so when it comes there for the 37th time. ``journal.writing:sleep=0.2`` makes
each passage take so many seconds. It is read here and not through the settings: it is no setting of the product.
"""

import os
import time
from enum import StrEnum
from itertools import count
from typing import Final

EXIT_CODE = 86  # unlike any code a program ends with by itself


class Failpoint(StrEnum):
    """The points where a crash would tell."""

    MIGRATION_WRITTEN = "migration.written"  # every change made, none committed
    INTAKE_WARMING = "intake.warming"  # compiling what is not compiled yet; nobody listens so far
    JOURNAL_WRITING = "journal.writing"  # a batch is about to be written
    JOURNAL_APPENDED = "journal.appended"  # a batch is durable, not yet acknowledged
    COMMAND_RECORDED = "command.recorded"  # committed as queued
    COMMAND_MARKED_SENT = "command.marked_sent"  # committed as sent, not yet published
    COMMAND_PUBLISHED = "command.published"  # the broker has it
    HISTORY_PARTS_WRITTEN = "history.parts_written"  # every file in place, the cursor not moved
    HISTORY_COMMITTED = "history.committed"  # the cursor moved
    HISTORY_MERGED = "history.merged"  # the merged file in place beside those it replaces


_PASSED: Final = count(1)  # one point can be named at a time, so one count is enough


def reach(point: Failpoint) -> None:
    """End or hold up the process here when a test asked for it; otherwise do nothing."""
    asked = os.environ.get("AMENDS_FAILPOINT")
    if asked is None:
        return
    name, _, act = asked.partition(":")
    if name != point:
        return
    if act.startswith("sleep="):
        time.sleep(float(act.removeprefix("sleep=")))
    elif act.startswith("exit") and next(_PASSED) >= int(act.removeprefix("exit").removeprefix("@") or 1):
        os._exit(EXIT_CODE)
