"""How a remedy ended is booked once, for what it was sent to, and as it turned out at last."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from agent.act.command import Command, CommandState
from agent.care.rating import RatingSource
from agent.decide.permit import alike
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Direction, Symptom
from agent.health.findings import Because
from agent.service.visit import Technician
from agent.store import visits
from agent.store.breakers import Fuse, count_ended, find_breaker
from agent.store.crowds import at_work
from agent.store.database import Database
from agent.store.outcomes import endings_of
from agent.store.ticket_file import read_present_records, read_records
from broker.messages import ResultStatus
from tests.agent.desk.office import Office
from tests.builders import MINUTE, a_birth, a_fault, a_playbook, a_remedy

NORMAL = {"state": 0.1, "now": ()}
OLD, NEW = "2.4.1", "3.0.0"


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    return office


def done(office: Office) -> Command:
    """Let the device notice something and do as it is told."""
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()
    office.answer(command, ResultStatus.SUCCEEDED)
    return command


def healed(office: Office) -> None:
    done(office)
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED


def booked(office: Office, firmware: str = OLD) -> list[Outcome]:
    with office.database.reading() as session:
        found = endings_of(session, product="frost-200", firmware=firmware, remedy="restart", limit=9)
    return [ending.outcome for ending in reversed(found)]


def kin(office: Office, firmware: str) -> None:
    """Let enough other devices have a firmware for it to have a canary."""
    for number in range(8):
        office.birth(f"kin-{firmware}-{number}", firmware=firmware)


def test_a_remedy_whose_device_is_updated_before_it_recurs_recurred_on_the_firmware_it_was_sent_to(
    office: Office,
) -> None:
    kin(office, OLD)
    kin(office, NEW)
    healed(office)

    office.birth(firmware=NEW, boot="b2")
    office.clock.at += timedelta(hours=20)
    office.notice()

    assert (booked(office, OLD), booked(office, NEW)) == ([Outcome.HEALED, Outcome.RECURRED], [])
    with office.database.reading() as session:
        assert find_breaker(session, Fuse("frost-200", NEW, "restart")) is None
        assert find_breaker(session, Fuse("frost-200", OLD, "restart")) is not None


def test_a_device_updated_while_it_is_verified_is_no_canary_of_its_new_firmware(office: Office) -> None:
    kin(office, NEW)
    done(office)

    office.birth(firmware=NEW, boot="b2")
    with office.database.reading() as session:
        assert {one.firmware for one in at_work(session, "frost-200")} == {OLD}
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)

    with office.database.reading() as session:
        counts = [
            count_ended(session, Fuse("frost-200", firmware, "restart"), after=0, playbook="1")
            for firmware in (OLD, NEW)
        ]
    assert counts == [1, 0]


def test_what_healed_and_came_back_counts_once_and_not_as_healed(office: Office) -> None:
    healed(office)
    office.clock.at += timedelta(hours=20)
    office.notice()

    with office.database.reading() as session:
        (record,) = read_records(session, "frost-200")
        (of_fault,) = read_records(session, "frost-200", "memory_leak")
    assert record == of_fault
    assert (record.healed, record.tried) == (0, 1)


def test_the_record_of_a_remedy_is_of_what_it_does_now(office: Office) -> None:
    healed(office)
    then = a_playbook(version="1")
    reworded = a_playbook(version="2", remedies=(a_remedy("restart", words="started anew"), a_remedy("defrost")))
    another = a_playbook(version="3", remedies=(a_remedy("restart", verb="factory_reset"), a_remedy("defrost")))

    with office.database.reading() as session:
        (record,) = read_present_records(session, "frost-200", alike(reworded, [then, reworded]))
        nothing = read_present_records(session, "frost-200", alike(another, [then, reworded, another]))

    assert (record.healed, record.tried) == (1, 1)
    assert nothing == ()


def test_what_the_device_turned_down_was_not_tried(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.REJECTED)

    with office.database.reading() as session:
        (record,) = read_records(session, "frost-200")
    assert (record.tried, record.outcomes) == (0, ((Outcome.REJECTED, 1),))


def rated_badly(office: Office) -> None:
    office.worker.rate(1, 1, "it was loud", RatingSource.DEVICE)


def taken_over(office: Office) -> None:
    office.worker.take_over(1, "mira")


def closed(office: Office) -> None:
    office.worker.close(1, "mira", "All good.")


UNCLEAR = (Because("memory_free_kb", 0.4, -2.5, 40_000.0, 48_000.0), Because("fan_rpm", 0.6, -2.8, 800.0, 900.0))


@pytest.mark.parametrize("unclear_at_first", [False, True])
@pytest.mark.parametrize("since", [rated_badly, taken_over])
def test_a_fault_that_returns_while_a_person_has_its_ticket_has_recurred_and_the_ticket_stays_theirs(
    office: Office,
    since: Callable[[Office], None],
    unclear_at_first: bool,  # noqa: FBT001 - a column of the table
) -> None:
    healed(office)
    since(office)
    office.clock.at += timedelta(hours=5)

    if unclear_at_first:
        office.sees(now=UNCLEAR)
        office.hear(office.finding(because=UNCLEAR))
    office.notice()
    office.later(5 * MINUTE)

    assert booked(office) == [Outcome.HEALED, Outcome.RECURRED]
    (tried,) = office.ticket().tried
    assert (office.ticket().state, tried.outcome) == (TicketState.WITH_PERSON, Outcome.RECURRED)
    assert 5 < tried.held_h < 7
    assert len(office.commands()) == 1


@pytest.mark.parametrize("unclear_at_first", [False, True])
def test_a_closed_ticket_whose_fault_returns_within_the_watch_is_weighed_again_with_what_was_tried(
    office: Office,
    unclear_at_first: bool,  # noqa: FBT001 - a column of the table
) -> None:
    healed(office)
    closed(office)
    office.clock.at += timedelta(hours=5)

    if unclear_at_first:
        office.sees(now=UNCLEAR)
        office.hear(office.finding(because=UNCLEAR))
    office.notice()
    office.later(10 * MINUTE)

    assert booked(office) == [Outcome.HEALED, Outcome.RECURRED]
    assert office.ticket().owner is None
    assert [command.remedy for command in office.commands()] == ["restart", "defrost"]  # it had held for hours only


def test_what_returns_after_the_watch_is_a_matter_of_its_own(office: Office) -> None:
    healed(office)
    closed(office)
    office.clock.at += timedelta(days=8)
    office.notice()

    assert booked(office) == [Outcome.HEALED]
    assert (office.ticket(1).state, office.ticket(2).tried) == (TicketState.CLOSED, ())


def test_what_healed_is_weighed_again_when_another_ticket_with_a_remedy_behind_it_turns_out_to_be_that(
    database: Database,
) -> None:
    iced = a_fault("iced", symptoms=(Symptom("fan_rpm", Direction.DOWN),), remedies=("defrost", "thaw"))
    remedies = (a_remedy("restart"), a_remedy("defrost"), a_remedy("thaw", verb="defrost"))
    book = a_playbook(a_fault("memory_leak", remedies=("restart",)), iced, remedies=remedies)
    office = Office(database, playbooks={"frost-200": book})
    office.birth()
    healed(office)
    office.clock.at += timedelta(hours=20)
    slow = (Because("fan_rpm", 1.0, -12.0, 300.0, 900.0),)
    office.sees(now=slow)
    office.hear(office.finding(because=slow))
    office.later(6 * MINUTE, now=slow)
    (command,) = office.send()
    office.answer(command, ResultStatus.FAILED)

    office.later(100 * MINUTE)  # what was seen of the fan speaks for an hour

    assert booked(office) == [Outcome.HEALED, Outcome.RECURRED]
    assert office.ticket(1).state is not TicketState.HEALED
    assert "The fault has come back." in office.told(StoryKind.OUTCOME, 1)


def test_what_a_visit_has_mended_since_is_not_laid_on_the_remedy(database: Database) -> None:
    office = Office(database, playbooks={"frost-200": a_playbook(a_fault(skill="cooling"))})
    office.birth()
    healed(office)
    rated_badly(office)
    starts_at = office.clock.at + timedelta(hours=3)
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        visits.offer_slot(session, technician_id="t1", starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    visit = office.worker.book_visit(1, "mira")
    office.clock.at = starts_at
    office.worker.record_visit_result(visit.id, "noor", "Cleaned it.")
    office.later(timedelta(hours=2), normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED

    office.clock.at += timedelta(hours=5)
    office.notice()

    assert booked(office) == [Outcome.HEALED]
    assert "The fault has come back." in office.told(StoryKind.OUTCOME)


RESTARTING = a_playbook(remedies=(a_remedy("restart", restarts=True), a_remedy("defrost")))


@pytest.mark.parametrize("restarts", [False, True])
def test_what_nobody_listened_to_is_judged_where_it_shows_and_never_counts_against_the_remedy(
    database: Database,
    restarts: bool,  # noqa: FBT001 - a column of the table
) -> None:
    office = Office(database, playbooks={"frost-200": RESTARTING})
    office.birth()
    kin(office, OLD)
    office.notice()
    office.later(5 * MINUTE)
    office.send()
    if restarts:
        office.clock.at += MINUTE
        office.birth(boot="b2")

    office.clock.at += 20 * MINUTE  # the agent is away
    office.worker.begin()

    assert office.ticket().state is (TicketState.VERIFYING if restarts else TicketState.WITH_PERSON)
    assert (office.ticket().tried[0].outcome, booked(office)) == (None, [])
    with office.database.reading() as session:
        assert find_breaker(session, Fuse("frost-200", OLD, "restart")) is None


def test_an_agent_that_starts_anew_every_night_gives_up_on_a_remedy_in_the_end(database: Database) -> None:
    slow = a_playbook(remedies=(a_remedy("restart", verify_within=timedelta(hours=24)), a_remedy("defrost")))
    office = Office(database, playbooks={"frost-200": slow})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)

    left: list[timedelta] = []
    for _ in range(3):
        office.clock.at += timedelta(hours=23)
        office.worker.begin()
        by = office.ticket().verify_by
        assert by is not None
        left.append(by - office.clock.at)

    judged_for = timedelta(hours=24) - 5 * MINUTE  # it settles first
    assert left == [judged_for, judged_for, timedelta(hours=2)]


def test_a_person_who_has_the_ticket_reads_that_nobody_listened_to_its_command(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)
    office.send()
    taken_over(office)

    office.clock.at += timedelta(hours=2)  # the agent is away
    office.worker.begin()

    assert "Nobody listened while the device may have answered" in office.told(StoryKind.OUTCOME)[-1]


def test_a_boot_from_before_the_command_left_does_not_show_that_it_was_done(database: Database) -> None:
    once = a_playbook(remedies=(a_remedy("restart", restarts=True, only_once=True), a_remedy("defrost")))
    office = Office(database, playbooks={"frost-200": once})
    office.birth()
    office.notice()
    office.later(4 * MINUTE)

    office.hear(a_birth(boot="b2"))  # by itself
    office.clock.at += MINUTE
    office.send()
    office.later(7 * MINUTE)

    assert [one.state for one in office.commands()] == [CommandState.UNKNOWN]
    assert office.ticket().state is TicketState.WITH_PERSON


def test_an_agent_that_was_there_counts_silence_as_a_failure(office: Office) -> None:
    kin(office, OLD)
    office.notice()
    office.later(5 * MINUTE)
    office.send()

    office.later(6 * MINUTE)

    assert booked(office) == [Outcome.NO_ANSWER]
    with office.database.reading() as session:
        assert find_breaker(session, Fuse("frost-200", OLD, "restart")) is not None


TAKEN_OVER = {
    "healed": Outcome.HEALED,
    "not healed": Outcome.NOT_HEALED,
    "failed": Outcome.FAILED,
    "rejected": Outcome.REJECTED,
    "silent": Outcome.NO_ANSWER,
}


@pytest.mark.parametrize(("how", "outcome"), TAKEN_OVER.items())
def test_a_remedy_at_work_when_its_ticket_is_taken_over_is_judged_and_counts_and_the_ticket_stays_theirs(
    office: Office, how: str, outcome: Outcome
) -> None:
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()
    taken_over(office)

    if how in {"failed", "rejected"}:
        office.answer(command, ResultStatus(how))
    elif how != "silent":
        office.answer(command, ResultStatus.ACCEPTED)
        office.answer(command, ResultStatus.SUCCEEDED)
    since = office.clock.at
    office.later(timedelta(hours=2), **({"normal_since": since, **NORMAL} if how == "healed" else {}))

    (tried,) = office.ticket().tried
    assert (tried.outcome, booked(office)) == (outcome, [outcome])
    assert (office.ticket().state, office.ticket().owner) == (TicketState.WITH_PERSON, "mira")
    assert office.ticket().due_at is None
    assert len(office.commands()) == 1


def test_a_ticket_taken_over_while_its_remedy_is_judged_is_judged_to_the_end(office: Office) -> None:
    done(office)
    office.later(6 * MINUTE)
    taken_over(office)

    with office.database.reading() as session:
        assert len(at_work(session, "frost-200")) == 1
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert (office.ticket().state, booked(office)) == (TicketState.WITH_PERSON, [Outcome.HEALED])


def test_what_made_a_device_worse_is_set_back_though_a_person_took_its_ticket_over(database: Database) -> None:
    harmful = a_remedy("restart", verb="set_config", args=(("setpoint_c", -4.0),), rollback=True)
    playbook = a_playbook(a_fault(remedies=("restart",)), remedies=(harmful,))
    office = Office(database, playbooks={"frost-200": playbook})
    office.birth(config={"setpoint_c": -18.0})
    done(office)
    taken_over(office)

    office.later(timedelta(hours=2), state=6.0, now=(Because("memory_free_kb", 1.0, -19.0, 1_000.0, 48_000.0),))

    assert booked(office) == [Outcome.WORSE]
    back = office.commands()[-1]
    assert (back.undoes, back.args) == (office.commands()[0].id, (("setpoint_c", -18.0),))
    assert office.ticket().state is TicketState.WITH_PERSON
