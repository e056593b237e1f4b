"""What is known about one device's health besides its model (state): its newest scores, verdict and habits."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isnan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.health.findings import Because, HealthView, Worn
from agent.health.interface import Lasting
from agent.health.raising import Raising
from agent.health.recent import Ring
from agent.health.silence import Habit
from agent.health.stays import Stay
from agent.health.verdict import Verdict

OUTLIVED_S: Final = 1_800.0
"""How long after a gap, without another, what a device says counts as whole again."""
_MINUTE_S: Final = 60.0
_LEAST_SHARE: Final = 0.03
_MOST_BECAUSE: Final = 6

Row = NDArray[np.float32]


def _no_row() -> Row:
    return np.empty(0, np.float32)


@dataclass(slots=True)
class DeviceHealth:
    """One device. ``place`` is its row in its product's model, ``slot`` its entry in the fleet's columns.

    Instants are in Unix seconds. ``newest_s`` is that of the newest sample fed to the model, ``gap_s`` of the newest
    gap, −inf before there was one. ``incomplete_s`` is ``None`` while no gap is to be outlived.
    """

    device_id: str
    product: str
    place: int
    ring: Ring
    slot: int = -1
    context: tuple[str, ...] = ()
    learn: bool = True
    newest_s: float = float("-inf")
    gap_s: float = float("-inf")
    incomplete_s: float | None = None
    state: float = 0.0
    drift: float = 0.0
    warming: bool = True
    verdict: Verdict = field(default_factory=Verdict)
    raising: Raising = field(default_factory=Raising)
    habit: Habit = field(default_factory=Habit)
    values: Row = field(default_factory=_no_row)
    z: Row = field(default_factory=_no_row)
    usual: Row = field(default_factory=_no_row)
    because: Row = field(default_factory=_no_row)

    def gap(self, at_s: float) -> None:
        """Take note that something was missed."""
        self.gap_s = at_s
        if self.incomplete_s is None:
            self.incomplete_s = at_s
        self.verdict.interrupt()
        self.raising.interrupt()

    def scored(self, *, state: float, drift: float, warming: bool, at_s: float, arrived_s: float) -> None:
        """Take the scores of one sample."""
        self.state, self.drift, self.warming = state, drift, warming
        if warming:
            self.verdict.interrupt()
        else:
            self.verdict.take(state, at_s)
        if self.incomplete_s is not None and arrived_s - self.gap_s > OUTLIVED_S:
            self.incomplete_s = None

    def begin_anew(self) -> None:
        """Forget what an older kind of model said: the new one knows nothing yet."""
        self.state = self.drift = 0.0
        self.warming = True
        self.verdict, self.raising = Verdict(), Raising()
        self.z, self.usual = (np.full_like(row, np.nan) for row in (self.z, self.usual))
        self.because = np.zeros_like(self.because)

    def quiet_minutes(self, now_s: float) -> float:
        """Return how long it has been silent, 0 when it is not."""
        return 0.0 if self.habit.since_s is None else (now_s - self.habit.since_s) / _MINUTE_S

    def reasons(self, metrics: tuple[str, ...], *, every: bool) -> tuple[Because, ...]:
        """Return the metrics of the newest sample, largest share first; unless ``every``, those that matter."""
        shares = np.abs(self.because)
        order = np.argsort(-shares, kind="stable").tolist()
        if not every:
            order = [place for place in order if shares[place] >= _LEAST_SHARE][:_MOST_BECAUSE]
        return tuple(
            Because(
                metric=metrics[place],
                share=float(shares[place]),
                z=_known(self.z[place]),
                value=_known(self.values[place]),
                usual=_known(self.usual[place]),
            )
            for place in order
        )

    def view(self, metrics: tuple[str, ...], lasting: Lasting, lately: Row, stays: tuple[Stay, ...]) -> HealthView:
        """Return what is known now, as others read it; ``lately`` has the mean of the newest samples, a metric each."""
        return HealthView(
            device_id=self.device_id,
            state=self.state,
            drift=self.drift,
            warming=self.warming,
            normal_since=_instant_or_none(self.verdict.normal_since_s),
            sample_at=None if self.newest_s == float("-inf") else instant(self.newest_s),
            silent_since=_instant_or_none(self.habit.since_s),
            incomplete_since=_instant_or_none(self.incomplete_s),
            now=self.reasons(metrics, every=True),
            worn=self._worn(metrics, lasting, lately),
            patience_s=self.habit.longest_s,
            stays=stays,
        )

    def _worn(self, metrics: tuple[str, ...], lasting: Lasting, lately: Row) -> tuple[Worn, ...]:
        rows = zip(metrics, lasting.z, lasting.shift, self.usual, lately, strict=False)
        return tuple(
            Worn(metric, float(z), float(shift), _known(usual), _known(newest))
            for metric, z, shift, usual, newest in rows
            if not isnan(z)
        )


def instant(at_s: float) -> datetime:
    """Return Unix seconds as an instant in UTC."""
    return datetime.fromtimestamp(at_s, UTC)


def _instant_or_none(at_s: float | None) -> datetime | None:
    return None if at_s is None else instant(at_s)


def _known(value: np.float32) -> float | None:
    return None if isnan(value) else float(value)
