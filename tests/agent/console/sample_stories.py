"""What happened on the sample's three tickets that have a long story."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from agent.act.command import Command, CommandState
from agent.care.message import Channel, Draft, MessageState, Stage
from agent.desk.ticket import StoryKind
from agent.health.findings import Because, Finding, FindingKind, HealthView
from agent.service.visit import Slot
from agent.store import messages, visits
from agent.store.commands import add_command
from agent.store.findings import add_finding
from agent.store.tickets import Line, tell
from tests.agent.console.curves import Curve, DrawnHealth
from tests.agent.console.sample_cases import CASES, HOUR, MINUTE, NOW, PLAYBOOKS

BODY = """Hello Ruth,

WHAT WE NOTICED
Ice had formed inside your freezer.

WHAT WAS DONE
Your freezer defrosted itself.

WHAT YOU NEED TO DO
Nothing.
"""


def _command(ticket_id: int, device_id: str, remedy: str, state: CommandState, at: datetime) -> Command:
    product = next(case.product for case in CASES if case.id == ticket_id)
    known = PLAYBOOKS[product].remedy(remedy)
    sent = state not in {CommandState.AWAITING_APPROVAL, CommandState.PROPOSED}
    return Command(
        id=f"01K5{ticket_id}",
        ticket_id=ticket_id,
        device_id=device_id,
        remedy=remedy,
        verb=known.verb,
        args=known.args,
        state=state,
        created_at=at,
        not_after=at + 4 * HOUR,
        sent_at=at if sent else None,
        answered_at=at + 2 * MINUTE if sent else None,
    )


def _story(session: Session, ticket_id: int, *lines: tuple[timedelta, StoryKind, str, str]) -> None:
    for before, kind, text, actor in lines:
        tell(session, ticket_id, Line(NOW - before, kind, text, actor))


def _evidence(device_id: str, at: datetime, *parts: tuple[str, float, float, float, float]) -> Finding:
    because = tuple(Because(*part) for part in parts)
    return Finding(device_id=device_id, at=at, kind=FindingKind.ONSET, score=5.2, because=because)


def tell_healed(session: Session, health: DrawnHealth) -> None:
    device, since, until = "frost-0003", NOW - 9 * HOUR, NOW - 6.4 * HOUR
    health.curves[device] = {
        **health.curves[device],
        "evaporator_temp_c": Curve(-26.1, 0.8, -5.5, since, until),
        "cabinet_temp_c": Curve(-18.2, 0.5, 3.4, since, until),
        "fan_rpm": Curve(1460.0, 22.0, -210.0, since, until),
    }
    finding = _evidence(
        device,
        NOW - 7 * HOUR,
        ("evaporator_temp_c", 0.44, -6.9, -31.2, -26.1),
        ("cabinet_temp_c", 0.31, 5.1, -15.1, -18.2),
        ("fan_rpm", 0.25, -4.6, 1260.0, 1460.0),
    )
    add_finding(session, finding, 1001)
    add_command(session, _command(1001, device, "defrost", CommandState.SUCCEEDED, NOW - 6.5 * HOUR))
    _story(
        session,
        1001,
        (6.9 * HOUR, StoryKind.DIAGNOSIS, "Ice inside, 91 %: the evaporator is colder, it is warmer inside.", "agent"),
        (6.8 * HOUR, StoryKind.GUARD, "Not now: the device is in use. Looked again after ten minutes.", "agent"),
        (
            6.6 * HOUR,
            StoryKind.MOVE,
            "Decided to defrost: it healed 14 of 17 like this one.",
            "agent",
        ),
        (6.5 * HOUR, StoryKind.COMMAND, "Sent defrost. The device has 10 min to answer.", "agent"),
        (6.45 * HOUR, StoryKind.ANSWER, "Says it has defrosted.", "device"),
        (2 * HOUR, StoryKind.OUTCOME, "Verified: its own signal has been normal for 2 h.", "agent"),
        (
            1.9 * HOUR,
            StoryKind.MESSAGE,
            "The owner was told by mail and asked how it was.",
            "agent",
        ),
    )
    draft = Draft(
        ticket_id=1001,
        customer_id="c-3",
        stage=Stage.FIXED,
        occasion="",
        channel=Channel.MAIL,
        lang="en",
        subject="Your freezer: fixed and checked (T-1001)",
        body=BODY,
        state=MessageState.PLANNED,
        why="",
        created_at=NOW - 1.9 * HOUR,
        due_at=NOW - 1.9 * HOUR,
    )
    sent = messages.add_message(session, draft)
    messages.mark_sent(session, sent.id, NOW - 1.9 * HOUR)
    quiet = replace(
        draft,
        ticket_id=1007,
        customer_id="c-2",
        state=MessageState.WITHHELD,
        why="the owner has not noticed and did not ask to hear of fixes",
    )
    messages.add_message(session, quiet)
    shown = replace(
        draft,
        channel=Channel.DEVICE,
        subject="Fixed and checked",
        body="Your freezer defrosted itself. Checked: its own readings are back to normal.",
    )
    messages.mark_sent(session, messages.add_message(session, shown).id, NOW - 1.9 * HOUR)


def tell_approval(session: Session, health: DrawnHealth) -> None:
    device, since = "bean-0002", NOW - 2.6 * HOUR
    health.curves[device] = {
        **health.curves[device],
        "brew_temp_c": Curve(92.1, 0.4, -6.2, since),
        "boiler_temp_c": Curve(118.0, 1.0, -9.0, since),
        "heater_duty": Curve(0.31, 0.06, -0.14, since),
    }
    away = (Because("brew_temp_c", 0.5, -8.2, 86.0, 92.1), Because("boiler_temp_c", 0.3, -5.0, 109.2, 118.0))
    view: HealthView = replace(health.views[device], state=6.1, normal_since=None, now=away)
    health.views[device] = view
    add_finding(
        session,
        _evidence(
            device,
            NOW - 50 * MINUTE,
            ("brew_temp_c", 0.52, -8.2, 86.0, 92.1),
            ("boiler_temp_c", 0.3, -5.0, 109.2, 118.0),
            ("heater_duty", 0.18, -2.2, 0.18, 0.31),
        ),
        1002,
    )
    add_command(session, _command(1002, device, "restore_brew_temp", CommandState.AWAITING_APPROVAL, NOW - 34 * MINUTE))
    _story(
        session,
        1002,
        (48 * MINUTE, StoryKind.DIAGNOSIS, "A lost setting, 86 %: water and boiler are colder.", "agent"),
        (34 * MINUTE, StoryKind.MOVE, "Asks for approval to restore the temperature.", "agent"),
    )


def tell_visit(session: Session, health: DrawnHealth) -> None:
    slot: Slot = visits.free_slots(session, skill="heating", since=NOW)[1]
    visit = visits.add_visit(
        session, visits.NewVisit(1003, slot, slot.starts_at + 90 * MINUTE, "sample-visit@amends", ("circulation_pump",))
    )
    visits.take_slot(session, slot.id, visit.id)
    device, since = "therm-0001", NOW - 12 * HOUR
    health.curves[device] = {
        **health.curves[device],
        "flow_l_min": Curve(18.2, 0.5, -5.0, since),
        "return_temp_c": Curve(32.5, 1.0, -4.0, since),
    }
    health.views[device] = replace(
        health.views[device], state=5.0, normal_since=None, now=(Because("flow_l_min", 0.6, -6.6, 13.4, 18.2),)
    )
    add_finding(
        session,
        _evidence(
            device,
            NOW - 9 * HOUR,
            ("flow_l_min", 0.6, -6.6, 13.4, 18.2),
            ("return_temp_c", 0.3, -3.1, 28.9, 32.5),
        ),
        1003,
    )
    _story(
        session,
        1003,
        (8 * HOUR, StoryKind.VISIT, "Booked Paula Brandt, who brings a circulation pump.", "agent"),
        (8 * HOUR, StoryKind.MESSAGE, "The owner was told by mail, with an invitation.", "agent"),
    )
