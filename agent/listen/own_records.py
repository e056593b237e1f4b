"""What the agent itself writes into the journal (pure): the time that passes, and marks on devices.

Whatever changes the models comes from the journal, so that a replay ends in the same state. No device can send
these: no subscription of ours matches a topic that begins with ``$``.
"""

from typing import Final

from agent.health.marks import Mark
from agent.store.segment import Record

PREFIX: Final = "$agent/"
TICK: Final = f"{PREFIX}tick"


def tick(now_ms: int) -> Record:
    """Return the record that says it is ``now_ms``, in Unix milliseconds, and we are listening."""
    return Record(now_ms, TICK, b"")


def mark(now_ms: int, device_id: str, asked: Mark) -> Record:
    """Return the record from which on a mark on a device holds."""
    return Record(now_ms, f"{PREFIX}{asked}", device_id.encode())
