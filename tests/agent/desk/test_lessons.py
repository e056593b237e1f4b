"""What is learned from tickets, from the moment they are judged to the word of who was there days later."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from agent.decide.passing import PASSED
from agent.decide.policy import DEFAULT_POLICY
from agent.desk.foresight import promise
from agent.desk.lessons import IN_ORDER, Word, learn
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.errors import UnknownFaultError
from agent.diagnose.experience import EVERY_CASE, UNKNOWN, Lesson, at_age
from agent.diagnose.impression import Impression, Source
from agent.diagnose.learned import SHADOW, TABLE
from agent.diagnose.playbook import Autonomy, Direction, FaultKind, Symptom, Words
from agent.diagnose.promise import Ending
from agent.diagnose.signature_table import Tally
from agent.diagnose.signs import PLAINLY
from agent.diagnose.time_left import Basis, TimeLeft
from agent.health.findings import Because, FindingKind
from agent.service.visit import Technician
from agent.store import visits
from agent.store.database import Database
from agent.store.learning import (
    School,
    add_counts,
    find_impression,
    is_shadow_in_charge,
    read_counts,
    read_school,
    save_impression,
)
from agent.store.promises import find_promise, promise_record
from broker.messages import Presence, ResultStatus, Status
from tests.agent.desk.office import Office, with_autonomy
from tests.builders import MINUTE, NOON, THE_FAULTS, a_birth, a_fault, a_playbook

NORMAL = {"state": 0.1, "now": ()}
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
UNCLEAR = (
    Because("fan_rpm", 0.5, -3.0, 870.0, 900.0),
    Because("memory_free_kb", 0.5, -3.0, 40_000.0, 48_000.0),
)
UNCLEAR_SIGNS = "fan_rpm down+memory_free_kb down"
SLOWER = (Because("fan_rpm", 1.0, -9.0, 300.0, 900.0),)
LEAKS = a_fault("memory_leak", symptoms=(Symptom("memory_free_kb", Direction.DOWN, 2.0),), remedies=("restart",))
WORN = replace(
    THE_FAULTS[1],
    symptoms=(Symptom("fan_rpm", Direction.DOWN, 2.5),),
    words=(Words("en", "a worn fan", "It slowed down.", "It would have stopped."),),
)
DYING = a_fault(
    "dying",
    kind=FaultKind.VISIT,
    remedies=(),
    skill="cooling",
    symptoms=(Symptom("memory_free_kb", Direction.DOWN), Symptom("fan_rpm", Direction.UP, 2.0)),
)

ICED = a_fault("iced", symptoms=(), codes=("E9",), remedies=("defrost",))


@pytest.fixture
def office(database: Database) -> Office:
    """An office in which a restart is for a leaking memory alone."""
    playbook = a_playbook(LEAKS, WORN, *THE_FAULTS[2:], ICED)
    office = Office(database, playbooks={"frost-200": playbook})
    office.birth()
    return office


def impression(office: Office, ticket_id: int = 1) -> Impression:
    with office.database.reading() as session:
        kept = find_impression(session, ticket_id)
    assert kept is not None
    return kept


def school(office: Office) -> School:
    with office.database.reading() as session:
        return read_school(session, "frost-200")


def tally(office: Office, fault: str, signature: str = EVERY_CASE) -> Tally:
    with office.database.reading() as session:
        return read_counts(session, "frost-200", (signature,)).get((fault, signature), Tally())


def restarted(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)


def a_worn_fan(office: Office) -> None:
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Ada", "", "UTC", ("cooling",)))
        for day in range(1, 20):
            starts_at = NOON + day * DAY
            visits.offer_slot(session, technician_id="t1", starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    office.sees(now=SLOWER)
    office.hear(office.finding(because=SLOWER))
    office.later(6 * MINUTE, now=SLOWER)


def test_what_a_ticket_looked_like_is_kept_when_it_is_named(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)

    kept = impression(office)

    assert kept.signs.recent == {"memory_free_kb down", PLAINLY}
    assert kept.leader == "memory_leak"
    assert sum(kept.chances.values()) == pytest.approx(1.0)
    assert kept.source is None


def test_what_a_ticket_was_named_on_is_kept_while_the_name_stands_though_nothing_leads_any_more(office: Office) -> None:
    unclear = (Because("fan_rpm", 0.5, -3.0, 870.0, 900.0), Because("wifi_rssi_dbm", 0.5, -3.0, -70.0, -60.0))
    office.notice()
    office.later(MINUTE)
    assert office.ticket().fault == "memory_leak"
    office.worker.halt("ada", "Looking at it.")
    office.later(25 * HOUR, now=unclear)
    office.later(MINUTE, now=unclear)

    assert office.ticket().fault == "memory_leak"
    assert impression(office).signs.recent == {"memory_free_kb down", PLAINLY}
    assert impression(office).leader == "memory_leak"


def test_a_verified_fix_that_is_for_one_fault_alone_confirms_it(office: Office) -> None:
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert impression(office).confirmed == "memory_leak"
    assert tally(office, "memory_leak") == Tally(1, 1)
    assert tally(office, "fan_bearing_wear") == Tally(1, 0)


def test_a_fix_does_not_confirm_what_experience_alone_made_likely(office: Office) -> None:
    restarted(office)
    kept = impression(office)
    with office.database.transaction() as session:
        save_impression(session, replace(kept, chances={**kept.chances, "memory_leak": 0.4}))

    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.HEALED
    assert impression(office).source is None
    assert tally(office, "memory_leak") == Tally()


def test_what_a_fix_seemed_to_confirm_is_taken_back_when_the_fault_comes_back(office: Office) -> None:
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    office.clock.at += 2 * DAY
    office.notice()

    assert office.ticket().tried[0].outcome is Outcome.RECURRED
    assert impression(office).source is Source.TAKEN_BACK
    assert tally(office, "memory_leak") == Tally()
    assert tally(office, "fan_bearing_wear") == Tally()


def test_what_is_confirmed_again_after_it_came_back_counts_once_and_teaches_the_shadow_once(office: Office) -> None:
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)
    once = school(office)

    office.clock.at += 2 * DAY
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert [tried.outcome for tried in office.ticket().tried] == [Outcome.RECURRED, Outcome.HEALED]
    assert impression(office).source is Source.REMEDY
    assert tally(office, "memory_leak") == Tally(1, 1)
    assert school(office) == once


def test_after_it_came_back_a_fix_that_did_not_help_speaks_against_its_fault(office: Office) -> None:
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    office.clock.at += 2 * DAY
    restarted(office)
    office.later(90 * MINUTE)

    assert office.ticket().tried[-1].outcome is Outcome.NOT_HEALED
    assert tally(office, "memory_leak", "memory_free_kb down+plainly") == Tally(1, 0)
    assert tally(office, "memory_leak") == Tally()


def test_a_fix_that_healed_takes_back_what_one_before_it_spoke_against(office: Office) -> None:
    restarted(office)
    with office.worker._turn() as turn:
        learn(turn, 1, Lesson(ruled_out=frozenset({"memory_leak"})), Source.REMEDY)
        taught = find_impression(turn.session, 1)
        assert taught is not None
        save_impression(turn.session, replace(taught, chances={**taught.chances, "memory_leak": 0.4}))
    assert tally(office, "memory_leak", "memory_free_kb down+plainly") == Tally(1, 0)

    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert impression(office).source is None
    assert tally(office, "memory_leak", "memory_free_kb down+plainly") == Tally()


def test_what_a_person_said_stands_when_the_fault_comes_back(office: Office) -> None:
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)
    with office.worker._turn() as turn:
        learn(turn, 1, Lesson("memory_leak", frozenset({"iced"})), Source.STAFF)

    office.clock.at += 2 * DAY
    office.notice()

    assert impression(office).confirmed == "memory_leak"
    assert tally(office, "memory_leak") == Tally(1, 1)


def test_a_fix_that_did_not_help_speaks_against_its_fault_under_these_signs_only(office: Office) -> None:
    restarted(office)
    office.later(90 * MINUTE)

    assert office.ticket().tried[0].outcome is Outcome.NOT_HEALED
    assert impression(office).ruled_out == {"memory_leak"}
    assert tally(office, "memory_leak", "memory_free_kb down+plainly") == Tally(1, 0)
    assert tally(office, "memory_leak") == Tally()


def passes(office: Office, after: timedelta = HOUR) -> None:
    """Let a device be off in a way that fits two faults alike, and come back by itself."""
    office.sees(now=UNCLEAR)
    office.hear(office.finding(because=UNCLEAR))
    office.later(6 * MINUTE, now=UNCLEAR)
    office.later(after, normal_since=office.clock.at, **NORMAL)
    office.later(HOUR, normal_since=office.clock.at - after, **NORMAL)


def test_what_passes_by_itself_within_a_day_was_nothing_that_needs_a_command(office: Office) -> None:
    passes(office)

    assert office.ticket().resolution == PASSED
    kept = impression(office)
    assert kept.source is Source.SIGNAL
    assert kept.ruled_out == {"memory_leak", "iced"}
    assert tally(office, "memory_leak", UNCLEAR_SIGNS) == Tally(1, 0)
    assert tally(office, "fan_bearing_wear", UNCLEAR_SIGNS) == Tally()  # wear comes and goes for days
    assert tally(office, "memory_leak") == Tally()


def aged(office: Office, hours: int) -> int:
    """Return how many cases speak against a leaking memory that has been showing for so long."""
    return tally(office, "memory_leak", at_age(UNCLEAR_SIGNS, hours * HOUR)).seen


def test_what_passed_after_two_hours_says_nothing_of_what_has_lasted_for_longer(office: Office) -> None:
    office.sees(now=UNCLEAR)
    office.hear(office.finding(because=UNCLEAR))
    office.later(80 * MINUTE, now=UNCLEAR)
    office.later(2 * HOUR, normal_since=office.clock.at, **NORMAL)

    assert [aged(office, hours) for hours in (0, 1, 4, 12)] == [1, 1, 0, 0]


def test_a_ticket_is_judged_with_the_cases_that_lasted_as_long(office: Office) -> None:
    with office.database.transaction() as session:
        lasted = {
            (fault, at_age(UNCLEAR_SIGNS, HOUR)): Tally(200, 0) for fault in ("memory_leak", "iced", "fan_bearing_wear")
        }
        add_counts(session, "frost-200", {("memory_leak", EVERY_CASE): Tally(1, 0)} | lasted, 1)
    office.sees(now=UNCLEAR)
    office.hear(office.finding(because=UNCLEAR))

    assert "Perhaps a tired controller" in office.ticket().explanation
    office.later(90 * MINUTE, now=UNCLEAR)
    assert "No known fault fits yet" in office.ticket().explanation


def test_what_passed_and_comes_again_within_the_week_had_not_passed(office: Office) -> None:
    passes(office)
    office.clock.at += 2 * DAY
    office.hear(office.finding(because=UNCLEAR))

    assert impression(office, 1).source is None
    assert [aged(office, hours) for hours in (0, 1, 4, 12)] == [0, 0, 0, 0]
    assert tally(office, "memory_leak", UNCLEAR_SIGNS) == Tally()


def test_what_passed_counts_no_more_once_staff_put_it_back(office: Office) -> None:
    passes(office)
    office.sees()
    office.worker.reopen(1, "mira", "it sounds odd")
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert impression(office).confirmed == "memory_leak"
    assert tally(office, "memory_leak", UNCLEAR_SIGNS) == Tally()
    assert tally(office, "memory_leak", "memory_free_kb down+plainly") == Tally(1, 1)


def test_a_device_that_went_away_may_have_been_restarted_so_its_passing_teaches_nothing(office: Office) -> None:
    office.sees(now=UNCLEAR)
    office.hear(office.finding(because=UNCLEAR))
    office.later(6 * MINUTE, now=UNCLEAR)
    office.hear(Status(Presence.OFFLINE), Status(Presence.ONLINE))
    office.later(HOUR, normal_since=office.clock.at, **NORMAL)
    office.later(HOUR, normal_since=office.clock.at - HOUR, **NORMAL)

    assert office.ticket().resolution == PASSED
    assert impression(office).source is None


def test_what_passes_after_more_than_a_day_teaches_nothing(office: Office) -> None:
    asking = with_autonomy(office.playbooks["frost-200"], restart=Autonomy.ASK)
    patient = replace(office.policy, approval_within=3 * DAY)
    office = Office(office.database, playbooks={"frost-200": asking}, policy=patient)
    office.birth()
    office.notice()
    office.later(6 * MINUTE)
    assert office.ticket().state is TicketState.AWAITING_APPROVAL
    office.later(25 * HOUR)
    office.later(HOUR, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().resolution == PASSED
    assert impression(office).source is None


def test_a_fix_that_is_for_several_faults_confirms_none(database: Database) -> None:
    office = Office(database, playbooks={"frost-200": a_playbook(LEAKS, a_fault("iced", symptoms=(), codes=("E9",)))})
    office.birth()

    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().tried[0].outcome is Outcome.HEALED
    assert impression(office).source is None


def test_a_technicians_word_days_later_is_learned_from_the_signs_as_they_were(office: Office) -> None:
    a_worn_fan(office)
    assert office.ticket().state is TicketState.VISIT_BOOKED
    signs = impression(office).signs
    office.clock.at += 3 * DAY
    office.sees(now=(Because("door_open_s", 1.0, 9.0, 50.0, 1.0),))

    office.worker.record_visit_result(1, "t1", "Ice on the blades.", Word("iced"))

    assert impression(office).signs == signs
    assert tally(office, "iced", "fan_rpm down+plainly") == Tally(1, 1)
    assert tally(office, "fan_bearing_wear", "fan_rpm down+plainly") == Tally(1, 0)
    assert "It was a tired controller." in office.told(StoryKind.DIAGNOSIS)


def test_who_was_there_corrects_the_office_and_not_the_other_way_round(office: Office) -> None:
    a_worn_fan(office)
    office.worker.record_visit_result(1, "t1", "Ice on the blades.", Word("iced"))

    office.worker.close(1, "mira", "Done.", Word("heat_wave"))

    assert impression(office).confirmed == "iced"
    assert tally(office, "heat_wave") == Tally(1, 0)
    assert tally(office, "iced") == Tally(1, 1)


def test_what_people_say_takes_back_what_a_remedy_seemed_to_confirm(office: Office) -> None:
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert tally(office, "memory_leak") == Tally(1, 1)

    office.worker.close(1, "mira", "It was ice all along.", Word("iced"))

    for signature in (EVERY_CASE, "memory_free_kb down+plainly"):
        assert tally(office, "memory_leak", signature) == Tally(1, 0)
        assert tally(office, "iced", signature) == Tally(1, 1)


def test_the_same_word_twice_is_learned_once(office: Office) -> None:
    a_worn_fan(office)
    office.worker.record_visit_result(1, "t1", "Ice on the blades.", Word("iced"))

    office.worker.close(1, "mira", "As the technician says.", Word("iced"))

    assert tally(office, "iced") == Tally(1, 1)


def test_something_else_counts_against_every_fault_of_the_playbook(office: Office) -> None:
    a_worn_fan(office)

    office.worker.close(1, "mira", "A mouse.", Word(UNKNOWN))

    assert tally(office, UNKNOWN) == Tally(1, 1)
    assert tally(office, "fan_bearing_wear") == Tally(1, 0)


def test_nothing_wrong_where_nothing_was_done_speaks_against_every_fault_under_these_signs_only(office: Office) -> None:
    a_worn_fan(office)

    office.worker.close(1, "mira", "It runs as ever.", Word(IN_ORDER))

    assert tally(office, "fan_bearing_wear", "fan_rpm down+plainly") == Tally(1, 0)
    assert tally(office, "memory_leak", "fan_rpm down+plainly") == Tally(1, 0)
    assert tally(office, "fan_bearing_wear") == tally(office, UNKNOWN) == Tally()
    assert "Nothing was wrong with it." in office.told(StoryKind.DIAGNOSIS)


def test_nothing_wrong_after_a_remedy_speaks_neither_for_nor_against_what_it_was_for(office: Office) -> None:
    restarted(office)
    office.later(90 * MINUTE)
    assert tally(office, "memory_leak", "memory_free_kb down+plainly") == Tally(1, 0)

    office.worker.close(1, "mira", "It runs as ever.", Word(IN_ORDER))

    assert tally(office, "memory_leak", "memory_free_kb down+plainly") == Tally()
    assert tally(office, UNKNOWN) == Tally()
    assert impression(office).source is Source.STAFF


def test_nothing_wrong_while_a_remedy_is_being_judged_rules_nothing_out(office: Office) -> None:
    restarted(office)
    office.later(8 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.VERIFYING
    signs = impression(office).signs.together

    office.worker.close(1, "mira", "It runs as ever.", Word(IN_ORDER))

    assert tally(office, "memory_leak", signs) == Tally()


def test_nothing_wrong_after_a_visit_leaves_what_was_found_and_mended_there(office: Office) -> None:
    a_worn_fan(office)
    office.worker.record_visit_result(1, "t1", "A new fan.", Word("fan_bearing_wear"))
    office.worker.take_over(1, "mira")
    again = office.worker.book_visit(1, "mira")

    office.worker.record_visit_result(again.id, "t1", "It runs as it should.", Word(IN_ORDER))

    assert tally(office, "fan_bearing_wear") == Tally(1, 1)


def test_nothing_wrong_after_a_visit_that_may_have_mended_it_rules_nothing_out(office: Office) -> None:
    a_worn_fan(office)
    office.worker.record_visit_result(1, "t1", "Cleaned and oiled it.")
    office.later(90 * MINUTE, normal_since=office.clock.at, **NORMAL)

    office.worker.close(1, "mira", "It runs as ever.", Word(IN_ORDER))

    assert tally(office, "fan_bearing_wear", "fan_rpm down+plainly") == Tally()
    assert impression(office).source is Source.STAFF


def test_what_somebody_bears_out_of_a_remedy_stands_though_the_fault_comes_back(office: Office) -> None:
    restarted(office)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED
    office.worker.close(1, "mira", "The leak is in its log.", Word("memory_leak"))

    office.later(24 * HOUR, normal_since=office.clock.at, **NORMAL)
    office.notice()
    office.later(10 * MINUTE)

    assert impression(office).source is Source.STAFF
    assert tally(office, "memory_leak") == Tally(1, 1)
    assert school(office).memory.cases == 1


def test_what_a_technician_bears_out_is_not_undone_by_the_office(office: Office) -> None:
    a_worn_fan(office)
    office.worker.close(1, "mira", "It sounds like ice.", Word("iced"))
    office.worker.reopen(1, "mira", "Somebody shall look all the same.")
    office.later(30 * MINUTE, now=SLOWER)
    office.worker.record_visit_result(2, "t1", "Ice on the blades.", Word("iced"))

    office.worker.close(1, "mira", "The fan, I guess.", Word("fan_bearing_wear"))

    assert tally(office, "iced") == Tally(1, 1)


def test_staff_who_find_nothing_wrong_outweigh_an_owner(office: Office) -> None:
    office.own()
    open_door = (Because("door_open_s", 1.0, 9.0, 50.0, 1.0),)
    office.sees(now=open_door)
    office.hear(office.finding(because=open_door))
    office.later(6 * MINUTE, now=open_door)
    office.later(HOUR, normal_since=office.clock.at, **NORMAL)
    assert impression(office).source is Source.OWNER
    office.clock.at += MINUTE
    office.sees(now=open_door)
    office.worker.reopen(1, "mira", "They say it was never open.")

    office.worker.close(1, "mira", "The sensor was knocked once.", Word(IN_ORDER))

    assert impression(office).source is Source.STAFF
    assert tally(office, "door_left_open") == Tally()


def test_a_technician_who_finds_nothing_wrong_outweighs_the_office(office: Office) -> None:
    a_worn_fan(office)
    office.worker.close(1, "mira", "It sounds like the fan.", Word("fan_bearing_wear"))

    office.worker.reopen(1, "mira", "Somebody shall look all the same.")
    office.later(30 * MINUTE, now=SLOWER)
    assert office.ticket().state is TicketState.VISIT_BOOKED
    office.worker.record_visit_result(2, "t1", "It runs.", Word(IN_ORDER))

    assert impression(office).source is Source.TECHNICIAN
    assert tally(office, "fan_bearing_wear") == Tally()


def test_a_word_is_learned_though_the_playbook_in_force_has_lost_a_fault(database: Database) -> None:
    then = a_playbook(LEAKS, WORN, *THE_FAULTS[2:], ICED)
    playbooks = {"frost-200": then}
    office = Office(database, playbooks=playbooks, versions={("frost-200", "1"): then})
    office.birth()
    a_worn_fan(office)
    playbooks["frost-200"] = a_playbook(LEAKS, WORN, *THE_FAULTS[2:], version="2")  # "iced" was taken out

    office.worker.close(1, "mira", "A new fan.", Word("fan_bearing_wear"))

    assert office.ticket().state is TicketState.CLOSED
    assert tally(office, "fan_bearing_wear") == Tally(1, 1)


def test_a_fix_is_verified_though_the_playbook_in_force_has_lost_a_fault(database: Database) -> None:
    then = a_playbook(LEAKS, WORN, *THE_FAULTS[2:], ICED)
    playbooks = {"frost-200": then}
    office = Office(database, playbooks=playbooks, versions={("frost-200", "1"): then})
    office.birth()
    restarted(office)
    playbooks["frost-200"] = a_playbook(LEAKS, WORN, *THE_FAULTS[2:], version="2")

    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.HEALED


def test_a_fault_the_playbook_does_not_have_is_refused_and_changes_nothing(office: Office) -> None:
    a_worn_fan(office)

    with pytest.raises(UnknownFaultError):
        office.worker.record_visit_result(1, "t1", "It was haunted.", Word("<script>"))
    with pytest.raises(UnknownFaultError):
        office.worker.close(1, "mira", "It was haunted.", Word("ghosts"))

    assert office.ticket().state is TicketState.VISIT_BOOKED
    assert impression(office).source is None


def test_an_owner_who_put_it_right_confirms_what_they_were_told(office: Office) -> None:
    office.own()
    open_door = (Because("door_open_s", 1.0, 9.0, 50.0, 1.0),)
    office.sees(now=open_door)
    office.hear(office.finding(because=open_door))
    office.later(6 * MINUTE, now=open_door)
    assert office.ticket().state is TicketState.WITH_OWNER

    office.later(HOUR, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.CLOSED
    assert impression(office).confirmed == "door_left_open"
    assert impression(office).source is Source.OWNER


def test_an_owner_does_not_confirm_what_experience_alone_made_likely(office: Office) -> None:
    office.own()
    open_door = (Because("door_open_s", 1.0, 9.0, 50.0, 1.0),)
    office.sees(now=open_door)
    office.hear(office.finding(because=open_door))
    office.later(6 * MINUTE, now=open_door)
    kept = impression(office)
    with office.database.transaction() as session:
        save_impression(session, replace(kept, chances={**kept.chances, "door_left_open": 0.4}))

    office.later(HOUR, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.CLOSED
    assert impression(office).source is None


def test_evidence_for_another_fault_takes_a_ticket_back_from_its_owner(office: Office) -> None:
    office.own()
    open_door = (Because("door_open_s", 1.0, 9.0, 50.0, 1.0),)
    office.sees(now=open_door)
    office.hear(office.finding(because=open_door))
    office.later(6 * MINUTE, now=open_door)

    office.sees(now=SLOWER)
    office.hear(office.finding(because=SLOWER))
    office.later(6 * MINUTE, now=SLOWER)

    assert office.ticket().fault == "fan_bearing_wear"
    assert office.ticket().state is not TicketState.WITH_OWNER


def test_learning_rolls_back_with_what_it_was_learned_from(office: Office) -> None:
    a_worn_fan(office)

    class OurFailureError(Exception):
        pass

    def crash(session: Session) -> None:
        with office.worker._turn() as turn:
            learn(turn, 1, Lesson("iced"), Source.TECHNICIAN)
            del session
            raise OurFailureError

    with office.database.reading() as session, pytest.raises(OurFailureError):
        crash(session)

    assert impression(office).source is None
    assert tally(office, "iced") == Tally()


def test_with_experience_a_later_ticket_says_the_cases_behind_it(office: Office) -> None:
    a_worn_fan(office)
    office.worker.close(1, "mira", "A worn fan.", Word("fan_bearing_wear"))

    office.sees(now=SLOWER)
    office.hear(office.finding(because=SLOWER))
    office.later(6 * MINUTE, now=SLOWER)

    assert "In the one earlier case like this on frost-200 it was a worn fan" in office.ticket(2).explanation


def test_both_contenders_are_judged_on_every_confirmed_case_and_survive_a_restart(office: Office) -> None:
    a_worn_fan(office)
    office.worker.close(1, "mira", "A worn fan.", Word("fan_bearing_wear"))

    with office.database.reading() as session:
        school = read_school(session, "frost-200")
        in_charge = is_shadow_in_charge(session, "frost-200")

    assert school.standing.in_charge == TABLE
    assert not in_charge
    assert school.standing.records[TABLE].right == 1.0
    assert school.standing.records[SHADOW].faults == 1.0
    assert school.memory.cases == 1


def failed_after(office: Office, days: float) -> None:
    """One more worn fan, confirmed, that failed so many days after its first sign."""
    office.sees(now=SLOWER)
    office.hear(office.finding(because=SLOWER))
    office.later(6 * MINUTE, now=SLOWER)
    with office.database.reading() as session:
        ticket_id = max(n for n in range(1, 20) if find_impression(session, n) is not None)
    office.clock.at = office.ticket(ticket_id).opened_at + days * DAY
    office.worker.report_failure(ticket_id, "mira")
    office.worker.close(ticket_id, "mira", "A new fan.", Word("fan_bearing_wear"))


def test_how_it_went_with_others_becomes_a_promise_and_the_early_end_rules_the_visit(office: Office) -> None:
    for days in (6.0, 7.0, 8.0, 9.0):
        failed_after(office, days)

    a_worn_fan(office)

    ticket = office.ticket(5)
    assert "Likely to fail in 6–9 days, 4 of 4 like it did." in ticket.explanation
    assert ticket.fails_by is not None
    assert timedelta(days=5.9) < ticket.fails_by - ticket.opened_at <= timedelta(days=6)
    with office.database.reading() as session:
        made = find_promise(session, 5)
        assert made is not None
        assert made.early_at == ticket.fails_by
        visit = visits.booked_visit(session, 5)
    assert visit is None or visit.ends_at <= ticket.fails_by


def test_a_promise_that_did_not_come_true_is_measured(office: Office) -> None:
    for days in (6.0, 7.0, 8.0):
        failed_after(office, days)

    failed_after(office, 3.0)

    with office.database.reading() as session:
        made = find_promise(session, 4)
        record = promise_record(session)
    assert made is not None
    assert made.ending is Ending.EARLY
    assert made.off_days == pytest.approx(3.0, abs=0.1)
    assert (record.tested, record.kept) == (1, 0)


def test_what_came_true_stands_when_the_fault_gets_another_name(office: Office) -> None:
    for days in (6.0, 7.0, 8.0):
        failed_after(office, days)
    failed_after(office, 7.0)

    with office.worker._turn() as turn:
        promise(turn, office.ticket(4), "iced", TimeLeft(DAY, 2 * DAY, Basis.DRIFT))

    with office.database.reading() as session:
        record = promise_record(session)
    assert (record.tested, record.kept) == (1, 1)


def test_a_failure_that_was_reported_before_the_fault_had_a_name_is_kept(office: Office) -> None:
    office.sees(now=UNCLEAR)
    office.hear(office.finding(because=UNCLEAR))
    office.later(MINUTE, now=UNCLEAR)
    office.worker.report_failure(1, "mira")
    failed_at = impression(office).failed_at
    assert failed_at is not None

    office.sees(now=SLOWER)
    office.hear(office.finding(because=SLOWER))
    office.later(6 * MINUTE, now=SLOWER)

    assert office.ticket().fault == "fan_bearing_wear"
    assert impression(office).failed_at == failed_at


def test_without_cases_and_without_drift_nothing_is_promised(office: Office) -> None:
    a_worn_fan(office)

    with office.database.reading() as session:
        assert find_promise(session, 1) is None
    assert "Likely to fail" not in office.ticket().explanation


def test_a_rising_drift_promises_by_itself(office: Office) -> None:
    for hours in (72, 48, 24):
        drift = office.finding(kind=FindingKind.DRIFT, score=2.0 - hours / 100, because=SLOWER)
        office.hear(replace(drift, at=office.clock.at - timedelta(hours=hours)))

    office.sees(now=SLOWER, drift=2.0)
    office.hear(office.finding(kind=FindingKind.DRIFT, score=2.0, because=SLOWER))
    office.later(6 * MINUTE, now=SLOWER, drift=2.0)

    assert "by the slope of its drift alone" in office.ticket().explanation


def test_nothing_is_promised_of_what_does_not_break(office: Office) -> None:
    open_door = (Because("door_open_s", 1.0, 9.0, 50.0, 1.0),)
    for hours in (72, 48, 24):
        drift = office.finding(kind=FindingKind.DRIFT, score=2.0 - hours / 100, because=open_door)
        office.hear(replace(drift, at=office.clock.at - timedelta(hours=hours)))

    office.sees(now=open_door, drift=2.0)
    office.hear(office.finding(kind=FindingKind.DRIFT, score=2.0, because=open_door))
    office.later(6 * MINUTE, now=open_door, drift=2.0)

    assert office.ticket().fault == "door_left_open"
    assert "Likely to fail" not in office.ticket().explanation


def test_a_drift_of_weeks_ago_promises_nothing_today(office: Office) -> None:
    for days in (30, 25, 20):
        drift = office.finding(kind=FindingKind.DRIFT, score=2.0 - days / 100, because=SLOWER)
        office.hear(replace(drift, at=office.clock.at - days * DAY))

    office.sees(now=SLOWER, drift=2.0)
    office.hear(office.finding(because=SLOWER))
    office.later(6 * MINUTE, now=SLOWER, drift=2.0)

    assert office.ticket().fault == "fan_bearing_wear"
    assert "Likely to fail" not in office.ticket().explanation


def test_a_name_that_begins_like_a_visit_must_hold_for_ten_minutes_before_anything_is_done(
    database: Database,
) -> None:
    office = Office(database, playbooks={"frost-200": a_playbook(LEAKS, DYING)})
    office.birth()
    office.notice()

    office.later(8 * MINUTE)
    assert office.commands() == ()
    assert office.ticket().fault is None
    both = (Because("memory_free_kb", 0.5, -9.0, 9.0, 48.0), Because("fan_rpm", 0.5, 9.0, 1500.0, 900.0))
    office.later(12 * MINUTE, now=both)

    assert office.ticket().fault == "dying"
    assert office.commands() == ()


def test_a_guard_that_speaks_after_a_long_hold_does_not_send_it_to_a_person_at_once(database: Database) -> None:
    slow = replace(LEAKS, time_left=7 * DAY)
    office = Office(database, playbooks={"frost-200": a_playbook(slow, DYING)})
    office.birth()
    little = (Because("memory_free_kb", 1.0, -4.0, 20.0, 48.0),)
    odd = (Because("wifi_rssi_dbm", 1.0, 6.0, -30.0, -60.0),)
    office.sees(now=odd)
    office.hear(a_birth(busy=True), office.finding(because=odd))
    office.later(13 * HOUR, now=odd)
    office.worker.reopen(1, "mira", "Something else shows now.")

    office.hear(office.finding(because=little))
    office.later(12 * HOUR + 30 * MINUTE, now=little)

    assert office.ticket().fault == "memory_leak"
    assert office.told(StoryKind.GUARD)
    assert office.ticket().state is TicketState.NOTICED
    office.later(DEFAULT_POLICY.guarded_for, now=little)
    assert office.ticket().state is TicketState.WITH_PERSON


def test_a_name_that_held_is_acted_on(database: Database) -> None:
    office = Office(database, playbooks={"frost-200": a_playbook(LEAKS, DYING)})
    office.birth()
    office.notice()

    office.later(13 * MINUTE)

    assert [command.remedy for command in office.commands()] == ["restart"]
