"""When a device's scores become a finding (state): once it is plain that it does not pass, then ever more seldom.

Most of what is odd for a moment is over in a few minutes: a machine warms up an hour earlier than ever, somebody opens
a door. It jumps and fades; a fault grows or stays. So it takes some odd samples in a row, none of them odder than the
newest, or a long illness, whichever way it goes; and the newest must reach the device's bar. What jumps and sags a
little waits for the long illness: to let it count as staying added false findings and found nothing sooner.

At most one finding a device in ten minutes, whatever the scores; and a device whose ordinary days look odd now and then
has to look odder to be one: its bar rises with every finding and falls with the days between.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

from agent.health.findings import FindingKind
from agent.health.verdict import ILL_FROM, WELL_BELOW, Verdict

_PAUSE_S: Final = 600.0
ODD_FROM: Final = WELL_BELOW  # a state
_GROWN_AFTER: Final = 4  # odd samples in a row; what passes has begun to fade by then
_ILL_SAMPLES: Final = 10  # so long must it be ill before that is a finding, whichever way it goes
_AGAIN_S: Final = 600.0  # after the first of an illness, then twice as long each time, at most a day
_LONGEST_S: Final = 86_400.0
_FIRST_BAR, _HIGHEST_BAR, _BAR_STEP = 4.0, 8.0, 0.5  # a state
_NEW_FINDINGS_A_DAY: Final = 0.25  # what an ordinary device may cost
DRIFT_FROM: Final = 1.0  # multiples of the fleet's threshold
DRIFT_BELOW: Final = 0.7  # where wear has clearly gone
WORN_AFTER_S: Final = 21_600.0  # so long must wear have stood: it is slow, and a busy afternoon is none
_DRIFT_GROWN: Final = 2.5  # times what was said last: too little to name then, it may be enough now


@dataclass(slots=True)
class Raising:
    """What was raised about one device. ``again_s`` is 0 while it is not ill; ``drifted`` is the drift said last.

    ``odd_run`` counts the odd samples in a row, the oddest of which had the state ``oddest``; ``bar`` is the state that
    makes a finding; ``seen_s`` is the last sample, ``None`` before there was one. ``worn_s`` is since when wear stands,
    ``None``: it does not.
    """

    last_s: float = -inf
    again_s: float = 0.0
    drifting: bool = False
    odd_run: int = 0
    oddest: float = 0.0
    bar: float = _FIRST_BAR
    seen_s: float | None = None
    drifted: float = 0.0
    worn_s: float | None = None

    @property
    def stirs(self) -> bool:
        """Whether anything is going on that the next sample may end."""
        return bool(self.odd_run or self.again_s or self.drifting or self.worn_s is not None)

    def take(self, *, state: float, drift: float, verdict: Verdict, at_s: float) -> FindingKind | None:
        """Say what finding a sample makes; ``None``: none."""
        self._lower_bar(at_s)
        if not verdict.ill:
            self.again_s = 0.0
        self._follow_wear(drift, at_s)
        grows = self._follow_odd(state)
        if at_s - self.last_s < _PAUSE_S:
            return None
        if self._is_onset(state, verdict, at_s, grows=grows):
            self.last_s = at_s
            return FindingKind.ONSET
        if self._is_wear(drift, at_s):
            self.drifting, self.drifted, self.last_s = True, drift, at_s
            return FindingKind.DRIFT
        return None

    def interrupt(self) -> None:
        """Begin the row of odd samples anew."""
        self.odd_run, self.oddest = 0, 0.0

    def end_wear(self) -> None:
        """Forget that wear stood: it was dealt with."""
        self.drifting, self.drifted, self.worn_s = False, 0.0, None

    def _follow_odd(self, state: float) -> bool:
        """Follow the run of odd samples; tell whether it is long enough, and none before it was odder."""
        if state < ODD_FROM:
            self.interrupt()
            return False
        self.odd_run += 1
        oddest, self.oddest = self.oddest, max(self.oddest, state)
        return self.odd_run >= _GROWN_AFTER and state >= oddest

    def _follow_wear(self, drift: float, at_s: float) -> None:
        """Note since when wear stands: from its threshold on, until it has clearly gone."""
        if drift < DRIFT_BELOW:
            self.drifting, self.worn_s = False, None
        elif drift >= DRIFT_FROM and self.worn_s is None:
            self.worn_s = at_s

    def _is_wear(self, drift: float, at_s: float) -> bool:
        """Tell whether wear has stood long enough to be said, and was not said or has grown since."""
        stands = self.worn_s is not None and drift >= DRIFT_FROM and at_s - self.worn_s >= WORN_AFTER_S
        return stands and (not self.drifting or drift >= _DRIFT_GROWN * self.drifted)

    def _is_onset(self, state: float, verdict: Verdict, at_s: float, *, grows: bool) -> bool:
        """Tell whether a sample is worth saying: something that grew to the bar, or an illness that goes on."""
        if self.again_s:
            if at_s - self.last_s < self.again_s:
                return False
            self.again_s = min(2.0 * self.again_s, _LONGEST_S)
            return True
        long_ill = verdict.ill and verdict.ill_samples >= _ILL_SAMPLES
        if state < self.bar or not (grows or long_ill):
            return False
        if verdict.ill:
            self.again_s = _AGAIN_S
        self.bar = min(self.bar + _BAR_STEP, _HIGHEST_BAR)
        return True

    def _lower_bar(self, at_s: float) -> None:
        if self.seen_s is not None:
            passed_days = min(max(at_s - self.seen_s, 0.0), _LONGEST_S) / _LONGEST_S
            self.bar = max(self.bar - _BAR_STEP * passed_days * _NEW_FINDINGS_A_DAY, ILL_FROM)
        self.seen_s = at_s
