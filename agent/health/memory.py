"""What is remembered of every device and of the fleet (state).

Structure of arrays: one row a device in each array, so that a batch is one compiled loop and a snapshot one copy. What
belongs to one metric of one device lies together, as a cell of float32 numbers whose places are named here.
``bytes_per_device`` says what it all takes; 11.0 kB at 20 metrics.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.health.relation import RIDGE

FORECASTERS = 6
HOURS = 24
INTERVALS = 8
VIEWS = 3
"""A metric is looked at as its value, as the residual of its forecast, and as that residual smoothed."""

# Places in a cell.
LEARNED = 0  # samples of the metric learned; 0 until it is first measured
MEASURE = 1  # 1 once a value other than 0 and 1 was seen; until then the metric is a switch
LAST = 2
FAST = 3  # average of the last eight samples or so
BASE = 4  # what the hour's profile said at the last sample
WOBBLE = 5  # variance of the forecast residual
SMOOTH = 6  # standardised residual, smoothed; as is
SOFT = 7  # the same with its extremes softened
STRAY = 8  # mean square of SHORT on ordinary days
WEAR = 9  # deviation from what was expected in units of the fleet's spread, smoothed
SHORT = 10  # standardised deviation from what is usual, clipped, over the last few samples
ORDINARY = 11  # samples taken for ordinary
RATE = 12  # how often SHORT strays far, and …
EXCESS = 13  # … how much further then
EXCESS_SQUARE = 14
SPREAD = 15  # mean square of views 1 and 2
ERROR = SPREAD + VIEWS - 1  # mean square error of each forecaster, in hundredths of the metric's range
PROFILE = ERROR + FORECASTERS  # average by hour of the day, NaN until known
PARTS = PROFILE + HOURS  # intervals in use, by view
SEEN = PARTS + VIEWS  # by view: lower ends, then upper ends
CELL = SEEN + VIEWS * 2 * INTERVALS

# Places in what is usual for a metric in a regime.
CENTRE = 0  # level, NaN until measured
VARIANCE = 1  # about it
LEFT = 2  # share of the variance that level and rhythm leave over
CROSS = 3  # mean product of deviation and profile, and …
POWER = 4  # … mean square of the profile, both in variances: together how much of it to believe
TAUGHT = 5  # samples behind these
USUAL = 6

# Places in a device's mood.
DOUBT = 0  # odd samples lately
ODD = 1  # 1: the last sample was odd
TOGETHER = 2  # how far all metrics stray together: mean,
TOGETHER_SQUARE = 3  # mean square,
TOGETHER_RATE = 4  # how often far,
TOGETHER_EXCESS = 5  # and how much further then
TOGETHER_EXCESS_SQUARE = 6
ACCEPTED = 7  # samples behind these
MOOD = 8

FIRST_WANDER = 0.0625
"""Squared, in standard deviations: a quarter, until the fleet has shown its own."""

Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Counts = NDArray[np.int32]


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
    mood: Floats
    """MOOD: how the device as a whole has been."""
    learned: Floats
    """r: samples learned in each regime."""
    mean: Floats
    """r, m: level; NaN until the metric was measured in that regime."""
    var: Floats  # r, m
    usual: Floats
    """r, m, USUAL: what is ordinary, learned with one ear while the device is off."""
    cells: Floats
    """m * CELL: the cells of the metrics one after the other."""
    cov: Floats
    """2, m (m + 1) / 2: second moments of the residuals and of the level deviations, upper triangles."""
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
    """m: square of the smoothed deviation of a device from what was expected, in that variance, as a rule."""
    wandered: Times
    """m: samples behind ``wander``."""


def triangle(metrics: int) -> int:
    """Return how many numbers the upper triangle of a square matrix has."""
    return metrics * (metrics + 1) // 2


def new_memory(devices: int, metrics: int, regimes: int) -> Memory:
    """Return the memory of devices that have not said anything yet."""

    def zeros(*shape: int) -> Floats:
        return np.zeros((devices, *shape), np.float32)

    usual = zeros(regimes, metrics, USUAL)
    usual[...] = (np.nan, 0.0, 1.0, 0.0, 0.5, 0.0)
    moods = zeros(MOOD)
    moods[:, TOGETHER : TOGETHER_EXCESS_SQUARE + 1] = (1.0, 1.25, 0.0455, 0.373, 0.254)
    cells = zeros(metrics, CELL)
    cells[:, :, PROFILE : PROFILE + HOURS] = np.nan
    for view in range(VIEWS):
        upper = SEEN + view * 2 * INTERVALS + INTERVALS
        cells[:, :, upper : upper + INTERVALS] = np.inf
    return Memory(
        seen=np.zeros(devices, np.int32),
        last_s=np.full(devices, -np.inf),
        interval_s=zeros(),
        bar=zeros(),
        bar_age=np.zeros(devices, np.int32),
        theta=zeros(),
        alarm_s=np.full(devices, -np.inf),
        trouble_s=np.full(devices, np.inf),
        mood=moods,
        learned=zeros(regimes),
        mean=np.full((devices, regimes, metrics), np.nan, np.float32),
        var=zeros(regimes, metrics),
        usual=usual,
        cells=cells.reshape(devices, metrics * CELL),
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


def widened(memory: Memory, metrics: int, regimes: int) -> Memory:
    """Return the memory with room for more metrics and regimes: those that are new know nothing yet."""
    new = new_memory(len(memory.seen), metrics, regimes)
    old_regimes, old_metrics = memory.mean.shape[1:]
    new.learned[:, :old_regimes] = memory.learned
    new.mean[:, :old_regimes, :old_metrics] = memory.mean
    new.var[:, :old_regimes, :old_metrics] = memory.var
    new.usual[:, :old_regimes, :old_metrics] = memory.usual
    new.cells[:, : memory.cells.shape[1]] = memory.cells
    places = triangle_within(old_metrics, metrics)
    for moments, known, alone in ((new.cov, memory.cov, 1.0), (new.inv, memory.inv, 1.0 / (1.0 + RIDGE))):
        moments[:, :, diagonal(metrics)[old_metrics:]] = alone
        moments[:, :, places] = known
    one_a_device = ("seen", "last_s", "interval_s", "bar", "bar_age", "theta", "alarm_s", "trouble_s", "mood")
    return new._replace(**{name: getattr(memory, name) for name in one_a_device})


def widened_fleet(fleet: FleetMemory, metrics: int, regimes: int) -> FleetMemory:
    """Return what the devices have in common, with room for more metrics and regimes."""
    new = new_fleet(metrics, regimes)
    old_regimes, old_metrics = fleet.mean.shape
    for one, known in ((new.learned, fleet.learned), (new.settled, fleet.settled)):
        one[:old_regimes] = known
    for one, known in zip((new.mean, new.within, new.unlike, new.noise), (fleet.mean, fleet.within, fleet.unlike, fleet.noise), strict=True):
        one[:old_regimes, :old_metrics] = known
    new.wander[:old_metrics] = fleet.wander
    new.wandered[:old_metrics] = fleet.wandered
    new.cov[:, diagonal(metrics)[old_metrics:]] = 1.0
    new.cov[:, triangle_within(old_metrics, metrics)] = fleet.cov
    return new._replace(cov_count=fleet.cov_count)


def diagonal(metrics: int) -> NDArray[np.intp]:
    """Return the places of the diagonal in an upper triangle."""
    rows, columns = np.triu_indices(metrics)
    return np.flatnonzero(rows == columns)


def triangle_within(few: int, many: int) -> NDArray[np.intp]:
    """Return the places that a small upper triangle takes in the upper left corner of a larger one."""
    rows, columns = np.triu_indices(many)
    return np.flatnonzero((rows < few) & (columns < few))


def bytes_per_device(metrics: int, regimes: int = 1) -> int:
    """Return how much memory a device takes."""
    arrays: list[NDArray[Any]] = list(new_memory(1, metrics, regimes))
    return sum(array.nbytes for array in arrays)
