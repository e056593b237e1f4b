"""GRD: what keeps one wrong idea from reaching a whole fleet, on a real database and with the whole slow path."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from agent.act.command import AWAITED, Command, CommandState
from agent.decide.fleet import most_at_once
from agent.decide.policy import DEFAULT_POLICY
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy
from agent.errors import PersonError
from agent.health.findings import Because
from agent.store.commands import commands_in
from agent.store.crowds import count_devices
from agent.store.database import Database, open_database
from agent.store.migrate import migrate
from agent.work import Worker
from broker.errors import BrokerError
from broker.messages import ResultStatus
from broker.topics import Channel, topic_of
from tests.agent.desk.office import Office
from tests.builders import MINUTE, NOON, a_fault, a_playbook, a_remedy
from tests.faults.conftest import Effort
from tests.faults.guarded_fleet import GuardedFleet
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

NEVER_ONE_CAUSE = replace(DEFAULT_POLICY, freeze_share=1.0, freeze_from=10**6)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'amends.sqlite3'}"
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.mark.fault("GRD-1", "every order given for nobody, for everybody and for a mistyped target")
def test_an_empty_or_mistyped_target_is_an_error_and_never_all(database: Database, verdict: Verdict) -> None:
    fleet = GuardedFleet.of(Office(database), 3)
    targets = ["", " ", "*", "all", "#", "+", "frost-200 ", "Frost-200", "frost", "restart", "\0"]
    orders: list[Callable[[Worker, str], object]] = [
        lambda worker, name: worker.set_autonomy(name, "restart", Autonomy.ACT, "kim"),
        lambda worker, name: worker.set_autonomy("frost-200", name if name != "restart" else "", Autonomy.ACT, "kim"),
        lambda worker, name: worker.approve(len(name) + 10**6, "kim"),
        lambda worker, name: worker.lift_freeze(-len(name), "kim", "why"),
    ]
    refused = [_is_refused(order, fleet.office.worker, name) for order in orders for name in targets]
    devices = ["", " ", "+", "#", "a/b", "/", "$SYS", "\0"]
    unsendable = [_is_refused(lambda _, name: topic_of(name, Channel.COMMAND), None, name) for name in devices]

    verdict.measure("orders for nobody or everybody", len(refused))
    verdict.measure("orders not refused", refused.count(False), most=0)
    verdict.measure("topics made for no device", unsendable.count(False), most=0)
    with database.reading() as session:
        verdict.measure("devices an empty selection counts", count_devices(session), most=0)
    verdict.measure("commands", len(fleet.decided()), most=0)


def _is_refused(order: Callable[[Worker, str], object], worker: Worker | None, name: str) -> bool:
    try:
        order(worker, name)  # type: ignore[arg-type]  # the one order without a worker never looks at it
    except (PersonError, BrokerError, ValueError):
        return True
    return False


@pytest.mark.fault("GRD-2", "the models of a whole fleet call for a restart in the same minute")
def test_a_model_that_says_restart_everything_reaches_no_more_than_its_canary(
    database: Database, verdict: Verdict, effort: Effort
) -> None:
    playbook = a_playbook(remedies=(a_remedy("restart", verify_within=30 * MINUTE), a_remedy("defrost")))
    office = Office(database, playbooks={"frost-200": playbook}, policy=NEVER_ONE_CAUSE)
    fleet = GuardedFleet.of(office, effort.of(quick=40, full=1_000))
    verdict.note("same cause everywhere is switched off here: canary and fleet limit have to do it alone")

    fleet.fall_ill()
    fleet.later(8 * MINUTE)
    first = fleet.decided()
    for command in fleet.office.send():
        fleet.office.answer(command, ResultStatus.SUCCEEDED)
    fleet.later(40 * MINUTE)

    most = most_at_once(len(fleet.ids), DEFAULT_POLICY)
    verdict.measure("devices", len(fleet.ids))
    verdict.measure("acted on at first", len({one.device_id for one in first}), least=1, most=most)
    verdict.measure("acted on after the canary failed", len({one.device_id for one in fleet.decided()}), most=most)
    verdict.measure("tickets that ask a person now", len(fleet.tickets(TicketState.AWAITING_APPROVAL)), least=1)


@pytest.mark.fault("GRD-3", "one cause on every device of a fleet within a minute")
def test_one_cause_everywhere_is_one_ticket_one_digest_and_no_fix_until_a_person_lifts_it(
    database: Database, verdict: Verdict, effort: Effort
) -> None:
    office = Office(database, staff_mail="desk@example.org")
    fleet = GuardedFleet.of(office, effort.of(quick=40, full=1_000))

    fleet.fall_ill()
    fleet.later(20 * MINUTE)
    gathering = fleet.gathering()
    frozen = fleet.decided()
    told = office.told(StoryKind.GUARD, fleet.ticket_of("frost-0009"))
    for staff in ("kim", "mira"):  # so many devices take two people
        office.worker.lift_freeze(gathering[0], staff, "A bad batch of probes; a restart mends it.")
    fleet.later(3 * MINUTE)

    verdict.measure("devices", len(fleet.ids))
    verdict.measure("parent tickets", len(gathering), least=1, most=1)
    verdict.measure("digests", len(fleet.staff_mails()), least=1, most=1)
    verdict.measure("automatic fixes", len(frozen), most=0)
    verdict.measure("acted on once lifted", len(fleet.decided()), least=1, most=1)
    assert told[0].startswith("Not now: many devices have this fault at once.")
    assert fleet.state_of(gathering[0]) is TicketState.CLOSED


@pytest.mark.fault("GRD-3", "one cause everywhere that passes by itself")
def test_a_freeze_thaws_when_every_child_is_normal_again(database: Database, verdict: Verdict) -> None:
    fleet = GuardedFleet.of(Office(database), 12)
    fleet.fall_ill(fleet.ids[:4])
    fleet.later(3 * MINUTE)
    (gathering,) = fleet.gathering()

    normal_since = fleet.office.clock.at
    fleet.later(timedelta(hours=2), state=0.1, now=(), normal_since=normal_since)

    verdict.measure("children left open", len(fleet.tickets(TicketState.NOTICED)), most=0)
    verdict.measure("commands", len(fleet.decided()), most=0)
    assert fleet.state_of(gathering) is TicketState.CLOSED


@pytest.mark.fault("GRD-5", "the first device to get a new remedy is worse off after it")
def test_a_canary_that_harms_is_taken_back_stopped_and_given_to_a_person(database: Database, verdict: Verdict) -> None:
    setting = a_remedy("restart", verb="set_config", args=(("setpoint_c", -18),), rollback=True)
    playbook = a_playbook(a_fault(remedies=("restart",)), remedies=(setting,))
    office = Office(database, playbooks={"frost-200": playbook}, policy=NEVER_ONE_CAUSE)
    fleet = GuardedFleet.of(office, 12, config={"setpoint_c": -21})
    fleet.fall_ill(fleet.ids[:4])
    fleet.later(5 * MINUTE)
    (first,) = office.send()
    office.answer(first, ResultStatus.SUCCEEDED)
    ticket_id = first.ticket_id

    harmed = (Because("memory_free_kb", 0.5, -9.0, 9e3, 48e3), Because("cabinet_temp_c", 0.5, 14.0, 3.0, -18.0))
    fleet.later(50 * MINUTE, on=[first.device_id], state=8.0, now=harmed)
    (back,) = office.send()
    fleet.later(5 * MINUTE, on=[first.device_id], state=8.0, now=harmed)

    tried = office.ticket(ticket_id).tried
    verdict.measure("devices acted on", len({one.device_id for one in fleet.decided()}), most=1)
    verdict.measure("set back", sum(one.undoes is not None for one in fleet.decided()), least=1, most=1)
    verdict.measure("others that ask a person", len(fleet.tickets(TicketState.AWAITING_APPROVAL)), least=3, most=3)
    assert [one.outcome for one in tried] == [Outcome.WORSE]
    assert (back.device_id, back.args, back.undoes) == (first.device_id, (("setpoint_c", -21),), first.id)
    assert fleet.state_of(ticket_id) is TicketState.WITH_PERSON
    office.answer(back, ResultStatus.SUCCEEDED)
    assert fleet.state_of(ticket_id) is TicketState.WITH_PERSON


@pytest.mark.full
@pytest.mark.fault("GRD-6", "two desks on one database, each killed with -9 again and again while they decide")
async def test_limits_are_kept_by_two_workers_and_across_kills(
    database: Database, verdict: Verdict, effort: Effort, seed: int
) -> None:
    chance, kills = Random(seed), effort.of(quick=2, full=15)
    office = Office(database, policy=NEVER_ONE_CAUSE)
    fleet = GuardedFleet.of(office, 4)
    fleet.fall_ill()
    began_s = time.time()

    for _ in range(kills):
        pair = [await _desk(database, len(fleet.ids), began_s) for _ in range(2)]
        for process in pair:
            await _looks(process, chance.randint(5, 20))
        await asyncio.sleep(chance.uniform(0.0, 0.5))
        for process in pair:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()

    with database.reading() as session:
        in_flight = [one.device_id for one in commands_in(session, AWAITED | {CommandState.QUEUED})]
    sent = sorted(fleet.decided(), key=lambda one: one.created_at)
    verdict.measure("kills", 2 * kills)
    verdict.measure("remedies decided", len(sent), least=1)
    verdict.measure("in flight twice on a device", len(in_flight) - len(set(in_flight)), most=0)
    verdict.measure("more at once than the product may", _most_within(sent, 5 * MINUTE), most=1)
    verdict.measure("more within an hour", _most_within(sent, timedelta(hours=1)), most=20)
    by_device = [sorted(one.sent_at for one in sent if one.device_id == name and one.sent_at) for name in fleet.ids]
    early = sum(b - a < DEFAULT_POLICY.cooldown for times in by_device for a, b in pairwise(times))
    verdict.measure("sooner than the cool-down", early, most=0)
    verdict.measure("most a day on a device", max(len(times) for times in by_device), most=3)


async def _desk(database: Database, devices: int, began_s: float) -> asyncio.subprocess.Process:
    words = ("-m", "tests.faults.deciding", str(database.engine.url), str(devices), NOON.isoformat(), str(began_s))
    return await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)


async def _looks(process: asyncio.subprocess.Process, count: int) -> None:
    assert process.stdout is not None
    for _ in range(count):
        assert await asyncio.wait_for(process.stdout.readline(), 90), "the desk ended by itself"


def _most_within(sent: Sequence[Command], window: timedelta) -> int:
    starts = [one.created_at for one in sent]
    return max((sum(start <= other < start + window for other in starts) for start in starts), default=0)
