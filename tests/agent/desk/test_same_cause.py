"""One cause everywhere, on the desk: who is gathered, who is told, and how it ends."""

import shutil
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.act.command import CommandState
from agent.desk.ticket import StoryKind, TicketState
from agent.diagnose.impression import Source
from agent.errors import NoReasonError, NotPossibleError, PersonError
from agent.health.findings import Because
from agent.store.database import Database, open_database
from agent.store.freezes import alike, children_of, sightings_of, standing_freezes
from agent.store.learning import find_impression, save_impression
from agent.store.tickets import open_tickets_of
from broker.messages import Event, Level, ResultStatus
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE, a_playbook, a_view
from tests.faults.guarded_fleet import NORMAL, GuardedFleet

HOUR = timedelta(hours=1)
WORN_FAN = (Because("fan_rpm", 1.0, -12.0, 300.0, 900.0),)
UNCLEAR = (Because("memory_free_kb", 0.5, -2.0, 40_000.0, 48_000.0), Because("fan_rpm", 0.5, -2.0, 800.0, 900.0))


@pytest.fixture
def fleet(database: Database) -> GuardedFleet:
    fleet = GuardedFleet.of(Office(database), 4)
    fleet.fall_ill(fleet.ids[:3])
    return fleet


def test_three_at_once_have_one_parent_and_nothing_is_sent(fleet: GuardedFleet) -> None:
    fleet.later(20 * MINUTE)

    (gathering,) = fleet.gathering()
    with fleet.office.database.reading() as session:
        assert [child.device_id for child in children_of(session, gathering)] == list(fleet.ids[:3])
        assert [freeze.place for freeze in standing_freezes(session)] == ["frost-200 2.4.1"]
        assert all(ticket.id != gathering for ticket in open_tickets_of(session, fleet.ids[2]))
    assert fleet.decided() == ()
    assert fleet.office.told(StoryKind.GUARD, 1) == [
        f"Not now: many devices have this fault at once. T-{gathering} gathers them, and a person decides."
    ]


def test_one_more_device_joins_its_siblings(fleet: GuardedFleet) -> None:
    fleet.office.clock.at += 30 * MINUTE
    fleet.fall_ill(fleet.ids[3:])

    (gathering,) = fleet.gathering()
    assert fleet.office.ticket(fleet.ticket_of(fleet.ids[3])).parent_id == gathering


def test_what_was_decided_and_has_not_left_is_stopped(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 4)
    fleet.fall_ill(fleet.ids[:1])
    fleet.later(5 * MINUTE)
    assert states(fleet.office.commands(1)) == [CommandState.QUEUED]

    fleet.fall_ill(fleet.ids[1:3])
    fleet.office.work()

    assert states(fleet.office.commands(1)) == [CommandState.CANCELLED]
    assert fleet.office.send() == ()


def test_lifting_needs_a_reason_and_lets_them_go_on(fleet: GuardedFleet) -> None:
    (gathering,) = fleet.gathering()
    with pytest.raises(NoReasonError):
        fleet.office.worker.lift_freeze(gathering, "kim", " ")
    with pytest.raises(NotPossibleError):
        fleet.office.worker.lift_freeze(1, "kim", "not a gathering ticket")
    with pytest.raises(NotPossibleError, match="lift its freeze"):
        fleet.office.worker.close(gathering, "kim", "Done with it.")

    fleet.office.worker.lift_freeze(gathering, "kim", "A restart mends it.")
    fleet.later(8 * MINUTE)

    assert fleet.state_of(gathering) is TicketState.CLOSED
    assert len({command.device_id for command in fleet.decided()}) == 1  # one of four at once
    assert fleet.gathering() == [gathering]


def test_two_devices_are_each_their_own_matter(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 4)

    fleet.fall_ill(fleet.ids[:2])
    fleet.office.health.views[fleet.ids[3]] = a_view(device_id=fleet.ids[3])

    assert fleet.gathering() == []


