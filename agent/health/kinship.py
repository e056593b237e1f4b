"""What devices of one product have in common, and what a newcomer takes from it (pure: compiled; works on rows)."""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 - the same, and arrays handed on one by one cost less than a tuple
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.memory import WORN_PEAK
from agent.health.relation import invert
from agent.health.sheet import REST, WEARS

ZERO, ONE = np.float32(0.0), np.float32(1.0)
WEAR_AFTER_S = 172_800.0
"""How long a device must be known: two days, so that its rhythm is no wear."""
WEAR_THRESHOLD = 8.0
"""The fleet's wear threshold: how many times the squared wear that is the rule."""
LONE_WEAR = 25.0
"""The same for a single metric: five times as far as devices wander as a rule."""
WORN_BELOW = 0.7
"""Multiples of the threshold where wear has clearly gone, and of its height where it clearly goes."""
MOST_WANDER = 4.0
WANDER_WEIGHT = 2000.0
FLEET_RATE = 1e-5
FLEET_KNOWN = 300
"""Samples of the fleet before its spread is trusted."""
WILDEST = 64.0
"""Squared standard deviations that one sample may weigh in the fleet's spread."""
ENOUGH_DEVICES = 8
UNLIKE = 1e4
LEAN = 32.0
"""Samples of its own that the fleet's word counts as for a newcomer, at most."""


@part
def welcome_device(fleet_cov, fleet_count, cov, inv, size):
    """Give a new device the fleet's way of moving together, or none."""
    for kind in range(2):
        for place in range(cov.shape[1]):
            cov[kind, place] = fleet_cov[kind, place] if fleet_count[0] > 0 else place < size
        invert(cov[kind], inv[kind], size)


@part
def lean_on(fleet, regime, mean, var):
    """Give a newcomer the fleet's level and spread where devices are alike, and return the samples that counts as.

    Empirical Bayes: the weight is the variance within a device over that between devices, at its least among the
    metrics. Where devices differ more than one device varies, nothing is taken over. Source: B. Efron, C. Morris, J.
    Am. Stat. Assoc. 68 (1973) 117-130.
    """
    if fleet.settled[regime] < ENOUGH_DEVICES:
        return 0.0
    weight = LEAN
    for metric in range(len(mean)):
        if fleet.unlike[regime, metric] > 0:
            weight = min(weight, 1.0 / fleet.unlike[regime, metric])
    if weight < 1.0:
        return 0.0
    for metric in range(len(mean)):
        mean[metric] = fleet.mean[regime, metric]
        var[metric] = fleet.within[regime, metric]
    return math.floor(weight)


@part
def tell_fleet(fleet, regime, mean, var):
    """Count a device whose level has settled towards how unlike the devices are, each on its own scale."""
    fleet.settled[regime] += 1
    for metric in range(len(mean)):
        if math.isfinite(mean[metric]):
            off = mean[metric] - fleet.mean[regime, metric]
            ratio = min(off * off / max(var[metric], 1e-30), UNLIKE)
            fleet.unlike[regime, metric] += (ratio - fleet.unlike[regime, metric]) / fleet.settled[regime]


@part
def tell_wear(sheet, noise, wander, wandered, level_at, known, settled, pace, size):
    """Follow how far devices are from what is expected of them, at once and over a day.

    A device counts for no more than some times the rule, so that a worn one does not become it.
    """
    for metric in range(size):
        rest = sheet[REST + metric]
        spread = noise[level_at + metric]
        square = np.float64(rest) * rest
        square = min(square, WILDEST * spread) if known & (spread > 0.0) else square
        noise[level_at + metric] = spread if math.isnan(rest) else spread + pace * (square - spread)
    for metric in range(size):
        wear = np.float64(sheet[WEARS + metric])
        usual = wander[metric]
        count = wandered[metric]
        counts = settled & (wear > 0.0)
        own = max(1.0 / (count + WANDER_WEIGHT), FLEET_RATE)
        wander[metric] = usual + own * (min(wear, MOST_WANDER * usual) - usual) if counts else usual
        wandered[metric] = count + 1.0 if counts else count


@part
def relate(fleet, cov, inv, size):
    """Refresh the inverses, and tell the fleet how the metrics of this device move together."""
    fleet.cov_count[0] += 1
    share = np.float32(max(1.0 / fleet.cov_count[0], 1e-3))
    for kind in range(2):
        invert(cov[kind], inv[kind], size)
        for place in range(cov.shape[1]):
            fleet.cov[kind, place] += share * (cov[kind, place] - fleet.cov[kind, place])


@part
def follow_wear(mood, feels, worn_s, d, drift, at_s):
    """Note since when a device has been wearing: from the threshold on, until the drift falls clearly."""
    peak = max(mood[feels + WORN_PEAK], drift if drift >= 1.0 else ZERO)
    mood[feels + WORN_PEAK] = ZERO if drift < WORN_BELOW else peak
    if drift < WORN_BELOW * max(peak, ONE):
        worn_s[d] = np.inf
    elif worn_s[d] == np.inf:
        worn_s[d] = at_s
