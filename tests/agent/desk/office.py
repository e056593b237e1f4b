"""A whole slow path for one test: a real database file, a real worker, a clock and models the test sets by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from agent.act.command import Command, CommandState
from agent.act.departures import claim
from agent.care.customer import Customer, Purpose
from agent.decide.policy import DEFAULT_POLICY, Policy
from agent.desk.ticket import Story, StoryKind, Ticket
from agent.diagnose.library import Version
from agent.diagnose.playbook import Playbook
from agent.health.findings import Finding
from agent.listen.facts import Body, Fact
from agent.store import people
from agent.store.commands import commands_of
from agent.store.database import Database
from agent.store.tickets import find_ticket, story_of
from agent.work import Worker
from broker.messages import Presence, Result, ResultStatus, Status
from tests.builders import MINUTE, NOON, GivenHealth, a_birth, a_finding, a_playbook, a_view


@dataclass(slots=True)
class HandClock:
    """A clock the test turns."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def wall_seconds(self, duration: timedelta) -> float:
        return max(duration.total_seconds(), 0.0)


@dataclass(slots=True)
class Office:
    """The worker with all it touches; ``frost-0001`` is born and connected unless a test says otherwise."""

    database: Database
    playbooks: Mapping[str, Playbook] = field(default_factory=lambda: {"frost-200": a_playbook()})
    health: GivenHealth = field(default_factory=GivenHealth)
    clock: HandClock = field(default_factory=HandClock)
    offset: int = -1
    policy: Policy = DEFAULT_POLICY
    staff_mail: str | None = None
    versions: Mapping[Version, Playbook] = field(default_factory=dict)

    @property
    def worker(self) -> Worker:
        places = (self.database, self.playbooks, self.health, self.clock, "http://127.0.0.1:8620")
        return Worker(*places, policy=self.policy, staff_mail=self.staff_mail, versions=self.versions)

    def hear(self, *bodies: Body, device_id: str = "frost-0001") -> None:
        self.worker.take([self.fact(body, device_id) for body in bodies])

    def fact(self, body: Body, device_id: str = "frost-0001") -> Fact:
        self.offset += 1
        return Fact(self.offset, device_id, self.clock.at, body)

    def birth(self, device_id: str = "frost-0001", **changes: Any) -> None:
        self.hear(a_birth(**changes), Status(Presence.ONLINE), device_id=device_id)

    def own(self, agreed: Collection[Purpose] = frozenset(Purpose)) -> None:
        """Give ``frost-0001`` an owner, asleep from 22 to 7, who wants to hear of every fix."""
        ada = Customer("c1", "Ada", "ada@example.org", "en", "UTC", 22, 7, 18, tell_about_fixes=True)
        with self.database.transaction() as session:
            people.save_customer(session, ada)
            people.own_device(session, device_id="frost-0001", customer_id=ada.id, now=self.clock.at)
            people.set_consents(session, ada.id, agreed, self.clock.at)

    def sees(self, device_id: str = "frost-0001", **changes: Any) -> None:
        """Set the device's health, with a sample of this moment."""
        given = {"sample_at": self.clock.at, "device_id": device_id, **changes}
        self.health.views[device_id] = a_view(**given)

    def later(self, duration: timedelta, **view: Any) -> None:
        """Let time pass in steps of a minute, with a fresh sample in each, doing all that is due."""
        end = self.clock.at + duration
        while self.clock.at < end:
            self.clock.at = min(self.clock.at + MINUTE, end)
            self.sees(**view)
            self.work()

    def work(self) -> None:
        while self.worker.work_due(self.clock.at):
            pass

    def notice(self, **changes: Any) -> None:
        """Let the hot path raise a finding, and the ticket come of age."""
        self.sees()
        self.hear(self.finding(**changes))

    def finding(self, **changes: Any) -> Finding:
        return a_finding(at=self.clock.at, **changes)

    def send(self) -> tuple[Command, ...]:
        with self.database.transaction() as session:
            return claim(session, self.clock.at)

    def answer(self, command: Command, status: ResultStatus, detail: str = "") -> None:
        self.hear(Result(id=command.id, status=status, detail=detail), device_id=command.device_id)

    def ticket(self, ticket_id: int = 1) -> Ticket:
        with self.database.reading() as session:
            return find_ticket(session, ticket_id)

    def commands(self, ticket_id: int = 1) -> tuple[Command, ...]:
        with self.database.reading() as session:
            return commands_of(session, ticket_id)

    def story(self, ticket_id: int = 1) -> Sequence[Story]:
        with self.database.reading() as session:
            return story_of(session, ticket_id)

    def told(self, kind: StoryKind, ticket_id: int = 1) -> list[str]:
        return [entry.text for entry in self.story(ticket_id) if entry.kind is kind]


def with_autonomy(playbook: Playbook, **autonomy: Any) -> Playbook:
    """Return the playbook with other autonomies, by remedy."""
    remedies = tuple(
        replace(remedy, autonomy=autonomy.get(remedy.name, remedy.autonomy)) for remedy in playbook.remedies
    )
    return replace(playbook, remedies=remedies)


def states(commands: Sequence[Command]) -> list[CommandState]:
    return [command.state for command in commands]
