"""Lays everything a decision looks at on the table (shell): rows, health and playbook become one ``Case``."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from agent.act.command import CommandState
from agent.care.customer import Purpose
from agent.care.message import Stage
from agent.care.tell import has_heard
from agent.decide.case import DRIFTING, Case, Load, is_wearing
from agent.decide.familiar import is_familiar
from agent.decide.fleet import Crowd, Record
from agent.decide.permit import taken_out
from agent.desk.device import Device
from agent.desk.regimes import found_in
from agent.desk.same_cause import frozen_by
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.desk.understand import Understood
from agent.health.findings import FindingKind, HealthView
from agent.health.gone import Gone
from agent.health.silence import POWER_OFF, POWER_ON
from agent.store.autonomy import permits_of
from agent.store.breakers import Fuse, count_ended, find_breaker
from agent.store.commands import commands_of, count_sent, find_command, in_flight_of, last_sent_at
from agent.store.crowds import AtWork, at_work, count_decided, count_devices, count_unclear
from agent.store.devices import find_device
from agent.store.findings import findings_of, last_said, newest_finding_at, newest_of_kind
from agent.store.halts import newest_halt
from agent.store.learning import find_impression
from agent.store.outcomes import had_healed
from agent.store.people import consents_of, owner_of
from agent.store.tickets import last_told_at, let_go_by_people
from agent.store.visits import booked_visits, count_visited

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)


def glance(turn: Turn, understood: Understood) -> Case:
    """Return as much of a case as it takes to see whether there is anything to decide.

    Without a named fault there is no remedy to hold back. Most looks are at such tickets, and end in waiting.
    """
    ticket = understood.ticket
    view = turn.view(ticket.device_id)
    return Case(
        ticket=ticket,
        device=find_device(turn.session, ticket.device_id),
        playbook=turn.ruling(ticket),
        diagnosis=understood.diagnosis,
        view=view,
        finding_at=newest_finding_at(turn.session, ticket.id),
        gone=_gone(turn, ticket, view),
        found_in=frozenset() if view is None or view.normal_since is None else found_in(turn, ticket),
        **_spared(turn, ticket),
    )


class _Spared(TypedDict):
    is_common: bool
    is_familiar: bool
    failed: bool


def _spared(turn: Turn, ticket: Ticket) -> _Spared:
    """Return what spares people something unclear, or speaks against it; asked for only once they would get it."""
    unclear = ticket.state is TicketState.NOTICED and ticket.fault is None
    if not unclear or turn.now - ticket.changed_at < turn.policy.unclear_patience:
        return _Spared(is_common=False, is_familiar=False, failed=False)
    kept = find_impression(turn.session, ticket.id)
    return _Spared(
        is_common=_is_common(turn, ticket),
        is_familiar=_is_familiar(turn, ticket),
        failed=kept is not None and kept.failed_at is not None,
    )


def _is_common(turn: Turn, ticket: Ticket) -> bool:
    """Tell whether people have unclear tickets of many devices of the product: weather, more likely than any device."""
    policy = turn.policy
    with_people = count_unclear(turn.session, ticket.product, turn.now - policy.slow_patience)
    return with_people >= max(
        policy.freeze_from, policy.freeze_share * count_devices(turn.session, product=ticket.product)
    )


def _is_familiar(turn: Turn, ticket: Ticket) -> bool:
    """Tell whether a person has looked at the same on this device lately and closed it without naming a fault."""
    before = let_go_by_people(turn.session, ticket.device_id, turn.now - turn.policy.familiar_for)
    then = [finding for one in before for finding in findings_of(turn.session, one.id)]
    return bool(then) and is_familiar(findings_of(turn.session, ticket.id), then)


def _gone(turn: Turn, ticket: Ticket, view: HealthView | None) -> Gone | None:
    """Return what slow wear has moved: as it was before the last remedy, else as the newest finding of it saw it.

    The latter is asked for only while the drift lasts and nothing seems to stand any more.
    """
    if ticket.tried:
        before = find_command(turn.session, ticket.tried[-1].command_id)
        return None if before is None or before.before is None else before.before.gone
    if view is None or view.drift < DRIFTING or is_wearing(view):
        return None
    newest = newest_of_kind(turn.session, ticket.id, FindingKind.DRIFT)
    shifts = {worn.metric: worn.shift for worn in view.worn}
    for because in () if newest is None else newest.because:
        if because.usual is not None and because.metric in shifts:
            return Gone(because.metric, shifts[because.metric], because.usual)
    return None


def gather(turn: Turn, understood: Understood) -> Case:
    """Return the case of a ticket as it stands in this turn, seen by itself; see ``among_others``."""
    case = glance(turn, understood)
    ticket, device = case.ticket, case.device
    commands = commands_of(turn.session, ticket.id)
    visits = booked_visits(turn.session, device.id)
    switch = newest_halt(turn.session)
    off = _switched_off(turn, device)
    return replace(
        case,
        load=_load(turn, device.id),
        permits=permits_of(turn.session, ticket.product),
        refused=frozenset(command.remedy for command in commands if command.state is CommandState.REFUSED),
        taken_out=_taken_out(turn, case),
        set_right=_set_right(turn, case),
        visit_ends_at=next((visit.ends_at for visit in visits if visit.ticket_id == ticket.id), None),
        visits=visits,
        visited=_visited(turn, ticket),
        halted=switch is not None and switch.halted,
        resumed_at=None if switch is None or switch.halted else switch.at,
        may_fix=_may_fix(turn, device),
        owner_heard=ticket.state is TicketState.WITH_OWNER and has_heard(turn.session, ticket.id, Stage.NEEDS_YOU),
        frozen_by=frozen_by(turn, ticket),
        zone=_zone(turn, device),
        was_off_for=timedelta() if off is None else off[1] - off[0],
        back_at=None if off is None else off[1],
        named_at=last_told_at(turn.session, ticket.id, StoryKind.DIAGNOSIS),
    )


def among_others(turn: Turn, case: Case) -> Case:
    """Return the case with what goes on in the rest of the fleet.

    That takes many reads and can only hold a remedy back, so it is asked once there is one to hold back.
    """
    busy = at_work(turn.session, case.ticket.product)
    crowd, records = _crowd(turn, case.ticket, busy), _records(turn, case.ticket, case.device, busy)
    return replace(case, crowd=crowd, records=records)


def _load(turn: Turn, device_id: str) -> Load:
    return Load(
        in_flight=in_flight_of(turn.session, device_id) is not None,
        last_at=last_sent_at(turn.session, device_id),
        last_day=count_sent(turn.session, device_id, turn.now - DAY),
    )


def _crowd(turn: Turn, ticket: Ticket, busy: frozenset[AtWork]) -> Crowd:
    return Crowd(
        devices=count_devices(turn.session, product=ticket.product),
        at_work=len({one.device_id for one in busy if not _is_past_harm(turn, one)}),
        last_hour=count_decided(turn.session, ticket.product, turn.now - HOUR),
    )


def _is_past_harm(turn: Turn, one: AtWork) -> bool:
    """Tell whether a remedy was done so long ago that only its success is still open."""
    return one.verify_from is not None and turn.now - one.verify_from >= turn.policy.fleet_watch


def _records(turn: Turn, ticket: Ticket, device: Device, busy: frozenset[AtWork]) -> dict[str, Record]:
    """Return how the remedies of the ticket's fault have done; they decide nothing once the ticket is under way."""
    playbook = turn.ruling(ticket)
    if playbook is None or ticket.state is not TicketState.NOTICED:
        return {}
    names = {name for fault in playbook.faults if fault.name == ticket.fault for name in fault.remedies}
    kin = count_devices(turn.session, product=ticket.product, firmware=device.firmware)
    records = {}
    for name in names | {tried.remedy for tried in ticket.tried}:
        fuse = Fuse(ticket.product, device.firmware, name)
        breaker = find_breaker(turn.session, fuse)
        after = 0 if breaker is None else breaker.counts_after
        records[name] = Record(
            kin=kin,
            breaker=breaker,
            done=count_ended(turn.session, fuse, after=after, playbook=playbook.version),
            at_work=len({one.device_id for one in busy if one.firmware == device.firmware and one.remedy == name}),
        )
    return records


