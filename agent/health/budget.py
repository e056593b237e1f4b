"""How often a device may ask to be looked at (state): a threshold that rises with every alarm and falls with time."""

from dataclasses import dataclass
from typing import Final

_FIRST, _LEAST, _MOST = 4.0, 2.5, 8.0  # onsets
_ALARMS_A_DAY: Final = 1.0
_STEP: Final = 0.25
_LONGEST_GAP_S: Final = 3_600.0  # a longer one does not make the next alarm any cheaper
_DAY_S: Final = 86_400.0


@dataclass(slots=True)
class Budget:
    """One device's alarm budget: ``theta`` is the onset an alarm needs, ``run`` the samples in a row that reach it."""

    theta: float = _FIRST
    run: int = 0

    def allows(self, onset: float, passed_s: float) -> bool:
        """Tell whether a sample raises an alarm; ``passed_s`` is the time since the one before.

        Two samples in a row have to ask for it: one noisy one is none.
        """
        self.run = self.run + 1 if onset >= self.theta else 0
        alarm = self.run == 2  # noqa: PLR2004 - the second in a row
        passed_days = min(max(passed_s, 0.0), _LONGEST_GAP_S) / _DAY_S
        self.theta = min(max(self.theta + _STEP * (alarm - _ALARMS_A_DAY * passed_days), _LEAST), _MOST)
        return alarm
