"""What slow wear has moved, and whether it is back (pure)."""

from dataclasses import dataclass, replace
from math import copysign
from typing import Final

from agent.health.findings import HealthView, Worn

_AHEAD: Final = 4.0  # times the long run's shift; measured: the newest samples are up to thirty times as far off


@dataclass(frozen=True, slots=True)
class Gone:
    """A metric that has slowly gone ``shift`` from ``usual``, which was expected then; both in its unit.

    ``lately`` is how far its newest samples were from that, on the same side (0: not known, or no further).
    """

    metric: str
    shift: float
    usual: float
    lately: float = 0.0

    @property
    def to_undo(self) -> float:
        """How far it has to come back by more than half.

        Most of a day takes hours to show what the newest samples do. Those swing, and what helps for a while takes them
        most of the way back, so they count up to four times the long run's.
        """
        return copysign(max(abs(self.shift), min(abs(self.lately), _AHEAD * abs(self.shift))), self.shift)


def gone_of(worn: Worn) -> Gone | None:
    """Return a metric that stands as what has gone; ``None``: nothing is expected of it, so nothing to go back to."""
    if worn.usual is None:
        return None
    lately = 0.0 if worn.lately is None else worn.lately - worn.usual
    return Gone(worn.metric, worn.shift, worn.usual, lately if lately * worn.shift > 0.0 else 0.0)


def is_off(gone: Gone, view: HealthView) -> bool | None:
    """Tell whether a metric is still where slow wear took it; ``None``: it rests or is not measured: nobody knows."""
    worn = _worn(gone, view)
    if worn is None or worn.lately is None or _rests(gone, worn):
        return None
    return replace(worn, shift=gone.to_undo).stands


def why_not_back(gone: Gone, view: HealthView) -> str | None:
    """Return in a sentence why a metric that slow wear had moved is not back; ``None``: it is, by more than half.

    What grew over days is no short-run trouble, before the remedy or after it: only the metric itself can prove that
    it came back. A pump at rest moves no less water than usual, so a usual near zero proves nothing where it was not.
    """
    words = gone.metric.replace("_", " ")
    match is_off(gone, view):
        case False:
            return None
        case True:
            return f"What had slowly changed did not come back: {words} is still far from its usual."
        case None if _worn(gone, view) is not None:
            return f"The device rests: nothing proves that {words} came back."
        case None:
            return f"What had slowly changed is not measured now: nothing proves that {words} came back."


def _worn(gone: Gone, view: HealthView) -> Worn | None:
    worn = next((worn for worn in view.worn if worn.metric == gone.metric), None)
    return None if worn is None or worn.lately is None or worn.usual is None else worn


def _rests(gone: Gone, worn: Worn) -> bool:
    return worn.usual is not None and abs(worn.usual) < abs(gone.shift) < abs(gone.usual) / 2