def _visited(turn: Turn, ticket: Ticket) -> int:
    """Return how many visits the device has had of late about the ticket's fault."""
    if ticket.fault is None:
        return 0
    since = turn.now - turn.policy.visits_within
    return count_visited(turn.session, ticket.device_id, ticket.product, ticket.fault, since)


def _may_fix(turn: Turn, device: Device) -> bool:
    return device.customer_id is None or Purpose.FIX in consents_of(turn.session, device.customer_id)


def _taken_out(turn: Turn, case: Case) -> frozenset[str]:
    """Return the remedies of the ticket's playbook that the one in force does not have like that any more."""
    in_force = turn.playbooks.get(case.ticket.product)
    if case.playbook is None or case.playbook is in_force:  # the usual case
        return frozenset()
    return taken_out(case.playbook, in_force)


def _set_right(turn: Turn, case: Case) -> frozenset[str]:
    """Return the fault's remedies with values that had healed this device before; most faults have none."""
    fault = case.fault()
    if case.playbook is None or fault is None:
        return frozenset()
    names = {name for name in fault.remedies if case.playbook.remedy(name).rollback}
    since = turn.now - turn.policy.watch_for
    return had_healed(turn.session, case.ticket.device_id, case.ticket.product, names, since) if names else frozenset()


def _zone(turn: Turn, device: Device) -> str:
    """Return the time zone of a device's owner; UTC where nobody owns it, or no holidays are kept."""
    owner = owner_of(turn.session, device.id) if turn.policy.holidays else None
    return "UTC" if owner is None else owner.zone


def _switched_off(turn: Turn, device: Device) -> tuple[datetime, datetime] | None:
    """Return from when to when a device that is back had been switched off; ``None``: it was not within a day.

    It is back when it says so, for its connection may be lost again later; else when it was connected last.
    """
    off_at = last_said(turn.session, device.id, POWER_OFF, turn.now - DAY)
    if off_at is None or not device.online:
        return None
    back_at = last_said(turn.session, device.id, POWER_ON, off_at) or device.status_at
    return (off_at, back_at) if back_at > off_at else None
