"""What made a device worse is set back: whatever is in the way, until it is done or a person knows that it is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from agent.act.command import Command, CommandState
from agent.act.departures import hold_back
from agent.decide.same_cause import Scope
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy, Direction, Playbook, Symptom
from agent.health.findings import Because
from agent.service.visit import Technician
from agent.store import visits
from agent.store.about import about_devices
from agent.store.breakers import Fuse, find_breaker
from agent.store.commands import last_done_args
from agent.store.database import Database
from agent.store.erasing import erase_records
from agent.store.freezes import Freeze, add_freeze, open_gathering
from agent.store.outbox import EffectKind, due_effects
from agent.store.tables import OutboxRow
from agent.store.tickets import find_ticket, open_ticket, save_ticket
from broker.messages import Presence, ResultStatus, Status
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE, NOON, a_birth, a_device, a_fault, a_playbook, a_remedy

WORSE: dict[str, Any] = {
    "state": 6.0,
    "now": (
        Because("memory_free_kb", 1.0, -19.0, 1_000.0, 48_000.0),
        Because("fan_rpm", 1.0, -12.0, 100.0, 900.0),
    ),
}
STILL_WORSE: dict[str, Any] = {
    "state": 9.0,
    "now": (
        Because("memory_free_kb", 1.0, -39.0, 500.0, 48_000.0),
        Because("fan_rpm", 1.0, -24.0, 50.0, 900.0),
    ),
}
WARMER = {"setpoint_c": -4.0}
SETS_WARMER = a_remedy("restart", verb="set_config", args=tuple(WARMER.items()), rollback=True)
HOURS = timedelta(hours=1)
GAVE_UP = "Still not set back: setpoint_c (it was -18.0). The agent has tried"


def harmed(database: Database, playbook: Playbook | None = None, *, autonomy: Autonomy = Autonomy.ACT) -> Office:
    """An office in which a restart that sets a setpoint is done, and about to make the device worse.

    ``playbook`` ``None``: one with a second fault that a defrost heals, and a restart of this autonomy.
    """
    restart = replace(SETS_WARMER, autonomy=autonomy)
    faults = (
        a_fault("memory_leak", remedies=("restart",)),
        a_fault("iced", symptoms=(Symptom("fan_rpm", Direction.DOWN),), remedies=("defrost",)),
    )
    usual = a_playbook(*faults, remedies=(restart, a_remedy("defrost", answer_within=30 * MINUTE)))
    office = Office(database, playbooks={"frost-200": playbook or usual})
    office.birth(config={"setpoint_c": -18.0})
    office.notice()
    office.later(5 * MINUTE)
    if autonomy is not Autonomy.ACT:
        office.later(2 * MINUTE)
        office.worker.approve(1, "mira")
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.hear(a_birth(config=WARMER))
    return office


def with_a_person(database: Database, fault: str, now: datetime) -> None:
    """Open another ticket about the device, which a person has taken over."""
    with database.transaction() as session:
        other = open_ticket(session, device_id="frost-0001", product="frost-200", playbook_version="1", now=now)
        save_ticket(session, replace(other, fault=fault, state=TicketState.WITH_PERSON, owner="mira", due_at=None))


def judged(office: Office) -> None:
    """Let time pass until the remedy is judged."""
    for _ in range(60):
        if office.ticket().state is not TicketState.VERIFYING:
            return
        office.later(MINUTE, **WORSE)


def worse_for(office: Office, duration: timedelta) -> None:
    """Let time pass, five minutes at a time."""
    end = office.clock.at + duration
    while office.clock.at < end:
        office.clock.at += 5 * MINUTE
        office.sees(**WORSE)
        office.work()


def tries(office: Office) -> list[Command]:
    return [one for one in office.commands() if one.undoes is not None]


def waits(office: Office) -> list[str]:
    return [text for text in office.told(StoryKind.GUARD) if text.startswith("Still not set back")]


def test_what_made_it_worse_is_set_back_and_the_story_says_so_once_it_is(database: Database) -> None:
    office = harmed(database)
    judged(office)

    (back,) = office.send()
    assert (back.verb, dict(back.args)) == ("set_config", {"setpoint_c": -18.0})
    assert office.told(StoryKind.MOVE)[-2].endswith("is to be set back to what it was: setpoint_c -18.0.")
    office.answer(back, ResultStatus.SUCCEEDED)
    worse_for(office, 8 * HOURS)

    assert office.told(StoryKind.MOVE)[-1] == "What restart had changed is set back, says the device."
    assert states(tries(office)) == [CommandState.SUCCEEDED]


@pytest.mark.parametrize("autonomy", [Autonomy.ASK, Autonomy.SUGGEST])
def test_what_a_person_has_approved_is_set_back_like_what_the_agent_sent(
    database: Database, autonomy: Autonomy
) -> None:
    office = harmed(database, autonomy=autonomy)
    judged(office)

    (back,) = office.send()
    office.answer(back, ResultStatus.SUCCEEDED)
    worse_for(office, HOURS)

    assert dict(back.args) == {"setpoint_c": -18.0}
    assert [one.outcome for one in office.ticket().tried] == [Outcome.WORSE]
    assert office.told(StoryKind.MOVE)[-1] == "What restart had changed is set back, says the device."


def test_what_is_worse_is_written_down_though_another_command_is_in_flight_and_set_back_after_it(
    database: Database,
) -> None:
    office = harmed(database)
    for number in range(2, 9):
        office.birth(f"frost-000{number}")  # a firmware on so many devices has a canary, and one harm is enough
    with_a_person(database, "iced", office.clock.at)
    office.later(40 * MINUTE)
    office.worker.try_again(2, "defrost", "mira")
    (defrost,) = office.send()
    office.answer(defrost, ResultStatus.ACCEPTED)

    judged(office)

    assert [one.outcome for one in office.ticket().tried] == [Outcome.WORSE]
    with database.reading() as session:
        breaker = find_breaker(session, Fuse("frost-200", "2.4.1", "restart"))
    assert breaker is not None
    assert breaker.is_open
    assert any("was worse off after restart" in text for text in office.told(StoryKind.MOVE))
    assert tries(office) == []
    (why,) = waits(office)
    assert why.endswith("Not now: something else is done about the device, and what it does must show first.")
    office.answer(defrost, ResultStatus.SUCCEEDED)
    while office.ticket(2).verify_by is not None:
        assert office.send() == ()
        office.later(MINUTE, **WORSE)
    office.later(5 * MINUTE, **WORSE)
    assert [one.undoes for one in office.send()] == [office.ticket().tried[0].command_id]


def turned_down(office: Office) -> None:
    office.answer(office.send()[0], ResultStatus.REJECTED, "busy")


def failing(office: Office) -> None:
    office.answer(office.send()[0], ResultStatus.FAILED, "no memory")


def unanswered(office: Office) -> None:
    assert len(office.send()) == 1
    office.later(6 * MINUTE, **WORSE)


def unsent(office: Office) -> None:
    office.later(6 * MINUTE, **WORSE)  # the broker is away


def halted(office: Office) -> None:
    office.worker.halt("mira", "smoke")
    office.later(20 * MINUTE, **WORSE)
    office.worker.resume("mira", "toast")


def held_back(office: Office) -> None:
    (claimed,) = office.send()
    office.worker.halt("mira", "smoke")
    with office.database.transaction() as session:
        hold_back(session, claimed.id, office.clock.at)
    office.worker.resume("mira", "toast")


def forgotten(office: Office) -> None:
    assert len(office.send()) == 1
    office.clock.at += HOURS
    office.worker.begin()


def taken_over(office: Office) -> None:
    office.worker.take_over(1, "mira")


@pytest.mark.parametrize("mishap", [turned_down, failing, unanswered, unsent, halted, held_back, forgotten, taken_over])
def test_it_is_tried_again_after_whatever_came_between(database: Database, mishap: Callable[[Office], None]) -> None:
    office = harmed(database)
    judged(office)

    mishap(office)
    for _ in range(30):
        office.later(MINUTE, **WORSE)
        for command in office.send():
            office.answer(command, ResultStatus.SUCCEEDED)
    office.later(5 * MINUTE, **WORSE)

    assert states(tries(office))[-1] is CommandState.SUCCEEDED
    assert states(tries(office)).count(CommandState.SUCCEEDED) == 1
    assert office.told(StoryKind.MOVE)[-1] == "What restart had changed is set back, says the device."


@pytest.mark.parametrize("heard_first", [False, True])
def test_what_the_broker_had_kept_about_it_over_a_restart_counts(
    database: Database,
    heard_first: bool,  # noqa: FBT001 - a column of the table
) -> None:
    office = harmed(database)
    judged(office)
    (back,) = office.send()
    office.clock.at += 20 * MINUTE

    if heard_first:
        office.answer(back, ResultStatus.SUCCEEDED)
    office.worker.begin()
    if not heard_first:
        office.answer(back, ResultStatus.SUCCEEDED)
    worse_for(office, HOURS)

    assert states(tries(office)) == [CommandState.SUCCEEDED]
    assert office.told(StoryKind.MOVE)[-1] == "What restart had changed is set back, says the device."


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (lambda office: office.worker.halt("mira", "smoke"), "every automatic fix is halted"),
        (lambda office: office.hear(Status(Presence.OFFLINE)), "the device is offline"),
        (lambda office: office.hear(a_birth(busy=True)), "somebody is using the device"),
        (lambda office: office.hear(a_birth(commands=("restart",))), "does not know the command set_config"),
    ],
)
def test_what_is_in_the_way_is_told_once_and_after_six_hours_that_it_is_still_not_set_back(
    database: Database, way: Callable[[Office], object], words: str
) -> None:
    office = harmed(database)
    way(office)
    judged(office)

    worse_for(office, 5 * HOURS)
    assert len(waits(office)) == 1
    assert words in waits(office)[0]
    worse_for(office, 3 * HOURS)

    assert tries(office) == []
    assert office.ticket().state is TicketState.WITH_PERSON
    assert office.told(StoryKind.MOVE)[-1].startswith(
        "Still not set back: setpoint_c (it was -18.0). The agent has tried"
    )


def test_a_device_that_always_turns_it_down_is_asked_a_dozen_times_and_then_a_person_knows(database: Database) -> None:
    office = harmed(database)
    judged(office)

    for _ in range(7 * 12):
        for command in office.send():
            office.answer(command, ResultStatus.REJECTED, "busy")
        worse_for(office, 5 * MINUTE)

    assert 5 <= len(tries(office)) <= 15
    assert office.told(StoryKind.MOVE)[-1].startswith(
        "Still not set back: setpoint_c (it was -18.0). The agent has tried"
    )
    assert any(text.endswith("It is tried again.") for text in office.told(StoryKind.MOVE))


def test_what_was_erased_is_not_owed_any_more(database: Database) -> None:
    office = harmed(database)
    office.worker.halt("mira", "smoke")
    judged(office)
    with database.transaction() as session:
        session.connection().execute(text("update command set earlier = null"))
    told = len(office.story())

    worse_for(office, 10 * MINUTE)

    assert len(office.story()) == told
    with database.reading() as session:
        assert due_effects(session, {EffectKind.TAKE_BACK}, office.clock.at + 24 * HOURS) == ()


def test_nothing_is_set_back_on_a_closed_ticket_and_its_story_says_so(database: Database) -> None:
    office = harmed(database)
    judged(office)

    office.worker.close(1, "mira", "I go there myself.")
    worse_for(office, HOURS)

    assert office.send() == ()
    assert states(tries(office)) == [CommandState.CANCELLED]
    assert "The ticket is closed" in office.told(StoryKind.MOVE)[-1]


def test_a_remedy_taken_over_and_put_back_is_judged_and_set_back_as_if_nobody_had_touched_it(
    database: Database,
) -> None:
    office = harmed(database)
    judged_by = office.ticket().verify_by
    office.later(10 * MINUTE)

    office.worker.take_over(1, "mira")
    office.worker.reopen(1, "mira", "go on")

    assert (office.ticket().state, office.ticket().verify_by) == (TicketState.VERIFYING, judged_by)
    assert office.ticket().owner is None
    judged(office)
    (back,) = office.send()
    assert dict(back.args) == {"setpoint_c": -18.0}
    assert [one.outcome for one in office.ticket().tried] == [Outcome.WORSE]


def sent_again(office: Office) -> Command:
    """Let the first try to set it back be turned down, and staff send the remedy once more."""
    judged(office)
    office.answer(office.send()[0], ResultStatus.REJECTED, "busy")
    office.worker.try_again(1, "restart", "mira")
    (again,) = office.send()
    office.answer(again, ResultStatus.SUCCEEDED)
    return again


def test_a_remedy_sent_again_is_judged_undisturbed_and_what_was_before_the_first_is_set_back(
    database: Database,
) -> None:
    office = harmed(database)
    again = sent_again(office)

    while office.ticket().state is TicketState.VERIFYING:
        assert office.send() == ()
        office.later(MINUTE, **STILL_WORSE)

    (back,) = office.send()
    assert (dict(back.args), back.undoes) == ({"setpoint_c": -18.0}, again.id)
    office.answer(back, ResultStatus.SUCCEEDED)
    worse_for(office, 8 * HOURS)
    assert states(tries(office)) == [CommandState.REJECTED, CommandState.SUCCEEDED]


def test_after_a_remedy_sent_again_that_has_not_healed_what_the_first_had_changed_is_set_back(
    database: Database,
) -> None:
    office = harmed(database)
    sent_again(office)

    while not (back := office.send()):
        office.later(MINUTE, **WORSE)

    assert [one.outcome for one in office.ticket().tried] == [Outcome.WORSE, Outcome.NOT_HEALED]
    assert dict(back[0].args) == {"setpoint_c": -18.0}


def test_what_a_remedy_sent_again_has_healed_is_not_set_back(database: Database) -> None:
    office = harmed(database)
    sent_again(office)

    office.later(2 * HOURS, normal_since=office.clock.at, state=0.1, now=())

    assert office.ticket().state is TicketState.HEALED
    assert len(tries(office)) == 1
    assert office.told(StoryKind.MOVE)[-1].endswith("It was changed again since, which was judged by itself.")


ANOTHER = "What restart had changed was set by somebody else since, says the device: setpoint_c -15.0."
ALREADY = "What restart had changed is set back already, says the device."


@pytest.mark.parametrize("is_judged", [False, True])
@pytest.mark.parametrize(("says", "words"), [(-15.0, ANOTHER), (-18.0, ALREADY)])
def test_what_the_owner_has_set_before_it_could_be_set_back_is_left_so(
    database: Database,
    says: float,
    words: str,
    is_judged: bool,  # noqa: FBT001 - a column of the table
) -> None:
    office = harmed(database)
    office.hear(Status(Presence.OFFLINE))
    if is_judged:
        judged(office)
    office.later(10 * MINUTE, **WORSE)

    office.hear(a_birth(config={"setpoint_c": says}), Status(Presence.ONLINE))
    judged(office)
    worse_for(office, HOURS)

    assert tries(office) == []
    assert words in office.told(StoryKind.MOVE)


def test_what_the_device_has_set_back_without_an_answer_is_not_sent_again(database: Database) -> None:
    office = harmed(database)
    judged(office)

    assert len(office.send()) == 1
    office.hear(a_birth(config={"setpoint_c": -18.0}))
    worse_for(office, 8 * HOURS)

    assert states(tries(office)) == [CommandState.TIMED_OUT]
    assert office.told(StoryKind.MOVE)[-1] == ALREADY


def test_a_birth_from_before_the_command_does_not_say_that_it_is_set_back(database: Database) -> None:
    office = harmed(database)
    office.hear(a_birth(config={"setpoint_c": -18.0}))  # as ever: it does not say anew what is set

    judged(office)

    assert [dict(one.args) for one in office.send()] == [{"setpoint_c": -18.0}]


def test_what_a_later_remedy_without_success_has_set_is_not_taken_for_what_somebody_else_has(
    database: Database,
) -> None:
    remedies = (SETS_WARMER, replace(SETS_WARMER, name="defrost", args=(("setpoint_c", -24.0),)))
    office = harmed(database, a_playbook(a_fault(), remedies=remedies))
    judged(office)
    office.answer(office.send()[0], ResultStatus.REJECTED, "busy")
    office.worker.try_again(1, "defrost", "mira")
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.hear(a_birth(config={"setpoint_c": -24.0}))

    while office.ticket().verify_by is not None:
        office.later(MINUTE, **WORSE)
    office.later(5 * MINUTE, **WORSE)

    assert [one.outcome for one in office.ticket().tried] == [Outcome.WORSE, Outcome.NOT_HEALED]
    assert [dict(one.args) for one in office.send()] == [{"setpoint_c": -18.0}]


def sent_for_another_fault(database: Database, *, rollback: bool = True) -> Office:
    """An office in which setting it back has failed for long, and staff's remedy of another fault has set the same."""
    colder = replace(SETS_WARMER, name="defrost", args=(("setpoint_c", -24.0),), rollback=rollback)
    faults = (
        a_fault("memory_leak", remedies=("restart",)),
        a_fault("iced", symptoms=(Symptom("fan_rpm", Direction.DOWN),), remedies=("defrost",)),
    )
    office = harmed(database, a_playbook(*faults, remedies=(SETS_WARMER, colder)))
    judged(office)
    office.answer(office.send()[0], ResultStatus.FAILED, "no memory")
    with_a_person(database, "iced", office.clock.at)
    office.worker.try_again(2, "defrost", "mira")
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.hear(a_birth(config={"setpoint_c": -24.0}))
    return office


