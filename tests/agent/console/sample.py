"""A house full of tickets, one of each kind, so that every page has something to show."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from agent.care.customer import Customer, Purpose
from agent.care.links import LinkPurpose, make_link
from agent.care.rating import RatingSource, make_rating
from agent.clock import Clock
from agent.console.parts import ConsoleParts, Vitals
from agent.decide.permit import deed_of
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy
from agent.service.visit import Technician
from agent.store import people, visits
from agent.store.autonomy import Grant, record_grant
from agent.store.database import Database
from agent.store.outcomes import Ending, add_ending
from agent.store.quarantine import Unusable, count_quarantined
from agent.store.ratings import save_rating
from agent.store.staff import set_password
from agent.store.tables import TicketRow
from agent.store.tickets import Line, tell
from agent.work import Worker
from tests.agent.console.curves import DrawnHealth
from tests.agent.console.sample_cases import CASES, HOUR, MINUTE, NOW, PLAYBOOKS, Case
from tests.agent.console.sample_fleet import fill_fleet
from tests.agent.console.sample_stories import tell_approval, tell_healed, tell_visit

ADDRESS = "http://testserver"
PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class StillClock:
    """A clock that stands still."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def wall_seconds(self, duration: timedelta) -> float:
        return max(duration.total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """A house that is filled: what its models know, and the links its owners hold."""

    health: DrawnHealth
    rate_token: str
    visit_token: str
    expired_token: str


def fill(database: Database) -> Sample:
    """Fill an empty database."""
    health = DrawnHealth(NOW)
    with database.transaction() as session:
        _people(session)
        fill_fleet(session, health)
        _tickets(session, health)
        tokens = _links(session)
        unreadable = Unusable("bean-0003", "not JSON", '{"v":1,"boot":<script>alert(1)</script>')
        count_quarantined(session, unreadable, NOW)
        defrost = deed_of(PLAYBOOKS["frost-200"].remedy("defrost"))
        since = NOW - 30 * HOUR
        record_grant(session, Grant("frost-200", "defrost", Autonomy.ACT_IF_REVERSIBLE, "mira", since, defrost))
    return Sample(health, *tokens)


def parts_over(database: Database, sample: Sample, clock: Clock | None = None, url: str = ADDRESS) -> ConsoleParts:
    """Return the console's parts over a database that was filled."""
    clock = clock or StillClock()
    return ConsoleParts(
        database=database,
        desk=Worker(database, PLAYBOOKS, sample.health, clock, url),
        health=sample.health,
        playbooks=PLAYBOOKS,
        clock=clock,
        secret="a secret of this test alone",
        public_url=url,
        vitals=lambda: Vitals(counters=(("samples_taken", 184_233.0), ("journal_bytes", 9_120_511.0))),
    )


def _people(session: Session) -> None:
    for name, role in (("mira", "staff"), ("tom", "viewer")):
        set_password(session, name=name, password=PASSWORD, now=NOW - 90 * HOUR, role=role)
    owners = (
        Customer("c-1", "Ines Moreau", "ines@example.com", lang="en", zone="Europe/Paris", tell_about_fixes=True),
        Customer("c-2", "Jonas Keller", "jonas@example.com", lang="de", zone="Europe/Berlin"),
        Customer("c-3", "Ruth Okafor", "ruth@example.com", lang="en", zone="Europe/London"),
    )
    for owner in owners:
        people.save_customer(session, owner)
        people.set_consents(session, owner.id, Purpose, NOW - 90 * HOUR)
    visits.save_technician(
        session, Technician("t-1", "Paula Brandt", "paula@example.com", "Europe/Berlin", ("heating", "cooling"))
    )
    for day in range(1, 5):
        start = datetime(2026, 9, 21 + day, 8, tzinfo=UTC)
        for hour in (0, 3, 6):
            visits.offer_slot(
                session,
                technician_id="t-1",
                starts_at=start + timedelta(hours=hour),
                ends_at=start + timedelta(hours=hour + 2),
            )


def _tickets(session: Session, health: DrawnHealth) -> None:
    for case in CASES:
        healed = case.state in {TicketState.HEALED, TicketState.CLOSED}
        session.add(
            TicketRow(
                id=case.id,
                device_id=case.device_id,
                product=case.product,
                fault=case.fault,
                probability=case.probability,
                state=case.state,
                opened_at=NOW - case.opened,
                changed_at=NOW - case.changed,
                playbook_version="1",
                explanation=case.explanation,
                closed_at=NOW - case.changed if case.state is TicketState.CLOSED else None,
                fails_by=None if case.fails_in is None else NOW + case.fails_in,
                resolution=case.resolution,
                tried=_tried(case) if healed else [],
                chart={},
            )
        )
        session.flush()
        tell(session, case.id, Line(NOW - case.opened, StoryKind.FINDING, case.explanation or "Something is off."))
    tell_healed(session, health)
    tell_approval(session, health)
    tell_visit(session, health)
    for ticket_id, score, comment in (
        (1001, 5, "Did not even notice. The ice cream is fine!"),
        (1007, 2, "It beeped at night and nobody told me why."),
        (1011, 4, ""),
    ):
        save_rating(session, make_rating(ticket_id, score, comment, RatingSource.MAIL, NOW - 90 * MINUTE))
        tell(session, ticket_id, Line(NOW - 90 * MINUTE, StoryKind.RATING, f"Rated {score} of 5.", "owner"))
    for number in range(17):
        outcome = Outcome.HEALED if number % 6 else Outcome.NOT_HEALED
        add_ending(
            session, Ending(1001, "defrost", "evaporator_iced", "frost-200", "2.4.1", outcome, NOW - number * HOUR)
        )
    for number in range(4):
        ending = Ending(1010, "restore_brew_temp", "brew_temp_corrupted", "bean-9", "1.9.0", Outcome.HEALED, NOW)
        add_ending(session, replace(ending, outcome=Outcome.NO_ANSWER) if number == 3 else ending)


def _tried(case: Case) -> list[dict[str, object]]:
    remedy = {"evaporator_iced": "defrost", "memory_leak": "restart", "soc_drift": "recalibrate_charge"}.get(
        case.fault or "", "rinse"
    )
    at = (NOW - case.opened + 30 * MINUTE).isoformat()
    return [{"remedy": remedy, "command_id": f"01K5{case.id}", "at": at, "outcome": "healed"}]


def _links(session: Session) -> tuple[str, str, str]:
    visit = visits.booked_visit(session, 1003)
    assert visit is not None
    week = timedelta(days=7)
    make = {
        "rate": make_link(session, purpose=LinkPurpose.RATE, subject="1008", now=NOW, expires_at=NOW + week),
        "visit": make_link(session, purpose=LinkPurpose.VISIT, subject=str(visit.id), now=NOW, expires_at=NOW + week),
        "old": make_link(session, purpose=LinkPurpose.RATE, subject="1001", now=NOW - 2 * week, expires_at=NOW - week),
    }
    return make["rate"], make["visit"], make["old"]
