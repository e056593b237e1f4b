"""In which operating regimes the trouble of a ticket was seen (shell)."""

from typing import Final

from agent.desk.ticket import Ticket
from agent.desk.turn import Turn
from agent.health.layout import Context
from agent.health.stays import ruled_at
from agent.store.findings import onsets_of

_TELLING: Final = 0.5  # of what the regime that tells most does; less is chance, which speaks in any regime


def found_in(turn: Turn, ticket: Ticket) -> frozenset[Context]:
    """Return the regimes in which most of a ticket's evidence was found, as far back as its device's stays are known.

    None: nothing is known of them, or the device has been in one only. What slow wear says was gathered in all regimes,
    and what the device says itself in none.
    """
    view = turn.view(ticket.device_id)
    if view is None or len(view.stays) < 2:  # noqa: PLR2004 - one regime, always in it
        return frozenset()
    told: dict[Context, float] = {}
    for at, score in onsets_of(turn.session, ticket.id, view.stays[0].since):
        regime = ruled_at(view.stays, at)
        if regime is not None:
            told[regime] = told.get(regime, 0.0) + score
    least = _TELLING * max(told.values(), default=0.0)
    return frozenset(regime for regime, score in told.items() if score >= least)