def test_what_another_ticket_has_healed_with_is_neither_disturbed_nor_set_back(database: Database) -> None:
    office = sent_for_another_fault(database)

    office.later(3 * HOURS, normal_since=office.clock.at, state=0.1, now=())

    assert [one.outcome for one in office.ticket(2).tried] == [Outcome.HEALED]
    assert len(tries(office)) == 1
    assert office.told(StoryKind.MOVE)[-1].endswith("It was changed again since, which was judged by itself.")


@pytest.mark.parametrize("rollback", [False, True])
def test_what_another_ticket_has_made_worse_still_is_set_back_once_to_what_was_before_the_first(
    database: Database,
    rollback: bool,  # noqa: FBT001 - a column of the table
) -> None:
    office = sent_for_another_fault(database, rollback=rollback)

    while office.ticket(2).verify_by is not None:
        assert office.send() == ()
        office.later(MINUTE, **STILL_WORSE)
    back: list[Command] = []
    for _ in range(30):
        for command in office.send():
            office.answer(command, ResultStatus.SUCCEEDED)
            back.append(command)
        office.later(MINUTE, **STILL_WORSE)

    assert [one.outcome for one in office.ticket(2).tried] == [Outcome.WORSE]
    assert [dict(one.args) for one in back] == [{"setpoint_c": -18.0}]
    assert back[0].ticket_id == (2 if rollback else 1)


