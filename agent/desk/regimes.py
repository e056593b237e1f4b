"""In which operating regimes the trouble of a ticket was seen (shell)."""

from agent.desk.ticket import Ticket
from agent.desk.turn import Turn
from agent.health.layout import Context
from agent.health.stays import ruled_at
from agent.store.findings import onsets_of


def found_in(turn: Turn, ticket: Ticket) -> frozenset[Context]:
    """Return the regimes in which a ticket's findings were raised, as far back as its device's stays are known.

    None: nothing is known of them, or the device has been in one only. What slow wear says was gathered in all regimes,
    and what the device says itself in none.
    """
    view = turn.view(ticket.device_id)
    if view is None or len(view.stays) < 2:  # noqa: PLR2004 - one regime, always in it
        return frozenset()
    raised = onsets_of(turn.session, ticket.id, view.stays[0].since)
    regimes = {ruled_at(view.stays, at) for at in raised}
    return frozenset(regime for regime in regimes if regime is not None)
