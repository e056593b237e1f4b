"""What is remembered of every device and of the fleet (state).

Structure of arrays: one row a device in each array, so that a batch is one compiled loop and a snapshot one copy. What
belongs to one metric of one device is a cell of float32 numbers whose places are named here; the cells of eight metrics
are interleaved.
``bytes_per_device`` says what it all takes; 15.9 kB at 20 metrics.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.health.relation import RIDGE, pairs

FORECASTERS = 6
HOURS = 24
INTERVALS = 8
VIEWS = 3
"""A metric is looked at as its value, as the residual of its forecast, and as that residual smoothed."""
LANES = 8
"""Metrics that lie beside each other, so that one instruction works on all of them."""
NEXT = np.uint64(LANES)
"""From one place of a cell to the next. Places are unsigned: a sign would be checked at every use."""


def _place(number: int) -> np.uint64:
    return np.uint64(number * LANES)


# Places in a cell. A block of cells holds the first place of eight metrics, then their second place, and so on.
LEARNED = _place(0)  # samples of the metric learned; 0 until it is first measured
MEASURE = _place(1)  # 1 once a value other than 0 and 1 was seen; until then the metric is a switch
LAST = _place(2)
FAST = _place(3)  # average of the last eight samples or so
BASE = _place(4)  # what the hour's profile said at the last sample
WOBBLE = _place(5)  # variance of the forecast residual
SMOOTH = _place(6)  # standardised residual, smoothed; as is
SOFT = _place(7)  # the same with its extremes softened
WEAR = _place(8)  # deviation from what was expected in units of the fleet's spread, smoothed
SHORT = _place(9)  # standardised deviation from what was expected, clipped, over the last few samples
STRAY = _place(10)  # mean square of SHORT on ordinary days
ORDINARY = _place(11)  # samples taken for ordinary
RATE = _place(12)  # how often SHORT strays far,
EXCESS = _place(13)  # how much further then,
EXCESS_SQUARE = _place(14)  # and the mean square of that
SPREAD = _place(15)  # mean square of views 1 and 2
ERROR = _place(15 + VIEWS - 1)  # mean square error of each forecaster, in hundredths of the metric's range
PROFILE = _place(15 + VIEWS - 1 + FORECASTERS)  # average by hour of the day, NaN until known
HABIT = PROFILE + _place(HOURS)  # the same, learned with one ear while the device is off
PARTS = HABIT + _place(HOURS)  # intervals in use, by view
SEEN = PARTS + _place(VIEWS)  # by view: lower ends, +inf where unused, then upper ends, -inf where unused
ENDS = _place(INTERVALS)
"""From the lower ends of a view's intervals to their upper ends."""
BLOCK = int(SEEN) + VIEWS * 2 * INTERVALS * LANES
"""Numbers of the cells of eight metrics."""

# Rows of what is usual in a regime, a number a metric; those of the last block may stand for none.
CENTRE = 0  # level, NaN until measured
VARIANCE = 1  # about it
LEFT = 2  # share of the variance that level and habit leave over
CROSS = 3  # mean product of deviation and habit, and …
POWER = 4  # … mean square of the habit, both in variances: together how much of it to believe
TAUGHT = 5  # samples behind these
USUAL_ROWS = 6

# Places in a device's mood.
DOUBT = 0  # odd samples lately
WAS_ODD = 1  # 1: the last sample was odd
TOGETHER = 2  # how far all metrics stray together: mean,
TOGETHER_SQUARE = 3  # mean square,
TOGETHER_RATE = 4  # how often far,
TOGETHER_EXCESS = 5  # how much further then,
TOGETHER_EXCESS_SQUARE = 6  # and the mean square of that
ACCEPTED = 7  # samples behind these
RUN_PEAK = 8  # how far the furthest metric strayed in this run of odd samples, 0: there is none
RUN_METRIC = 9  # and which it was
WORN_PEAK = 10  # the highest drift since it began to wear, 0: it does not
MOOD = 11
FIRST_STRAY = 1 / 7
"""Mean square of SHORT when its neighbours are independent."""
FIRST_RATE, FIRST_EXCESS, FIRST_EXCESS_SQUARE = 0.0455, 0.373, 0.254
"""A Gaussian's tail beyond two standard deviations."""
FIRST_POWER = 0.5
FIRST_WANDER = 0.0625
"""Squared, in standard deviations: a quarter, until the fleet has shown its own."""