def test_what_was_given_up_is_still_not_what_was_before(database: Database) -> None:
    office = harmed(database)
    office.worker.halt("mira", "smoke")
    judged(office)
    worse_for(office, 8 * HOURS)
    office.worker.resume("mira", "toast")

    office.worker.try_again(1, "restart", "mira")

    assert [one.earlier for one in office.send()] == [(("setpoint_c", -18.0),)]


def test_what_somebody_has_set_since_is_what_was_before(database: Database) -> None:
    office = harmed(database)
    judged(office)
    office.answer(office.send()[0], ResultStatus.REJECTED, "busy")
    office.hear(a_birth(config={"setpoint_c": -20.0}))

    office.worker.try_again(1, "restart", "mira")

    assert [one.earlier for one in office.send()] == [(("setpoint_c", -20.0),)]


def test_a_ticket_is_not_closed_by_the_agent_while_something_is_still_to_be_set_back(database: Database) -> None:
    office = harmed(database)
    with database.transaction() as session:
        ticket = find_ticket(session, 1)
        gathering = open_gathering(session, ticket, office.clock.at)
        add_freeze(
            session,
            Freeze(gathering.id, "memory_leak", Scope.PRODUCT, "frost-200", "frost-200", office.clock.at),
        )
        save_ticket(session, replace(ticket, parent_id=gathering.id))
    office.worker.halt("mira", "smoke")
    judged(office)
    assert office.ticket().state is TicketState.NOTICED

    begun = office.clock.at
    while office.clock.at < begun + 5 * HOURS:
        office.clock.at += 5 * MINUTE
        office.sees(normal_since=begun, state=0.1, now=())
        office.work()
        assert office.ticket().state is TicketState.NOTICED
    worse_for(office, 2 * HOURS)

    assert office.ticket().state is TicketState.WITH_PERSON
    assert office.told(StoryKind.MOVE)[-1].startswith("A person decides. " + GAVE_UP)


