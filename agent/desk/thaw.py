"""How a freeze ends (shell): a person lifts it, or every child is normal again or turned out to be another fault.

Each child then goes on under the other guards.
"""

from dataclasses import replace

from agent.desk.carry import hand_over
from agent.desk.lifecycle import ACTIVE, close
from agent.desk.recurrence import not_ours
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.store import freezes
from agent.store.tickets import save_ticket


def watch_gathering(turn: Turn, gathering: Ticket) -> Ticket:
    """Look at a gathering ticket: once no child has its fault any more it thaws by itself and is closed."""
    if freezes.has_child_in(turn.session, gathering.id, ACTIVE):
        waiting = replace(gathering, due_at=turn.now + turn.policy.frozen_look)
        save_ticket(turn.session, waiting)
        return waiting
    return thaw(turn, gathering, "agent", "None of the devices has this fault any more.")


def thaw(turn: Turn, gathering: Ticket, by: str, why: str) -> Ticket:
    """Let every child go on under the other guards, and close the gathering ticket.

    A child that is back after a technician found it to be another fault gets a person, as it would have without the
    freeze.
    """
    freezes.lift_freeze(turn.session, gathering.id, by, turn.now)
    for child in freezes.children_of(turn.session, gathering.id):
        if child.state is not TicketState.NOTICED:
            continue
        why_a_person = not_ours(turn, child)
        if why_a_person is not None:
            hand_over(turn, child, why_a_person)
        else:
            save_ticket(turn.session, replace(child, changed_at=turn.now, due_at=turn.now))
    turn.tell(gathering.id, StoryKind.STATE, f"The freeze is lifted. {why}", by)
    closed = close(gathering, why, turn.now)
    save_ticket(turn.session, closed)
    return closed
