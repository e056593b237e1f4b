"""When devices enter another operating regime (pure: compiled; works on columns)."""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 - the same, and arrays handed on one by one
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from agent.health.compiled import loop

MOST_STAYS = 64
"""Stays kept of a device: a week's of a heat pump, two days' of a coffee machine. Of many more a day each is short."""


@loop
def enter(count, since_s, known, place, at_s, regime):
    """Note where a row's regime is another than that of the row before it of its device; the first three are written.

    ``count`` has an entry a device, how many stays have ever begun; ``since_s`` and ``known`` a ring of the newest:
    since when, and in which regime.
    """
    for row in range(len(place)):
        device = place[row]
        begun = count[device]
        if begun and known[device, (begun - 1) % MOST_STAYS] == regime[row]:
            continue
        since_s[device, begun % MOST_STAYS] = at_s[row]
        known[device, begun % MOST_STAYS] = regime[row]
        count[device] = begun + 1