def heal(fleet: GuardedFleet, ids: Sequence[str]) -> None:
    """Let devices fall ill, get their remedy and come back to normal, one after the other, hours apart."""
    office = fleet.office
    for device_id in ids:
        fleet.fall_ill([device_id])
        while not (sent := office.send()):
            office.clock.at += MINUTE
            fleet.see([device_id])
            office.work()
        office.answer(sent[0], ResultStatus.SUCCEEDED)
        done_at = office.clock.at
        for _ in range(40):
            office.clock.at += MINUTE
            fleet.see([device_id], **NORMAL, normal_since=done_at)
            office.work()
        assert fleet.state_of(fleet.ticket_of(device_id)) is TicketState.HEALED
        office.clock.at += 3 * HOUR


def falls_ill_among_normal_ones(fleet: GuardedFleet, ids: Sequence[str]) -> None:
    """Let devices fall ill at once while the others are normal, and ten minutes pass."""
    others = [one for one in fleet.ids if one not in ids]
    fleet.fall_ill(ids)
    fleet.later(10 * MINUTE, on=others, **NORMAL, normal_since=fleet.office.clock.at - HOUR)


def test_what_comes_back_while_its_fault_is_frozen_is_held_back_too(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 8)
    first, many = fleet.ids[0], fleet.ids[4:]
    heal(fleet, [first])
    fleet.office.clock.at += 12 * HOUR
    falls_ill_among_normal_ones(fleet, many)
    (gathering,) = fleet.gathering()
    decided = fleet.decided()

    falls_ill_among_normal_ones(fleet, [first, *many])

    assert fleet.office.ticket(fleet.ticket_of(first)).parent_id == gathering
    assert fleet.state_of(fleet.ticket_of(first)) is TicketState.NOTICED
    assert fleet.decided() == decided


def found_to_be_another(fleet: GuardedFleet, number: int) -> None:
    """Let a technician have found another fault than the ticket is named after."""
    with fleet.office.database.transaction() as session:
        kept = find_impression(session, number)
        assert kept is not None
        save_impression(session, replace(kept, source=Source.TECHNICIAN, confirmed="fan_bearing_wear"))


def test_what_a_technician_found_to_be_something_else_is_held_back_by_a_freeze_too(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 8)
    first, many = fleet.ids[0], fleet.ids[4:]
    heal(fleet, [first])
    number = fleet.ticket_of(first)
    found_to_be_another(fleet, number)
    fleet.office.clock.at += 12 * HOUR
    falls_ill_among_normal_ones(fleet, many)
    (gathering,) = fleet.gathering()

    falls_ill_among_normal_ones(fleet, [first, *many])

    assert (fleet.office.ticket(number).parent_id, fleet.state_of(number)) == (gathering, TicketState.NOTICED)
    with database.reading() as session:
        seen = sightings_of(session, "memory_leak", fleet.office.clock.at - HOUR)
    assert first in {one.device_id for one in seen}

    fleet.office.worker.lift_freeze(gathering, "kim", "A restart mends it.")

    assert fleet.state_of(number) is TicketState.WITH_PERSON
    assert {fleet.state_of(fleet.ticket_of(one)) for one in many} == {TicketState.NOTICED}


def test_what_a_technician_found_to_be_something_else_counts_towards_a_freeze(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 8)
    heal(fleet, fleet.ids[:3])
    first = fleet.ticket_of(fleet.ids[0])
    found_to_be_another(fleet, first)
    fleet.office.clock.at += 12 * HOUR

    falls_ill_among_normal_ones(fleet, fleet.ids[:3])

    (gathering,) = fleet.gathering()
    assert fleet.office.ticket(first).parent_id == gathering
    assert fleet.state_of(first) is TicketState.WITH_PERSON  # it was theirs before the others made it too many


