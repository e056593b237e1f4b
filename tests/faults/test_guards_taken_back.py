"""Rollback for real: a simulated freezer obeys a setting that harms it, and gets back what it had before."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agent.act.command import Command, CommandState
from agent.act.wire import command_message
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.health.findings import Because
from agent.store.database import Database, open_database
from agent.store.devices import config_of
from agent.store.migrate import migrate
from broker.messages import Birth, Message, Result, Status
from device_sim.device import Device
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE, a_fault, a_playbook, a_remedy
from tests.device_sim.examples import device, readings, said
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

USUAL_C, SPREAD_C = -18.0, 1.0  # of the cabinet, as its model would know it
LEAKING = (Because("memory_free_kb", 1.0, -9.0, 9_000.0, 48_000.0),)
HARMFUL = a_remedy("restart", verb="set_config", args=(("setpoint_c", -4.0),), rollback=True)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'amends.sqlite3'}"
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


class Household:
    """The office and one simulated freezer that hear each other, minute by minute, in virtual time."""

    def __init__(self, database: Database) -> None:
        playbook = a_playbook(a_fault(remedies=("restart",)), remedies=(HARMFUL,))
        self.office = Office(database, playbooks={"frost-200": playbook})
        self.freezer: Device = device()
        self.cabinet_c = self.warmest_c = USUAL_C
        self._hear(said(self.freezer.greet()))

    def _hear(self, messages: list[Message]) -> None:
        self.office.hear(*(one for one in messages if isinstance(one, Birth | Status | Result)), device_id="d-1")
        for reading in readings(messages):
            self.cabinet_c = reading["cabinet_temp_c"]
            self.warmest_c = max(self.warmest_c, self.cabinet_c)

    def later(self, duration: timedelta) -> list[Command]:
        """Let the freezer live, the desk look and commands be obeyed; return what was sent."""
        sent: list[Command] = []
        end = self.office.clock.at + duration
        while self.office.clock.at < end:
            self.office.clock.at += MINUTE
            now = self.office.clock.at
            self._hear(said(self.freezer.step(now)))
            warm = Because("cabinet_temp_c", 0.5, (self.cabinet_c - USUAL_C) / SPREAD_C, self.cabinet_c, USUAL_C)
            self.office.sees("d-1", state=4.0 + max(warm.z or 0.0, 0.0), now=(*LEAKING, warm))
            self.office.work()
            for command in self.office.send():
                order = command_message(command, MINUTE)
                self._hear(said(self.freezer.hear(order.topic, order.payload, now)))
                sent.append(command)
        return sent

    def setting(self) -> object:
        """Return the setpoint as the freezer's newest birth says it."""
        with self.office.database.reading() as session:
            return config_of(session, "d-1").get("setpoint_c")


@pytest.mark.fault("GRD-5", "a simulated freezer is told to keep itself fourteen degrees too warm")
def test_a_setting_that_harms_is_judged_worse_and_taken_back(database: Database, verdict: Verdict) -> None:
    home = Household(database)
    home.later(30 * MINUTE)
    assert home.setting() == USUAL_C
    home.office.hear(home.office.finding(device_id="d-1"), device_id="d-1")

    sent = home.later(20 * MINUTE)
    assert [dict(one.args) for one in sent] == [{"setpoint_c": -4.0}]
    assert home.setting() == -4.0
    back = home.later(90 * MINUTE)
    home.later(timedelta(hours=6))

    verdict.measure("the cabinet at its worst", home.warmest_c, "°C", least=USUAL_C + 6)
    verdict.measure("the cabinet six hours after it was taken back", home.cabinet_c, "°C", most=USUAL_C + 2)
    verdict.measure("commands that take it back", len(back), least=1, most=1)
    assert (back[0].undoes, dict(back[0].args)) == (sent[0].id, {"setpoint_c": USUAL_C})
    assert home.setting() == USUAL_C
    assert [one.outcome for one in home.office.ticket().tried] == [Outcome.WORSE]
    assert home.office.ticket().state is TicketState.WITH_PERSON
    assert states(home.office.commands()) == [CommandState.SUCCEEDED, CommandState.SUCCEEDED]
    assert any("set back to what it was" in told for told in home.office.told(StoryKind.MOVE))


@pytest.mark.fault("GRD-6", "no answer to a verb that the device would do twice, and nothing shows whether it did it")
def test_what_may_run_only_once_ends_as_unknown_and_with_a_person(database: Database, verdict: Verdict) -> None:
    pump = a_remedy("restart", only_once=True)
    office = Office(database, playbooks={"frost-200": a_playbook(a_fault(remedies=("restart",)), remedies=(pump,))})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()

    sent_again = 0
    for _ in range(60):
        office.later(MINUTE)
        sent_again += len(office.send())
    office.worker.begin()  # a restart changes nothing about it
    office.later(timedelta(hours=2))

    verdict.measure("sent a second time", sent_again + len(office.send()), most=0)
    assert [(one.id, one.state) for one in office.commands()] == [(command.id, CommandState.UNKNOWN)]
    assert office.ticket().state is TicketState.WITH_PERSON
    assert any("it may have done it, or not" in told for told in office.told(StoryKind.MOVE))
