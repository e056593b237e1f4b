"""How a river model's devices are written down (pure): plain numbers, exact to the last bit, no pickles.

A running mean is its weight and its value; one update with all the weight brings an empty one to the same place.
"""

from collections.abc import Iterable
from math import isnan, nan

import msgspec

from agent.health.budget import Budget
from agent.health.long_mean import LongMean
from agent.health.river_device import DeviceModel
from agent.health.river_metric import MetricModel, Regime

Pairs = list[tuple[float, float]]
PackedRegime = tuple[int, list[float], list[float]]


class PackedMetric(msgspec.Struct, frozen=True, array_like=True):
    """One metric; ``means`` are those of ``MetricModel.means``, their regimes first."""

    regimes: list[PackedRegime]
    rhythmic: bool
    quick: float
    short: float
    slow: float
    means: Pairs


class PackedDevice(msgspec.Struct, frozen=True, array_like=True):
    """``trouble_s``, ``first_s`` and ``last_s`` are ``None`` where the model holds NaN."""

    samples: int
    first_s: float | None
    last_s: float | None
    doubt: float
    was_odd: bool
    onset_run: int
    trouble_s: float | None
    theta: float
    means: Pairs
    metrics: list[PackedMetric]


def pack_device(device: DeviceModel) -> PackedDevice:
    """Return everything a device's model knows."""
    return PackedDevice(
        device.samples,
        _known(device.first_s),
        _known(device.last_s),
        device.doubt,
        device.was_odd,
        device.budget.run,
        _known(device.trouble_s),
        device.budget.theta,
        pack_means(device.means()),
        [
            PackedMetric(
                [(name, known.seen, known.hourly) for name, known in metric.regimes.items()],
                metric.rhythmic,
                metric.quick.value,
                metric.short.value,
                metric.slow,
                pack_means(metric.means()),
            )
            for metric in device.metrics
        ],
    )


def unpack_device(packed: PackedDevice, empty: DeviceModel) -> DeviceModel:
    """Fill an empty model with what was packed; ``ValueError`` when the parts do not fit together."""
    device = empty
    device.samples, device.budget = packed.samples, Budget(packed.theta, packed.onset_run)
    device.doubt, device.was_odd = packed.doubt, packed.was_odd
    device.first_s, device.last_s, device.trouble_s = map(_or_nan, (packed.first_s, packed.last_s, packed.trouble_s))
    fill_means(device.means(), packed.means)
    for saved in packed.metrics:
        metric = MetricModel()
        metric.regimes = {name: Regime(seen=seen, hourly=hourly) for name, seen, hourly in saved.regimes}
        metric.rhythmic = saved.rhythmic
        metric.quick.value, metric.short.value, metric.slow = saved.quick, saved.short, saved.slow
        fill_means(metric.means(), saved.means)
        device.metrics.append(metric)
    return device


def pack_means(means: Iterable[LongMean]) -> Pairs:
    """Return weight and value of each."""
    return [(mean.n, mean.get()) for mean in means]


def fill_means(means: Iterable[LongMean], saved: Pairs) -> None:
    """Bring empty means to where the saved ones were; one update with all the weight is exact."""
    for mean, (weight, value) in zip(means, saved, strict=True):
        if weight:
            mean.update(value, weight)


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
