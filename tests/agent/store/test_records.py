"""Values go into a real database file and come out the same."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from agent.act.command import CommandState, Signal
from agent.decide.permit import Deed, Permit
from agent.desk.chart import Chart, Curve
from agent.desk.ticket import Outcome, StoryKind, Ticket, TicketState, Tried
from agent.diagnose.playbook import Autonomy
from agent.errors import UnknownDeviceError, UnknownTicketError
from agent.health.findings import FindingKind
from agent.health.gone import Gone
from agent.store import commands, cursors, devices, findings, outbox, quarantine, tickets
from agent.store.autonomy import Grant, permits_of, record_grant
from agent.store.charts import find_chart, save_chart
from agent.store.database import Database
from agent.store.halts import Halt, is_halted, newest_halt, record_halt
from agent.store.outbox import EffectKind
from agent.store.outcomes import Ending, add_ending, endings_of
from agent.store.quarantine import Unusable
from agent.store.tables import CommandRow
from agent.store.tickets import Line
from tests.builders import MINUTE, NOON, a_birth, a_command, a_finding, a_ticket


def opened(database: Database, device_id: str = "frost-0001") -> Ticket:
    with database.transaction() as session:
        devices.record_birth(session, device_id, a_birth(), now=NOON)
        return tickets.open_ticket(session, device_id=device_id, product="frost-200", playbook_version="1", now=NOON)


def test_a_ticket_comes_back_as_it_was_saved(database: Database) -> None:
    ticket = replace(
        a_ticket(id=opened(database).id, verify_from=NOON, owner="mira"),
        tried=(Tried("restart", "c1", NOON, Outcome.HEALED), Tried("defrost", "c2", NOON)),
    )

    with database.transaction() as session:
        tickets.save_ticket(session, ticket)

    with database.reading() as session:
        assert tickets.find_ticket(session, ticket.id) == ticket


def test_saving_a_ticket_leaves_its_chart_alone(database: Database) -> None:
    ticket = opened(database)
    chart = Chart((1.0, 2.0), (Curve("fan_rpm", (900.0, None)),), (0.5, None))

    with database.transaction() as session:
        save_chart(session, ticket.id, chart)
        tickets.save_ticket(session, replace(ticket, explanation="x"))

    with database.reading() as session:
        assert find_chart(session, ticket.id) == chart


def test_what_is_not_there_is_an_error_and_never_everything(database: Database) -> None:
    with database.reading() as session:
        with pytest.raises(UnknownTicketError):
            tickets.find_ticket(session, 99)
        with pytest.raises(UnknownTicketError):
            find_chart(session, 99)
        with pytest.raises(UnknownDeviceError):
            devices.find_device(session, "")


def test_due_tickets_come_longest_overdue_first_and_not_before_their_time(database: Database) -> None:
    first, second, third = opened(database), opened(database), opened(database)
    with database.transaction() as session:
        tickets.save_ticket(session, replace(first, due_at=NOON))
        tickets.save_ticket(session, replace(second, due_at=NOON - MINUTE))
        tickets.save_ticket(session, replace(third, due_at=NOON + MINUTE))

        due = tickets.due_tickets(session, NOON, 10)

    assert [ticket.id for ticket in due] == [second.id, first.id]


def test_a_story_is_told_in_order_and_a_sentence_is_known_to_be_told(database: Database) -> None:
    ticket = opened(database)
    with database.transaction() as session:
        tickets.tell(session, ticket.id, Line(NOON, StoryKind.GUARD, "Not now."))
        tickets.tell(session, ticket.id, Line(NOON, StoryKind.NOTE, "Rang them.", actor="mira"))

    with database.reading() as session:
        assert [(entry.text, entry.actor) for entry in tickets.story_of(session, ticket.id)] == [
            ("Not now.", "agent"),
            ("Rang them.", "mira"),
        ]
        assert tickets.has_told(session, ticket.id, StoryKind.GUARD, "Not now.", NOON)
        assert not tickets.has_told(session, ticket.id, StoryKind.GUARD, "Not now.", NOON + MINUTE)


def test_a_device_is_what_its_birth_says_and_keeps_its_counts(database: Database) -> None:
    with database.transaction() as session:
        devices.count_missed(session, {"frost-0001": 3}, now=NOON)
        devices.record_status(session, "frost-0001", online=True, now=NOON)
        born = devices.record_birth(session, "frost-0001", a_birth(busy=True), now=NOON + MINUTE)

    assert (born.product, born.firmware, born.busy, born.online, born.missed) == ("frost-200", "2.4.1", True, True, 3)
    assert born.commands == ("restart", "defrost", "set_config")
    assert ("memory_free_kb", "kB") in born.units
    assert born.first_seen_at == NOON


def test_who_is_born_again_is_no_longer_off_on_purpose(database: Database) -> None:
    with database.transaction() as session:
        assert devices.record_switch(session, "frost-0001", off=True, now=NOON).off_on_purpose
        assert not devices.record_birth(session, "frost-0001", a_birth(), now=NOON).off_on_purpose


def test_a_finding_keeps_its_reasons_and_can_move_to_another_ticket(database: Database) -> None:
    first, second = opened(database), opened(database)
    event = a_finding(kind=FindingKind.EVENT, code="E21", because=())
    with database.transaction() as session:
        findings.add_finding(session, a_finding(), first.id)
        findings.add_finding(session, event, None)
        findings.move_findings(session, first.id, second.id)

        assert findings.findings_of(session, second.id, NOON) == (a_finding(),)
        assert findings.findings_of(session, first.id, NOON) == ()
        assert findings.newest_finding_at(session, second.id) == NOON
        assert findings.recent_codes(session, "frost-0001", NOON) == ("E21",)
        assert findings.recent_codes(session, "frost-0001", NOON + MINUTE) == ()


def test_a_command_comes_back_as_it_was_journaled(database: Database) -> None:
    ticket = opened(database)
    command = a_command(ticket_id=ticket.id, args=(("setpoint_c", -18), ("eco", True), ("mode", "normal")))
    with database.transaction() as session:
        commands.add_command(session, command)
        sent = replace(command.having(CommandState.SENT), sent_at=NOON)
        commands.save_command(session, sent)

    with database.reading() as session:
        assert commands.find_command(session, command.id) == sent
        assert commands.in_flight_of(session, command.device_id) == sent
        assert commands.last_sent_at(session, command.device_id) == NOON
        assert commands.count_sent(session, command.device_id, NOON - timedelta(days=1)) == 1
        assert commands.find_command(session, "never") is None


def test_the_signal_a_command_was_decided_on_comes_back_also_where_slow_wear_was_not_kept_yet(
    database: Database,
) -> None:
    ticket = opened(database)
    before = Signal(0.4, (("flow_l_min", -1.9),), Gone("flow_l_min", -0.9, 18.5))
    with database.transaction() as session:
        commands.add_command(session, a_command(ticket_id=ticket.id, before=before))

    with database.reading() as session:
        row = session.get(CommandRow, a_command().id)
        found = commands.find_command(session, a_command().id)
    assert found is not None
    assert row is not None
    assert found.before == before

    with database.transaction() as session:
        row.before = {name: value for name, value in row.before.items() if name != "gone"}
        session.add(row)
    with database.reading() as session:
        found = commands.find_command(session, a_command().id)
    assert found is not None
    assert found.before == replace(before, gone=None)


def test_the_database_itself_allows_one_command_in_flight_a_device(database: Database) -> None:
    ticket = opened(database)
    with database.transaction() as session:
        commands.add_command(session, a_command(id="a", ticket_id=ticket.id))

    with pytest.raises(IntegrityError, match="command"), database.transaction() as session:
        commands.add_command(session, a_command(id="b", ticket_id=ticket.id))


def test_the_newest_use_of_the_switch_counts(database: Database) -> None:
    with database.transaction() as session:
        assert not is_halted(session)
        record_halt(session, Halt(halted=True, by="mira", why="smoke", at=NOON))
        assert is_halted(session)
        record_halt(session, Halt(halted=False, by="mira", why="toast", at=NOON))
        assert not is_halted(session)
        assert newest_halt(session) == Halt(halted=False, by="mira", why="toast", at=NOON)


def test_staff_s_newest_word_on_a_remedy_counts(database: Database) -> None:
    with database.transaction() as session:
        deed = Deed("restart", (("after_s", 5.0), ("wipe", True)), reversible=True)
        record_grant(session, Grant("frost-200", "restart", Autonomy.ASK, "mira", NOON))
        record_grant(session, Grant("frost-200", "restart", Autonomy.ACT, "mira", NOON, deed))
        record_grant(session, Grant("bean-9", "rinse", Autonomy.ACT, "mira", NOON))

        assert permits_of(session, "frost-200") == {"restart": Permit(Autonomy.ACT, deed)}
        assert permits_of(session, "bean-9") == {"rinse": Permit(Autonomy.ACT, None)}


def test_endings_come_newest_first_for_one_firmware(database: Database) -> None:
    ticket = opened(database)
    ending = Ending(ticket.id, "restart", "memory_leak", "frost-200", "2.4.1", Outcome.HEALED, NOON)
    with database.transaction() as session:
        add_ending(session, ending)
        add_ending(session, replace(ending, outcome=Outcome.RECURRED))
        add_ending(session, replace(ending, firmware="2.5.0"))

        found = endings_of(session, product="frost-200", firmware="2.4.1", remedy="restart", limit=20)

    assert [one.outcome for one in found] == [Outcome.RECURRED, Outcome.HEALED]


def test_an_effect_is_wanted_once_and_done_once(database: Database) -> None:
    with database.transaction() as session:
        assert outbox.put(session, kind=EffectKind.MAIL, key="T-1:fixed", payload={"a": 1}, due_at=NOON)
        assert not outbox.put(session, kind=EffectKind.MAIL, key="T-1:fixed", payload={"a": 2}, due_at=NOON)

        (effect,) = outbox.due_effects(session, {EffectKind.MAIL}, NOON)
        outbox.mark_failed(session, effect.id, error="no route", try_again_at=NOON + MINUTE)
        assert outbox.due_effects(session, {EffectKind.MAIL}, NOON) == ()
        (again,) = outbox.due_effects(session, {EffectKind.MAIL, EffectKind.NOTICE}, NOON + MINUTE)
        outbox.mark_done(session, again.id, now=NOON + MINUTE)

        assert (effect.payload, again.attempts) == ({"a": 1}, 1)
        assert outbox.due_effects(session, {EffectKind.MAIL}, NOON + timedelta(days=1)) == ()


def test_quarantine_counts_by_device_and_reason(database: Database) -> None:
    with database.transaction() as session:
        quarantine.count_quarantined(session, Unusable("d1", "not_json", "{"), NOON)
        quarantine.count_quarantined(session, Unusable("d1", "not_json", "x" * 900, 4), NOON + MINUTE)
        quarantine.count_quarantined(session, Unusable("d2", "not_json", "{"), NOON)

        newest = quarantine.quarantined(session)[0]

    assert (newest.device_id, newest.count, len(newest.example)) == ("d1", 5, 500)
    assert (newest.first_at, newest.last_at) == (NOON, NOON + MINUTE)


def test_many_unreadable_messages_are_counted_as_one_by_one(database: Database) -> None:
    came = [Unusable(f"d{place % 3}", f"reason_{place % 2}", str(place), 1 + place % 4) for place in range(60)]
    with database.transaction() as session:
        quarantine.count_all_quarantined(session, came[:31], NOON)
        quarantine.count_all_quarantined(session, came[31:], NOON + MINUTE)
        at_once = {(one.device_id, one.reason): (one.count, one.example) for one in quarantine.quarantined(session)}

    for one in came:
        count = sum(other.count for other in came if (other.device_id, other.reason) == (one.device_id, one.reason))
        newest = [other for other in came if (other.device_id, other.reason) == (one.device_id, one.reason)][-1]
        assert at_once[one.device_id, one.reason] == (count, newest.example)


def _save_and_fail(session: Session) -> None:
    cursors.save_cursor(session, cursors.FACTS, 42)
    tickets.find_ticket(session, 99)


def test_a_cursor_is_saved_with_what_it_stands_for(database: Database) -> None:
    with database.transaction() as session:
        assert cursors.read_cursor(session, cursors.FACTS) == -1
        cursors.save_cursor(session, cursors.FACTS, 41)

    with pytest.raises(UnknownTicketError), database.transaction() as session:
        _save_and_fail(session)

    with database.reading() as session:
        assert cursors.read_cursor(session, cursors.FACTS) == 41


def test_a_row_somebody_broke_by_hand_is_refused_where_it_is_read(database: Database) -> None:
    ticket = opened(database)
    path = database.engine.url.database
    assert path is not None
    by_hand = sqlite3.connect(path)
    by_hand.execute("UPDATE ticket SET state = 'lost'")
    by_hand.commit()
    by_hand.close()

    with database.reading() as session, pytest.raises(ValueError, match="lost"):
        tickets.find_ticket(session, ticket.id)
    assert ticket.state is TicketState.NOTICED
