"""``python -m agent.listen.warm`` (shell): compile the way of telemetry now, so that no connection waits for it.

Where the compiled code is kept already this takes a second. Compiling holds up everything else in the process: an agent
does it before it connects, or its broker would take it for gone.
"""

from typing import Final

import numpy as np

from agent.failpoint import Failpoint, reach
from agent.health.fleet import Fleet
from agent.listen.frames import LEAST_PACKET, ROOM, find_messages
from agent.listen.pipeline import Pipeline
from agent.store.segment import Entry

_TOPIC: Final = "amends/v1/d/telemetry"
_AT_MS: Final = 1_790_000_000_000


def warm() -> None:
    """Take a few messages that go nowhere."""
    reach(Failpoint.INTAKE_WARMING)
    packet = b"\x30\x04\x00\x01t\x00"
    find_messages(packet, 0, _AT_MS, np.empty(ROOM * len(packet), np.uint8), np.empty(LEAST_PACKET, np.uint16))
    pipeline = Pipeline(Fleet())
    for seq in range(2):
        said = f'{{"v":1,"boot":"b","seq":{seq},"ts":{_AT_MS + seq},"m":{{"m":1.5}}}}'
        pipeline.take([Entry(seq, _AT_MS + seq, _TOPIC, said.encode())])


if __name__ == "__main__":
    warm()
