"""What a device showed when it was judged, in few words (pure): what experience is counted over.

Signs are made of a playbook's own names only. Whatever a device makes up (an unknown event code, an unknown metric) is
in none of them, so it can neither grow the tables nor reach a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.diagnose.evidence import Evidence, codes_heard, readings
from agent.diagnose.playbook import Playbook

TELLING_Z: Final = 2.0
"""Standard deviations from which a metric is far from its usual; less any metric does in an ordinary hour."""
MOST_MOVES: Final = 5
"""Metrics in a signature, the strongest first. With two, unlike cases look alike; see ``docs/diagnosis.md``."""
PLAIN_Z: Final = 5.0
"""From here on a metric is plainly off; the short run never tells more than six."""
NOTHING: Final = "nothing"
SILENT: Final = "silent"
PLAINLY: Final = "plainly"
"""Something is plainly off: what passes on a mild evening shows the same metrics and never as far."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What was known about a device when it had to be judged.

    ``last`` is the sign that counts most: an event code, or the metric that moved most. ``recent`` are all that count,
    that one among them. ``hour`` is the hour of the day, 0..23. ``age_days`` has, for a fault, days since the part
    behind it was new (missing: not known); ``leaning`` the chance 0..1 its playbook gave it (missing: none).
    """

    last: str
    recent: frozenset[str]
    hour: int
    age_days: Mapping[str, float] = field(default_factory=dict)
    leaning: Mapping[str, float] = field(default_factory=dict)

    @property
    def together(self) -> str:
        """The signs as one signature, whatever their order."""
        return "+".join(sorted(self.recent))


def signs_of(evidence: Evidence, playbook: Playbook, hour: int, most: int = MOST_MOVES) -> Signs:
    """Return the signs in a device's evidence: its strongest moves, the codes its playbook knows, and silence."""
    known = {metric.name for metric in playbook.metrics if not metric.context}
    moved = [reading for name, reading in readings(evidence).items() if name in known and abs(reading.z) >= TELLING_Z]
    moved.sort(key=lambda reading: (-abs(reading.z), reading.metric))
    codes = codes_heard(evidence) & {code for fault in playbook.faults for code in fault.codes}
    signs = [f"{reading.metric} {'up' if reading.z > 0 else 'down'}" for reading in moved[:most]]
    signs += sorted(codes)
    if evidence.view.silent_since is not None:
        signs.append(SILENT)
    signs = signs or [NOTHING]
    if moved and abs(moved[0].z) >= PLAIN_Z:
        signs.append(PLAINLY)
    return Signs(last=signs[0], recent=frozenset(signs), hour=hour)
