"""What slow wear has moved, and whether it is back (pure)."""

from dataclasses import dataclass, replace

from agent.health.findings import HealthView, Worn


@dataclass(frozen=True, slots=True)
class Gone:
    """A metric that has slowly gone ``shift`` from ``usual``, which was expected then; both in its unit."""

    metric: str
    shift: float
    usual: float


def is_off(gone: Gone, view: HealthView) -> bool | None:
    """Tell whether a metric is still where slow wear took it; ``None``: it rests or is not measured: nobody knows."""
    worn = _worn(gone, view)
    if worn is None or worn.lately is None or _rests(gone, worn):
        return None
    return replace(worn, shift=gone.shift).stands


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
