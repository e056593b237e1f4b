"""When a device's scores become a finding (state): at once, then ever more seldom while it goes on.

At most one finding a device in ten minutes, whatever the model asks for.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

from agent.health.findings import FindingKind
from agent.health.verdict import WELL_BELOW, Verdict

_PAUSE_S: Final = 600.0
_BORNE_OUT_WITHIN: Final = 5  # samples: an alarm that the state does not follow was chance
_ILL_SAMPLES: Final = 5  # so long must it be ill before that alone is a finding
_AGAIN_S: Final = 1_800.0  # after the first of an illness, then twice as long each time, at most a day
_LONGEST_S: Final = 86_400.0
_DRIFT_ENDS_BELOW: Final = 0.7


@dataclass(slots=True)
class Raising:
    """What was raised about one device. ``again_s`` is 0 while it is not ill.

    ``asked`` counts down the samples in which an alarm of the model may still be borne out.
    """

    last_s: float = -inf
    again_s: float = 0.0
    drifting: bool = False
    asked: int = 0

    def take(self, *, alarm: bool, state: float, drift: float, verdict: Verdict, at_s: float) -> FindingKind | None:
        """Say what finding a sample makes; ``None``: none."""
        if not verdict.ill:
            self.again_s = 0.0
        if drift < _DRIFT_ENDS_BELOW:
            self.drifting = False
        self.asked = _BORNE_OUT_WITHIN if alarm else max(self.asked - 1, 0)
        if at_s - self.last_s < _PAUSE_S:
            return None
        if self._ill_again(verdict, at_s) or (self.asked and state >= WELL_BELOW):
            self.last_s, self.asked = at_s, 0
            return FindingKind.ONSET
        if drift >= 1.0 and not self.drifting:
            self.drifting, self.last_s = True, at_s
            return FindingKind.DRIFT
        return None

    def _ill_again(self, verdict: Verdict, at_s: float) -> bool:
        """Tell whether an illness is worth saying (again)."""
        if not verdict.ill or verdict.ill_samples < _ILL_SAMPLES:
            return False
        if self.again_s and at_s - self.last_s < self.again_s:
            return False
        self.again_s = min(max(2.0 * self.again_s, _AGAIN_S), _LONGEST_S)
        return True
