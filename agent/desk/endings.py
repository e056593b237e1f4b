"""How a remedy ended, written down once (shell): on the ticket, in its story, and for the breaker and the learner."""

from agent.desk.lessons import learn_from_outcome
from agent.desk.lifecycle import having_ended
from agent.desk.ticket import Outcome, Ticket
from agent.desk.turn import Turn
from agent.store.devices import find_device
from agent.store.outcomes import Ending, add_ending


def record_outcome(turn: Turn, ticket: Ticket, outcome: Outcome) -> Ticket:
    """Keep the outcome of the ticket's newest remedy and return the ticket with it, not saved yet.

    Without a remedy (a visit healed it) there is nothing to keep.
    """
    if not ticket.tried:
        return ticket
    last = ticket.tried[-1]
    device = find_device(turn.session, ticket.device_id)
    add_ending(
        turn.session,
        Ending(
            ticket_id=ticket.id,
            remedy=last.remedy,
            fault=ticket.fault,
            product=ticket.product,
            firmware=device.firmware,
            outcome=outcome,
            at=turn.now,
        ),
    )
    learn_from_outcome(turn, ticket, outcome)
    return having_ended(ticket, last.command_id, outcome)