def test_a_visit_that_is_booked_stays_booked_when_it_is_still_not_set_back(database: Database) -> None:
    fault = a_fault("memory_leak", remedies=("restart",), skill="cooling")
    office = harmed(database, a_playbook(fault, remedies=(SETS_WARMER,)))
    with database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        slot = NOON + timedelta(days=2)
        visits.offer_slot(session, technician_id="t1", starts_at=slot, ends_at=slot + 2 * HOURS)
    office.worker.halt("mira", "smoke")
    judged(office)
    assert office.ticket().state is TicketState.VISIT_BOOKED

    worse_for(office, 8 * HOURS)

    assert office.ticket().state is TicketState.VISIT_BOOKED
    assert office.told(StoryKind.MOVE)[-1].startswith(GAVE_UP)


@pytest.mark.parametrize("waits_for", [HOURS, 8 * HOURS])
def test_what_is_owed_or_given_up_is_forgotten_with_its_customer(database: Database, waits_for: timedelta) -> None:
    office = harmed(database)
    office.worker.halt("mira", "smoke")
    judged(office)
    worse_for(office, waits_for)
    with database.reading() as session:
        (kept,) = session.exec(select(OutboxRow).where(OutboxRow.kind == EffectKind.TAKE_BACK)).all()
        assert "-18" not in kept.error

    with database.transaction() as session:
        erase_records(session, about_devices(session, "c1", ["frost-0001"]), office.clock.at)

    with database.reading() as session:
        assert session.exec(select(OutboxRow)).all() == []


def test_what_the_device_did_last_is_what_reached_it_last_though_it_was_proposed_before(database: Database) -> None:
    asks = replace(SETS_WARMER, autonomy=Autonomy.ASK)
    colder = replace(SETS_WARMER, name="defrost", args=(("setpoint_c", -24.0),))
    faults = (
        a_fault("memory_leak", remedies=("restart",)),
        a_fault("iced", symptoms=(Symptom("fan_rpm", Direction.DOWN),), remedies=("defrost",)),
    )
    office = Office(database, playbooks={"frost-200": a_playbook(*faults, remedies=(asks, colder))})
    office.birth()  # and says no config
    office.notice()
    office.later(5 * MINUTE)
    with_a_person(database, "iced", office.clock.at)
    office.worker.try_again(2, "defrost", "mira")
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(2 * MINUTE)

    office.worker.approve(1, "mira")
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)

    with database.reading() as session:
        assert last_done_args(session, a_device(), "set_config") == WARMER
