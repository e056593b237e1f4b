"""A device that says it is another product now gets nothing that was meant for the old one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import UNSET, UnsetType

from agent.act.command import Command, CommandState
from agent.act.departures import hold_back, may_leave
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy, FaultKind
from agent.health.findings import Because
from agent.service.visit import Technician
from agent.store import outbox, visits
from agent.store.database import Database
from agent.store.debts import debt_key
from agent.store.devices import record_birth
from agent.store.outbox import EffectKind
from agent.store.outcomes import endings_of
from agent.store.ticket_file import read_records
from broker.messages import ResultStatus
from tests.agent.desk.office import Office, states, with_autonomy
from tests.builders import MINUTE, NOON, a_birth, a_fault, a_playbook, a_remedy

UNCLEAR = (Because("memory_free_kb", 0.4, -2.5, 40_000.0, 48_000.0), Because("fan_rpm", 0.6, -2.8, 800.0, 900.0))
NOW_ANOTHER = "The device is another product now: volt-12, and no longer frost-200."


def office_with(database: Database, autonomy: Autonomy = Autonomy.ACT, *, restarts: bool = False) -> Office:
    """An office with two products; of volt-12 staff only want to watch."""
    remedies = (a_remedy("restart", restarts=restarts), a_remedy("defrost"))
    frost = with_autonomy(a_playbook(remedies=remedies), restart=autonomy)
    volt = with_autonomy(replace(a_playbook(), product="volt-12"), restart=Autonomy.OBSERVE, defrost=Autonomy.OBSERVE)
    office = Office(database, playbooks={"frost-200": frost, "volt-12": volt})
    office.birth()
    office.notice()
    return office


def becomes_another(office: Office) -> None:
    office.birth(product="volt-12", boot="another")


def heals(office: Office) -> None:
    office.later(5 * MINUTE)
    (command,) = office.send()
    office.answer(command, ResultStatus.SUCCEEDED)
    office.later(40 * MINUTE, normal_since=office.clock.at, state=0.1, now=())
    assert office.ticket().state is TicketState.HEALED


@pytest.mark.parametrize("autonomy", [Autonomy.ACT, Autonomy.ASK])
def test_what_was_open_is_closed_with_the_reason_and_nothing_of_it_is_sent(
    database: Database, autonomy: Autonomy
) -> None:
    office = office_with(database, autonomy)
    office.later(5 * MINUTE)
    assert states(office.commands()) != []

    becomes_another(office)
    office.later(timedelta(minutes=10))

    assert states(office.commands()) == [CommandState.CANCELLED]
    assert office.send() == ()
    assert (office.ticket().state, office.ticket().resolution) == (TicketState.CLOSED, NOW_ANOTHER)
    assert not office.ticket().tried


def test_a_ticket_that_is_only_weighed_leads_to_nothing(database: Database) -> None:
    office = office_with(database)

    becomes_another(office)
    office.later(5 * MINUTE)

    assert office.commands() == ()
    assert office.ticket().state is TicketState.CLOSED


@pytest.mark.parametrize("done", [False, True])
def test_with_a_remedy_out_a_person_gets_it(database: Database, done: bool) -> None:  # noqa: FBT001 - a parameter of the table
    office = office_with(database)
    office.later(5 * MINUTE)
    (command,) = office.send()
    if done:
        office.answer(command, ResultStatus.SUCCEEDED)

    becomes_another(office)

    assert office.ticket().state is TicketState.WITH_PERSON
    assert office.told(StoryKind.MOVE)[-1] == f"A person decides. {NOW_ANOTHER}"


NORMAL = {"state": 0.1, "now": ()}


def silent(office: Office, command: Command) -> None:
    del office, command


def answered(office: Office, command: Command) -> None:
    office.answer(command, ResultStatus.SUCCEEDED)


def failed(office: Office, command: Command) -> None:
    office.answer(command, ResultStatus.FAILED)


def goes_away(office: Office) -> None:
    office.clock.at += timedelta(hours=1)
    office.worker.begin()


def is_done(office: Office) -> None:
    office.answer(office.commands()[0], ResultStatus.SUCCEEDED)


def is_taken_over(office: Office) -> None:
    office.worker.take_over(1, "mira")


@pytest.mark.parametrize("then", [silent, answered, failed])
@pytest.mark.parametrize("before", [[], [goes_away], [is_taken_over], [is_done], [is_done, is_taken_over]])
@pytest.mark.parametrize("restarts", [False, True])
def test_nothing_the_new_product_shows_or_says_is_booked_for_a_remedy_that_was_out(
    database: Database,
    restarts: bool,  # noqa: FBT001 - a column of the table
    before: list[Callable[[Office], None]],
    then: Callable[[Office, Command], None],
) -> None:
    office = office_with(database, restarts=restarts)
    office.later(5 * MINUTE)
    (command,) = office.send()
    office.clock.at += MINUTE
    for step in before:
        step(office)

    becomes_another(office)
    then(office, command)
    office.later(timedelta(hours=2), normal_since=office.clock.at, **NORMAL)

    with database.reading() as session:
        assert endings_of(session, product="frost-200", firmware="2.4.1", remedy="restart", limit=9) == ()
    assert (office.ticket().state, office.ticket().tried[0].outcome) == (TicketState.WITH_PERSON, None)
    assert states(office.commands()) == [CommandState.SUCCEEDED if is_done in before else CommandState.UNKNOWN]


def test_a_person_who_has_it_reads_it_and_can_send_nothing_of_the_old_product(database: Database) -> None:
    office = office_with(database)
    office.worker.take_over(1, "mira")

    becomes_another(office)

    assert (office.ticket().state, office.ticket().owner) == (TicketState.WITH_PERSON, "mira")
    assert office.told(StoryKind.STATE)[-1] == NOW_ANOTHER


def test_somebody_who_is_about_to_come_leaves_it_to_a_person(database: Database) -> None:
    office = office_with(database, Autonomy.SUGGEST)
    with database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        visits.offer_slot(
            session, technician_id="t1", starts_at=NOON + timedelta(days=1), ends_at=NOON + timedelta(days=1, hours=2)
        )
    office.later(5 * MINUTE)
    office.worker.book_visit(1, "mira")

    becomes_another(office)

    assert office.ticket().state is TicketState.WITH_PERSON


def test_the_same_birth_again_changes_nothing(database: Database) -> None:
    office = office_with(database)
    office.later(5 * MINUTE)
    before = office.ticket()

    office.birth(boot="again")

    assert office.ticket() == before


def test_a_claimed_command_is_held_back_when_the_device_has_become_another(database: Database) -> None:
    office = office_with(database)
    office.later(5 * MINUTE)
    (command,) = office.send()

    with database.transaction() as session:
        record_birth(session, "frost-0001", a_birth(product="volt-12"), now=office.clock.at)
        assert not may_leave(session, command.id, office.clock.at)
        hold_back(session, command.id, office.clock.at)

    assert states(office.commands()) == [CommandState.CANCELLED]
    assert office.told(StoryKind.GUARD)[-1].endswith("nothing was sent. The device is another product now.")


@pytest.mark.parametrize("unclear_at_first", [False, True])
def test_a_fault_of_the_same_name_is_no_recurrence_of_what_healed_on_the_old_product(
    database: Database,
    unclear_at_first: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    office = office_with(database)
    heals(office)
    becomes_another(office)
    office.clock.at += timedelta(hours=5)

    if unclear_at_first:
        office.sees(now=UNCLEAR)
        office.hear(office.finding(because=UNCLEAR))
    office.notice()
    office.later(10 * MINUTE)

    old, new = office.ticket(1), office.ticket(2)
    assert (old.state, old.resolution) == (TicketState.CLOSED, NOW_ANOTHER)
    assert [one.outcome for one in old.tried] == [Outcome.HEALED]
    assert (new.product, new.fault) == ("volt-12", old.fault)
    with database.reading() as session:
        (record,) = read_records(session, "frost-200")
    assert (record.healed, record.tried) == (1, 1)


@pytest.mark.parametrize("named", [False, True])
def test_what_the_new_product_shows_is_not_put_to_the_ticket_that_a_person_has_of_the_old_one(
    database: Database,
    named: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    office = office_with(database)
    office.later(5 * MINUTE)
    office.send()
    becomes_another(office)
    office.clock.at += timedelta(hours=5)
    before = office.told(StoryKind.FINDING)

    if named:
        office.notice()
    else:
        office.sees(now=UNCLEAR)
        office.hear(office.finding(because=UNCLEAR))

    assert office.told(StoryKind.FINDING) == before
    assert (office.ticket(2).product, office.ticket(2).state) == ("volt-12", TicketState.NOTICED)


@pytest.mark.parametrize("config", [UNSET, {"setpoint_c": -18.0}])
def test_what_the_old_product_was_sent_and_still_owes_is_not_what_the_new_one_had(
    database: Database, config: dict[str, float | str | bool] | UnsetType
) -> None:
    sets = a_remedy("restart", verb="set_config", args=(("setpoint_c", -18.0),), rollback=True)
    old = a_playbook(a_fault(remedies=("restart",)), remedies=(sets,))
    new = replace(old, product="volt-12", remedies=(replace(sets, args=(("setpoint_c", 7.0),)),))
    office = Office(database, playbooks={"frost-200": old, "volt-12": new})
    office.birth(config={"setpoint_c": -20.0})
    office.notice()
    heals(office)
    with database.transaction() as session:
        key = debt_key(office.commands()[0].id)
        outbox.put(session, kind=EffectKind.TAKE_BACK, key=key, payload={}, due_at=NOON + timedelta(days=9))

    office.birth(product="volt-12", boot="another", config=config)
    office.clock.at += timedelta(days=1)
    office.notice()
    office.later(5 * MINUTE)

    (command,) = office.commands(2)
    assert command.earlier == (None if config is UNSET else (("setpoint_c", -18.0),))


def test_what_was_no_fault_of_the_old_product_is_looked_at_anew(database: Database) -> None:
    heat = a_fault("heat", kind=FaultKind.BENIGN, remedies=())
    books = {name: replace(a_playbook(heat), product=name) for name in ("frost-200", "volt-12")}
    office = Office(database, playbooks=books)
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    assert office.ticket().state is TicketState.CLOSED

    becomes_another(office)
    office.notice()

    assert office.ticket(2).product == "volt-12"