def test_what_comes_back_on_many_devices_at_once_is_frozen(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 8)
    heal(fleet, fleet.ids[:4])
    fleet.office.clock.at += 12 * HOUR
    decided = fleet.decided()

    falls_ill_among_normal_ones(fleet, fleet.ids[:4])

    (gathering,) = fleet.gathering()
    assert [fleet.office.ticket(fleet.ticket_of(one)).parent_id for one in fleet.ids[:4]] == [gathering] * 4
    assert fleet.decided() == decided


def test_what_a_lifted_freeze_had_let_go_is_held_back_by_the_next(fleet: GuardedFleet) -> None:
    (gathering,) = fleet.gathering()
    fleet.office.worker.lift_freeze(gathering, "kim", "A restart mends it.")
    fleet.later(MINUTE)

    fleet.fall_ill(fleet.ids[3:])
    with fleet.office.database.reading() as session:
        assert standing_freezes(session) == ()
    fleet.office.birth("frost-0005")
    fleet.office.birth("frost-0006")
    fleet.fall_ill(["frost-0005", "frost-0006"])

    (_, second) = fleet.gathering()
    with fleet.office.database.reading() as session:
        assert len(children_of(session, second)) == 6


def test_what_a_person_puts_back_while_its_fault_is_frozen_is_held_back_too(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 8)
    first, many = fleet.ids[0], fleet.ids[4:]
    fleet.fall_ill([first])
    fleet.office.worker.close(1, "mira", "Its owner says it is fine.")
    fleet.office.clock.at += 2 * HOUR
    falls_ill_among_normal_ones(fleet, many)
    (gathering,) = fleet.gathering()

    fleet.see([first])
    fleet.office.worker.reopen(1, "tom", "It is not fine.")
    fleet.later(10 * MINUTE)

    assert fleet.office.ticket(1).parent_id == gathering
    assert fleet.decided() == ()


def test_putting_tickets_back_does_not_freeze_anew_what_a_person_let_go(fleet: GuardedFleet) -> None:
    (gathering,) = fleet.gathering()
    numbers = [fleet.ticket_of(one) for one in fleet.ids[:3]]
    fleet.office.worker.lift_freeze(gathering, "kim", "A restart mends it.")

    for number in numbers:
        fleet.office.worker.take_over(number, "kim")
        fleet.office.worker.reopen(number, "kim", "Let it go on.")

    assert fleet.gathering() == [gathering]


def test_a_playbook_that_renames_the_fault_does_not_switch_the_freeze_off(database: Database) -> None:
    before = a_playbook(version="1")
    renamed = tuple(replace(one, name=f"the_{one.name}") for one in before.faults)
    after = replace(before, version="2", faults=renamed)
    books = {"frost-200": before}
    versions = {(book.product, book.version): book for book in (before, after)}
    fleet = GuardedFleet.of(Office(database, playbooks=books, versions=versions), 4)
    ill = fleet.ids[:3]
    for device_id in ill:
        fleet.office.sees(device_id, now=UNCLEAR)
        fleet.office.hear(fleet.office.finding(device_id=device_id, because=UNCLEAR), device_id=device_id)
    assert [fleet.office.ticket(fleet.ticket_of(one)).fault for one in ill] == [None] * 3

    books["frost-200"] = after
    fleet.fall_ill(ill)
    fleet.later(10 * MINUTE)

    (gathering,) = fleet.gathering()
    assert [fleet.office.ticket(fleet.ticket_of(one)).parent_id for one in ill] == [gathering] * 3
    assert fleet.office.ticket(gathering).playbook_version == "1"
    assert fleet.decided() == ()


def wears_its_fan(fleet: GuardedFleet, device_id: str) -> None:
    """Let a device show that its fault is another than it seemed: one that a person must come for."""
    office = fleet.office
    office.sees(device_id, now=WORN_FAN)
    said = Event(boot="x", seq=1, ts=0, code="E21", level=Level.ERROR, text="")
    office.hear(office.finding(device_id=device_id, because=WORN_FAN), said, device_id=device_id)
    fleet.later(30 * MINUTE, on=[device_id], now=WORN_FAN)