LEAST_WANDER = 0.015625
"""Squared, in standard deviations: an eighth. Less is beneath notice, however regular the fleet."""

Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Counts = NDArray[np.int32]


_FIRST = {STRAY: FIRST_STRAY, RATE: FIRST_RATE, EXCESS: FIRST_EXCESS, EXCESS_SQUARE: FIRST_EXCESS_SQUARE}


class Memory(NamedTuple):
    """One row a device; ``m`` metrics, ``r`` regimes."""

    seen: Counts
    """Samples learned."""
    last_s: Times
    """Time of the last sample, −inf before the first."""
    interval_s: Floats
    """Usual time between samples, 0 while unknown."""
    bar: Floats
    """What an onset must beat while the bar holds."""
    bar_age: Counts
    theta: Floats
    """Onset from which an alarm fits the budget."""
    alarm_s: Times
    trouble_s: Times
    """Since when it has been off, ∞ while it is not."""
    worn_s: Times
    """Since when it has been wearing, ∞ while it is not."""
    mood: Floats
    """MOOD: how the device as a whole has been."""
    learned: Floats
    """r: samples learned in each regime."""
    mean: Floats
    """r, m: level; NaN until the metric was measured in that regime."""
    var: Floats  # r, m
    usual: Floats
    """r, USUAL_ROWS, blocks * LANES: what is ordinary, learned with one ear while the device is off."""
    cells: Floats
    """blocks * BLOCK: the cells of the metrics, eight beside each other; those of the last block may stand for none."""
    cov: Floats
    """2, m (m + 1) / 2: second moments of the residuals and of the level deviations, packed as in ``relation``."""
    inv: Floats
    """2, m (m + 1) / 2: their regularised inverses."""


class FleetMemory(NamedTuple):
    """What the devices of one product have in common."""

    learned: Times
    """r: samples learned in each regime."""
    mean: Times  # r, m
    within: Times
    """r, m: variance of a device about its own level."""
    unlike: Times
    """r, m: squared distance of a device's level from the fleet's, over the variance within that device, on average."""
    settled: Times
    """r: devices behind ``unlike``."""
    cov: Floats  # 2, m (m + 1) / 2
    cov_count: Times  # 1
    noise: Times
    """r, m: variance of a device about what was expected of it."""
    wander: Times
    """m: square of a device's WEAR, as a rule."""
    wandered: Times
    """m: samples behind ``wander``."""


