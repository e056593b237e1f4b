"""Days on which the loop must not end, block or jump to a conclusion: absurd numbers, take-overs, restarts."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from agent.act.command import CommandState
from agent.act.hush import Hush
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.desk.turn import Turn
from agent.health.findings import Because
from agent.health.fleet import Fleet
from agent.health.layout import MOST_REGIMES, Layout
from agent.health.marks import Mark
from agent.listen.facts import Gap
from agent.listen.pipeline import Pipeline
from agent.store.database import Database
from agent.store.devices import find_device
from agent.store.segment import Entry
from agent.store.tables import TicketRow
from agent.store.tickets import open_tickets_of
from broker.messages import Presence, Result, ResultStatus, Status
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE, NOON, a_playbook, a_remedy

NORMAL = {"state": 0.1, "now": ()}
NOON_MS = int(NOON.timestamp() * 1000)


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    return office


def send_remedy(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)


def test_a_device_that_skips_absurdly_many_numbers_cannot_stop_the_slow_path(office: Office) -> None:
    pipeline = Pipeline(Fleet())
    skipping = [
        {"v": 1, "boot": f"b{boot}", "seq": seq, "m": {"a": 1}} for boot in range(500) for seq in (0, 2**53 - 1000)
    ]
    payload = msgspec.json.encode(skipping)

    for offset in range(4):
        other_boots = payload.replace(b':"b', b':"%d' % offset)
        taken = pipeline.take([Entry(offset, NOON_MS + offset, "amends/v1/frost-0001/telemetry", other_boots)])
        gaps = [fact.body for fact in taken.facts if isinstance(fact.body, Gap)]
        assert gaps
        office.hear(*gaps)

    with office.database.reading() as session:
        assert session.connection().execute(text("select sum(missed) from device")).scalar_one() > 0


def test_one_ticket_that_cannot_be_looked_at_does_not_stop_the_others(office: Office) -> None:
    send_remedy(office)
    office.birth("frost-0002")
    office.hear(office.finding(device_id="frost-0002"), device_id="frost-0002")
    with office.database.transaction() as session:
        session.connection().execute(text("update command set args='[1]'"))

    office.clock.at += timedelta(hours=1)
    office.sees("frost-0002")
    office.sees()
    office.work()

    assert office.ticket(1).state is TicketState.WITH_PERSON
    due_at = office.ticket(2).due_at
    assert due_at is None or due_at > office.clock.at


def test_one_fact_that_cannot_be_applied_is_put_aside_and_stops_no_other(office: Office) -> None:
    office.birth("frost-0002")
    with office.database.transaction() as session:
        session.connection().execute(text("update device set birth='[1]' where id='frost-0002'"))
    spoilt = office.fact(office.finding(device_id="frost-0002"), "frost-0002")

    office.sees("frost-0002")
    office.sees()
    office.worker.take([office.fact(office.finding()), spoilt, office.fact(Status(Presence.OFFLINE))])

    with office.database.reading() as session:
        assert find_device(session, "frost-0001").online is False
        assert [one.device_id for one in open_tickets_of(session, "frost-0001")] == ["frost-0001"]
        assert session.connection().execute(text("select device_id, count, reason from quarantine")).all() == [
            ("frost-0002", 1, "our_failure_finding")
        ]


def test_what_goes_well_needs_no_savepoint(office: Office) -> None:
    said: list[str] = []
    event.listen(office.database.engine, "savepoint", lambda _connection, name: said.append(name))

    send_remedy(office)

    assert office.commands()
    assert said == []


def test_what_is_rolled_back_begins_no_model_anew(office: Office) -> None:
    office.birth("frost-0002")
    send_remedy(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.sees("frost-0002")
    office.hear(office.finding(device_id="frost-0002"), device_id="frost-0002")
    with office.database.transaction() as session:
        session.connection().execute(text("update device set birth='[1]' where id='frost-0002'"))

    normal_since = office.clock.at
    with capture_logs():  # each trace would take a second to be drawn
        for _ in range(120):
            office.clock.at += MINUTE
            with office.database.transaction() as session:  # the ticket that cannot be looked at is due with the other
                row = session.get(TicketRow, 2)
                assert row is not None
                row.state, row.due_at = TicketState.NOTICED, office.clock.at
            office.sees(state=0.1, now=(), normal_since=normal_since)
            office.work()

    assert office.ticket(1).state is TicketState.HEALED
    assert office.health.those(Mark.ANEW) == ["frost-0001"]


def test_a_device_looks_the_same_all_turn_long(office: Office) -> None:
    office.sees(state=0.5)
    with office.database.transaction() as session:
        turn = Turn(session, NOON, office.playbooks, office.health, office.policy, "")
        before = turn.view("frost-0001")
        office.sees(state=9.0)

        assert before is not None
        assert turn.view("frost-0001") is before
        assert turn.view("nobody") is None


def test_a_command_nobody_answers_on_a_ticket_taken_over_does_not_block_the_device(office: Office) -> None:
    send_remedy(office)
    office.send()
    office.worker.take_over(1, "kim")

    office.later(timedelta(hours=7))

    assert states(office.commands()) == [CommandState.TIMED_OUT]


def test_a_device_quieted_before_a_restart_teaches_again_after_it() -> None:
    pipeline = Pipeline(Fleet())
    pipeline.take([Entry(0, NOON_MS, "amends/v1/d/telemetry", b'{"v":1,"boot":"b","seq":0,"m":{"a":1}}')])
    pipeline.take([Entry(1, NOON_MS, "$agent/quiet", b"d")])
    restarted = Fleet()
    Pipeline.restore(pipeline.snapshot(), restarted)

    Hush(restarted.quieted_devices()).follow(frozenset(), restarted)  # no ticket is at work any more

    assert restarted.take_asked() == [("d", Mark.TEACH)]


def test_a_restart_during_verification_gives_the_device_its_whole_time_again(office: Office) -> None:
    send_remedy(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(5 * MINUTE)
    assert office.ticket().state is TicketState.VERIFYING

    office.clock.at += timedelta(hours=2)  # the agent is stopped, the device goes on
    office.worker.begin()
    office.work()  # the first look, before the broker's queue is heard

    assert office.ticket().state is TicketState.VERIFYING
    assert office.ticket().tried[0].outcome is None


def test_a_remedy_that_failed_is_not_called_healed_by_what_came_before_the_agent_was_stopped(office: Office) -> None:
    send_remedy(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(5 * MINUTE)

    office.clock.at += timedelta(hours=2)
    office.worker.begin()
    for _ in range(12):
        office.later(10 * MINUTE)  # heard again, and still off its normal

    assert office.ticket().tried[0].outcome is Outcome.NOT_HEALED


def test_however_often_the_agent_is_restarted_a_verification_has_its_whole_time_and_no_more(office: Office) -> None:
    send_remedy(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    begun = office.ticket()
    assert begun.verify_by is not None
    assert begun.verify_from is not None

    for _ in range(5):
        office.clock.at += 20 * MINUTE
        office.worker.begin()
    ticket = office.ticket()

    assert ticket.verify_by == office.clock.at + (begun.verify_by - begun.verify_from)
    assert ticket.verify_from == begun.verify_from  # half of the time is over no later, and what is worse shows then


def test_a_device_that_is_worse_is_seen_though_the_agent_is_restarted_again_and_again(office: Office) -> None:
    send_remedy(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)

    for _ in range(10):
        office.clock.at += 10 * MINUTE
        office.worker.begin()
        office.sees(state=9.0, now=(Because("fan_rpm", 1.0, -24.0, 50.0, 900.0),))
        office.work()

    assert office.ticket().tried[0].outcome is Outcome.WORSE


def test_an_answer_that_came_in_time_and_is_told_hours_later_is_judged_in_its_whole_time_from_then(
    office: Office,
) -> None:
    send_remedy(office)
    (command,) = office.send()
    journaled = office.fact(Result(id=command.id, status=ResultStatus.SUCCEEDED))

    office.clock.at += timedelta(hours=2)  # killed before it was told
    office.worker.take([journaled])
    office.worker.begin()
    office.work()

    assert office.ticket().state is TicketState.VERIFYING
    assert office.ticket().verify_by == office.clock.at + 90 * MINUTE


def test_a_remedy_that_can_never_leave_comes_to_a_person_and_is_not_decided_on_for_ever(office: Office) -> None:
    send_remedy(office)

    end = office.clock.at + timedelta(hours=5)
    while office.clock.at < end:
        office.clock.at += 5 * MINUTE
        office.sees()
        office.work()
    assert office.ticket().state is TicketState.FIXING
    while office.clock.at < end + timedelta(hours=2):
        office.clock.at += 5 * MINUTE
        office.sees()
        office.work()

    assert office.ticket().state is TicketState.WITH_PERSON
    assert "the way to the devices does not work" in office.told(StoryKind.MOVE)[-1]


def test_what_did_not_leave_long_ago_says_nothing_about_what_does_not_leave_today(office: Office) -> None:
    send_remedy(office)
    office.worker.halt("mira", "a test")
    office.later(6 * MINUTE)
    office.clock.at += timedelta(hours=7)
    office.worker.resume("mira", "over")
    office.sees()
    office.work()

    office.later(6 * MINUTE)

    assert states(office.commands())[:2] == [CommandState.EXPIRED, CommandState.EXPIRED]
    assert office.ticket().state is TicketState.FIXING


def test_what_can_no_longer_leave_does_not_block_its_device_until_its_time_to_answer_is_over(
    database: Database,
) -> None:
    slow = a_playbook(remedies=(a_remedy("restart", answer_within=60 * MINUTE), a_remedy("defrost")))
    office = Office(database, playbooks={"frost-200": slow})
    office.birth()
    send_remedy(office)

    office.later(6 * MINUTE)  # nothing leaves, and the evidence grows too old

    assert states(office.commands()) == [CommandState.EXPIRED, CommandState.QUEUED]


def test_made_up_context_words_share_the_last_regime() -> None:
    layout = Layout()

    regimes = {layout.regime((f"word {number}",)) for number in range(1000)}

    assert regimes == set(range(MOST_REGIMES))
    assert len(layout.regimes) < MOST_REGIMES