def test_a_child_that_turns_out_to_be_another_fault_is_held_back_no_more(fleet: GuardedFleet) -> None:
    (gathering,) = fleet.gathering()
    child = fleet.ticket_of(fleet.ids[0])

    wears_its_fan(fleet, fleet.ids[0])

    ticket = fleet.office.ticket(child)
    assert (ticket.fault, ticket.parent_id) == ("fan_bearing_wear", None)
    assert ticket.state is TicketState.WITH_PERSON  # no technician is there to be booked
    said = f"Not held back by T-{gathering} any more: it turned out to be another fault."
    assert said in fleet.office.told(StoryKind.GUARD, child)
    said = f"T-{child} is not held back here any more: it turned out to be another fault."
    assert said in fleet.office.told(StoryKind.GUARD, gathering)
    assert fleet.state_of(gathering) is TicketState.WITH_PERSON


def test_a_freeze_whose_every_child_turned_out_to_be_another_fault_thaws(fleet: GuardedFleet) -> None:
    (first,) = fleet.gathering()

    for device_id in fleet.ids[:3]:
        wears_its_fan(fleet, device_id)
        fleet.office.clock.at += HOUR
    fleet.later(HOUR, now=WORN_FAN)

    assert fleet.gathering() == [first]
    assert fleet.state_of(first) is TicketState.CLOSED
    with fleet.office.database.reading() as session:
        assert standing_freezes(session) == ()


class Deed(StrEnum):
    """What may happen to a device or its ticket while a freeze comes, stands and goes."""

    ILL = "ill"
    OTHERWISE_ILL = "otherwise_ill"
    CLOSED = "closed"
    PUT_BACK = "put_back"
    TAKEN_OVER = "taken_over"
    LIFTED = "lifted"
    LATER = "later"


def do(fleet: GuardedFleet, deed: Deed, device_id: str) -> None:
    """Let it happen; what a person may not do just now does not."""
    worker = fleet.office.worker
    with suppress(PersonError, ValueError):  # a device that never was ill has no ticket
        match deed:
            case Deed.ILL:
                fleet.fall_ill([device_id])
            case Deed.OTHERWISE_ILL:
                wears_its_fan(fleet, device_id)
            case Deed.CLOSED:
                worker.close(fleet.ticket_of(device_id), "kim", "Over.")
            case Deed.PUT_BACK:
                worker.reopen(fleet.ticket_of(device_id), "kim", "It is not.")
            case Deed.TAKEN_OVER:
                worker.take_over(fleet.ticket_of(device_id), "kim")
            case Deed.LIFTED:
                worker.lift_freeze(max(fleet.gathering()), "kim", "Each has it by itself.")
            case Deed.LATER:
                fleet.later(10 * MINUTE)
            case never:
                assert_never(never)


@settings(max_examples=20, deadline=None)  # each is hours at a real desk
@given(deeds=st.lists(st.tuples(st.sampled_from(Deed), st.integers(0, 4)), max_size=10))
def test_whatever_happens_a_standing_freeze_holds_all_that_is_about_its_fault_and_nothing_else(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[Deed, int]]
) -> None:
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("deeds") / "amends.sqlite3")
    with closing(open_database(f"sqlite:///{path}")) as database:
        fleet = GuardedFleet.of(Office(database), 5)
        fleet.fall_ill(fleet.ids[:3])

        for deed, number in deeds:
            do(fleet, deed, fleet.ids[number])

            with database.reading() as session:
                for freeze in standing_freezes(session):
                    assert alike(session, freeze, {TicketState.NOTICED, TicketState.FIXING}) == ()
                    children = children_of(session, freeze.ticket_id)
                    assert {child.fault for child in children} <= {freeze.fault}