def blocks(metrics: int) -> int:
    """Return how many blocks of cells the metrics take."""
    return -(-metrics // LANES)


def triangle(metrics: int) -> int:
    """Return how many pairs of metrics there are, those of a metric with itself among them."""
    return metrics * (metrics + 1) // 2


def new_memory(devices: int, metrics: int, regimes: int) -> Memory:
    """Return the memory of devices that have not said anything yet."""

    def zeros(*shape: int) -> Floats:
        return np.zeros((devices, *shape), np.float32)

    mood = zeros(MOOD)
    mood[:, TOGETHER:ACCEPTED] = (1.0, 1.25, FIRST_RATE, FIRST_EXCESS, FIRST_EXCESS_SQUARE)
    usual = zeros(regimes, USUAL_ROWS, blocks(metrics) * LANES)
    usual[:, :, [CENTRE, LEFT, POWER]] = np.array([[np.nan], [1.0], [FIRST_POWER]])
    cells = zeros(blocks(metrics), BLOCK)
    cells[:, :, PROFILE:PARTS] = np.nan
    for place, first in _FIRST.items():
        cells[:, :, place : place + NEXT] = first
    for view in range(VIEWS):
        lower = SEEN + view * 2 * ENDS
        cells[:, :, lower : lower + ENDS] = np.inf
        cells[:, :, lower + ENDS : lower + 2 * ENDS] = -np.inf
    return Memory(
        seen=np.zeros(devices, np.int32),
        last_s=np.full(devices, -np.inf),
        interval_s=zeros(),
        bar=zeros(),
        bar_age=np.zeros(devices, np.int32),
        theta=zeros(),
        alarm_s=np.full(devices, -np.inf),
        trouble_s=np.full(devices, np.inf),
        worn_s=np.full(devices, np.inf),
        mood=mood,
        learned=zeros(regimes),
        mean=np.full((devices, regimes, metrics), np.nan, np.float32),
        var=zeros(regimes, metrics),
        usual=usual,
        cells=cells.reshape(devices, blocks(metrics) * BLOCK),
        cov=zeros(2, triangle(metrics)),
        inv=zeros(2, triangle(metrics)),
    )


def new_fleet(metrics: int, regimes: int) -> FleetMemory:
    """Return the fleet of a product nobody has seen yet."""
    return FleetMemory(
        learned=np.zeros(regimes),
        mean=np.zeros((regimes, metrics)),
        within=np.zeros((regimes, metrics)),
        unlike=np.zeros((regimes, metrics)),
        settled=np.zeros(regimes),
        cov=np.zeros((2, triangle(metrics)), np.float32),
        cov_count=np.zeros(1),
        noise=np.zeros((regimes, metrics)),
        wander=np.full(metrics, FIRST_WANDER),
        wandered=np.zeros(metrics),
    )


def with_devices(memory: Memory, devices: int) -> Memory:
    """Return the memory with room for more devices, the old ones unchanged."""
    regimes, metrics = memory.mean.shape[1:]
    more: tuple[Any, ...] = new_memory(devices - len(memory.seen), metrics, regimes)
    return Memory(*(np.concatenate(pair) for pair in zip(tuple[Any, ...](memory), more, strict=True)))


def first_rows(memory: Memory, devices: int) -> Memory:
    """Return the memory of the first devices; the arrays are the same ones."""
    return Memory(*(rows[:devices] for rows in tuple[Any, ...](memory)))


def widened(memory: Memory, metrics: int, regimes: int) -> Memory:
    """Return the memory with room for more metrics and regimes: those that are new know nothing yet."""
    new = new_memory(len(memory.seen), metrics, regimes)
    old_regimes, old_metrics = memory.mean.shape[1:]
    new.learned[:, :old_regimes] = memory.learned
    new.mean[:, :old_regimes, :old_metrics] = memory.mean
    new.var[:, :old_regimes, :old_metrics] = memory.var
    new.usual[:, :old_regimes, :, : memory.usual.shape[3]] = memory.usual
    new.cells[:, : memory.cells.shape[1]] = memory.cells
    places = pairs_within(old_metrics, metrics)
    for moments, known, alone in ((new.cov, memory.cov, 1.0), (new.inv, memory.inv, 1.0 / (1.0 + RIDGE))):
        moments[:, :, old_metrics:metrics] = alone
        moments[:, :, places] = known
    one_a_device = ("seen", "last_s", "interval_s", "bar", "bar_age", "theta", "alarm_s", "trouble_s", "worn_s", "mood")
    return new._replace(**{name: getattr(memory, name) for name in one_a_device})


def widened_fleet(fleet: FleetMemory, metrics: int, regimes: int) -> FleetMemory:
    """Return what the devices have in common, with room for more metrics and regimes."""
    new = new_fleet(metrics, regimes)
    old_regimes, old_metrics = fleet.mean.shape
    for one, known in ((new.learned, fleet.learned), (new.settled, fleet.settled)):
        one[:old_regimes] = known
    by_regime = (
        (new.mean, fleet.mean),
        (new.within, fleet.within),
        (new.unlike, fleet.unlike),
        (new.noise, fleet.noise),
    )
    for one, known in by_regime:
        one[:old_regimes, :old_metrics] = known
    new.wander[:old_metrics] = fleet.wander
    new.wandered[:old_metrics] = fleet.wandered
    new.cov[:, old_metrics:metrics] = 1.0
    new.cov[:, pairs_within(old_metrics, metrics)] = fleet.cov
    return new._replace(cov_count=fleet.cov_count)


def pairs_within(few: int, many: int) -> NDArray[np.intp]:
    """Return the places that the pairs of few metrics take among the pairs of many."""
    place = {pair: number for number, pair in enumerate(pairs(many))}
    return np.array([place[pair] for pair in pairs(few)], np.intp)


def wear_of(memory: Memory, device: int) -> Floats:
    """Return the wear of a device's metrics, ``(blocks, LANES)``, in place; those of the last may stand for none."""
    cells: Floats = memory.cells[device].reshape(-1, BLOCK)[:, WEAR : WEAR + NEXT]
    return cells


def bytes_per_device(metrics: int, regimes: int = 1) -> int:
    """Return how much memory a device takes."""
    arrays: list[NDArray[Any]] = list(new_memory(1, metrics, regimes))
    return sum(array.nbytes for array in arrays)
