"""Which scores change more than the newest numbers of a device (pure: compiled).

By far most samples say that nothing is the matter: the verdict stays, nothing is raised, only the bar falls a little
with time. Those are settled here, in bulk; every other is left to ``verdict`` and ``raising``, which are the rules. A
test holds that the outcome is theirs.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 - the same, and arrays handed on one by one
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from typing import NamedTuple

import numpy as np

from agent.health.compiled import loop


class Calm(NamedTuple):
    """The figures of the rules that a calm device meets, as ``verdict`` and ``raising`` have them.

    ``odd_from`` is the state from which a sample counts as odd. ``bar_a_day`` is how much the bar falls in a day, at
    most for ``longest_s`` at once, and never below ``ill_from``. ``outlived_s`` is how long after a gap what a device
    says counts as whole again.
    """

    odd_from: float
    ill_from: float
    drift_from: float
    bar_a_day: float
    longest_s: float
    outlived_s: float


@loop
def settle(columns, rows, order, state, drift, warming, calm, asks):
    """Take the scores of rows ``order`` where that is all there is to do; set ``asks`` where the rules must be asked.

    From the first row of a device that asks, all later ones of the batch ask too.
    """
    for place in range(len(order)):
        row = order[place]
        slot = rows.slot[row]
        quiet = columns.calm[slot] and state[place] < calm.odd_from
        quiet = quiet and drift[place] < calm.drift_from
        asks[place] = not quiet
        if not quiet:
            columns.calm[slot] = False
            continue
        at_s, arrived_s = rows.at_s[row], rows.arrived_s[row]
        if rows.after_gap[row]:
            columns.gap_s[slot] = arrived_s
            if np.isnan(columns.incomplete_s[slot]):
                columns.incomplete_s[slot] = arrived_s
        elif arrived_s - columns.gap_s[slot] > calm.outlived_s:
            columns.incomplete_s[slot] = np.nan
        if warming[place]:
            columns.normal_s[slot] = np.nan
        elif rows.after_gap[row] or np.isnan(columns.normal_s[slot]):
            columns.normal_s[slot] = at_s
        columns.state[slot] = state[place]
        columns.drift[slot] = drift[place]
        columns.warming[slot] = warming[place]
        seen_s = columns.seen_s[slot]
        if not np.isnan(seen_s):
            passed_days = min(max(at_s - seen_s, 0.0), calm.longest_s) / calm.longest_s
            columns.bar[slot] = max(columns.bar[slot] - calm.bar_a_day * passed_days, calm.ill_from)
        columns.seen_s[slot] = at_s
