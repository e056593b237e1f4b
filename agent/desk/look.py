"""Looks at a ticket that is due (shell): weighs, decides and carries out until nothing more is to do now."""

from agent.decide.moves import Close, Rest, Wait
from agent.decide.next_move import next_move
from agent.desk.carry import carry_out
from agent.desk.check import check_fix
from agent.desk.deadlines import check_command
from agent.desk.gather import among_others, gather, glance
from agent.desk.thaw import watch_gathering
from agent.desk.ticket import Ticket, TicketState
from agent.desk.turn import Turn
from agent.desk.understand import Understood, weigh
from agent.store.tickets import find_ticket

_MOST_STEPS = 6  # from one failed remedy to the next move is two; more in one turn is a mistake of ours


def look_at(turn: Turn, ticket_id: int) -> Ticket:
    """Do all that is due about a ticket in this turn and return it as it stands then."""
    ticket = find_ticket(turn.session, ticket_id)
    if ticket.gathers:
        return ticket if ticket.state is TicketState.CLOSED else watch_gathering(turn, ticket)
    for _ in range(_MOST_STEPS):
        ticket = _step(turn, ticket)
        if ticket.due_at is None or ticket.due_at > turn.now:
            break
    return ticket


def _step(turn: Turn, ticket: Ticket) -> Ticket:
    match ticket.state:
        case TicketState.FIXING:
            return check_command(turn, ticket)
        case TicketState.VERIFYING:
            return check_fix(turn, ticket)
        case TicketState.WITH_PERSON if ticket.verify_by is not None:
            return check_fix(turn, ticket)  # it was taken over with a remedy at work
        case TicketState.NOTICED:
            understood = weigh(turn, ticket)
        case _:
            understood = Understood(ticket)
    if understood.ticket.state is TicketState.CLOSED:
        return understood.ticket  # it turned out to be the fault of another ticket
    if ticket.state is TicketState.NOTICED and understood.ticket.fault is None:
        return carry_out(turn, understood.ticket, next_move(glance(turn, understood), turn.policy, turn.now))
    case = gather(turn, understood)
    move = next_move(case, turn.policy, turn.now)
    if not isinstance(move, Wait | Rest | Close):
        move = next_move(among_others(turn, case), turn.policy, turn.now)
    return carry_out(turn, understood.ticket, move)
