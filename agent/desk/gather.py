"""Lays everything a decision looks at on the table (shell): rows, health and playbook become one ``Case``."""

from datetime import timedelta

from agent.act.command import CommandState
from agent.care.customer import Purpose
from agent.decide.case import Case, Load
from agent.desk.device import Device
from agent.desk.turn import Turn
from agent.desk.understand import Understood
from agent.store.autonomy import autonomy_of
from agent.store.commands import commands_of, count_sent, in_flight_of, last_sent_at
from agent.store.devices import find_device
from agent.store.findings import newest_finding_at
from agent.store.halts import is_halted
from agent.store.people import consents_of
from agent.store.tickets import open_tickets_of
from agent.store.visits import booked_visit

DAY = timedelta(hours=24)


def gather(turn: Turn, understood: Understood) -> Case:
    """Return the case of a ticket as it stands in this turn."""
    ticket = understood.ticket
    device = find_device(turn.session, ticket.device_id)
    commands = commands_of(turn.session, ticket.id)
    visits = (booked_visit(turn.session, other.id) for other in open_tickets_of(turn.session, device.id))
    return Case(
        ticket=ticket,
        device=device,
        playbook=turn.playbooks.get(ticket.product),
        diagnosis=understood.diagnosis,
        view=turn.health.view(device.id),
        finding_at=newest_finding_at(turn.session, ticket.id),
        load=_load(turn, device.id),
        permits=autonomy_of(turn.session, ticket.product),
        refused=frozenset(command.remedy for command in commands if command.state is CommandState.REFUSED),
        visit_at=min((visit.starts_at for visit in visits if visit is not None), default=None),
        halted=is_halted(turn.session),
        may_fix=_may_fix(turn, device),
    )


def _load(turn: Turn, device_id: str) -> Load:
    return Load(
        in_flight=in_flight_of(turn.session, device_id) is not None,
        last_at=last_sent_at(turn.session, device_id),
        last_day=count_sent(turn.session, device_id, turn.now - DAY),
    )


def _may_fix(turn: Turn, device: Device) -> bool:
    return device.customer_id is None or Purpose.FIX in consents_of(turn.session, device.customer_id)
