"""A house full of tickets, one of each kind, so that every page has something to show."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from agent.act.command import Command, CommandState
from agent.care.customer import Customer, Purpose
from agent.care.links import LinkPurpose, make_link
from agent.care.message import Channel, Draft, MessageState, Stage
from agent.care.rating import RatingSource, make_rating
from agent.clock import Clock
from agent.console.parts import ConsoleParts, Vitals
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.health.findings import Because, Finding, FindingKind, HealthView
from agent.service.visit import Slot, Technician
from agent.store import messages, people, visits
from agent.store.autonomy import Grant, record_grant
from agent.store.commands import add_command
from agent.store.database import Database
from agent.store.findings import add_finding
from agent.store.outcomes import Ending, add_ending
from agent.store.quarantine import Unusable, count_quarantined
from agent.store.ratings import save_rating
from agent.store.staff import set_password
from agent.store.tables import DeviceRow, TicketRow
from agent.store.tickets import Line, tell
from agent.work import Worker
from tests.agent.console.curves import Curve, DrawnHealth, normal

NOW = datetime(2026, 9, 21, 14, 40, tzinfo=UTC)
ADDRESS = "http://testserver"
PASSWORD = "correct horse battery"
PLAYBOOKS = read_playbooks(default_dir())
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


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
        _fleet(session, health)
        _tickets(session, health)
        tokens = _links(session)
        unreadable = Unusable("bean-0003", "not JSON", '{"v":1,"boot":<script>alert(1)</script>')
        count_quarantined(session, unreadable, NOW)
        record_grant(session, Grant("frost-200", "defrost", Autonomy.ACT_IF_REVERSIBLE, "mira", NOW - 30 * HOUR))
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


LEVELS = {
    "cabinet_temp_c": (-18.2, 0.5), "evaporator_temp_c": (-26.1, 0.8), "compressor_current_a": (1.32, 0.08),
    "compressor_duty": (0.42, 0.05), "fan_rpm": (1460.0, 22.0), "fan_current_a": (0.21, 0.01), "door_open_s": (1.5, 1.4),
    "ambient_temp_c": (21.5, 1.2), "memory_free_kb": (18_400.0, 300.0), "wifi_rssi_dbm": (-58.0, 2.0),
    "brew_temp_c": (92.1, 0.4), "boiler_temp_c": (118.0, 1.0), "heater_duty": (0.31, 0.06), "pump_pressure_bar": (9.1, 0.2),
    "flow_ml_s": (4.2, 0.2), "grinder_current_a": (2.1, 0.1), "water_level_pct": (64.0, 6.0), "brews": (0.3, 0.4),
    "supply_temp_c": (38.0, 1.4), "return_temp_c": (32.5, 1.0), "outdoor_temp_c": (9.0, 2.4), "compressor_hz": (44.0, 4.0),
    "power_w": (1240.0, 120.0), "flow_l_min": (18.2, 0.5), "coil_temp_c": (4.0, 1.0), "soc_pct": (61.0, 9.0),
    "pack_voltage_v": (51.8, 0.6), "pack_current_a": (6.0, 4.0), "cell_delta_mv": (12.0, 2.0), "pack_temp_c": (27.0, 1.2),
    "inverter_temp_c": (41.0, 2.0), "round_trip_pct": (94.0, 0.6),
}  # fmt: skip
FLEET = (
    *((f"frost-{n:04d}", "frost-200", "2.4.1") for n in range(1, 9)),
    *((f"bean-{n:04d}", "bean-9", "1.9.0") for n in range(1, 6)),
    *((f"therm-{n:04d}", "therm-40", "5.0.3") for n in range(1, 4)),
    *((f"volt-{n:04d}", "volt-12", "3.1.7") for n in range(1, 4)),
)


def _fleet(session: Session, health: DrawnHealth) -> None:
    for place, (device_id, product, firmware) in enumerate(FLEET):
        metrics = {metric.name: {"unit": metric.unit} for metric in PLAYBOOKS[product].metrics if not metric.context}
        verbs = sorted({remedy.verb for remedy in PLAYBOOKS[product].remedies})
        session.add(
            DeviceRow(
                id=device_id,
                product=product,
                firmware=firmware,
                serial=f"{product[:2].upper()}-{18_200 + 37 * place}",
                boot="01K5NQ",
                customer_id=f"c-{place % 3 + 1}",
                birth={"metrics": metrics, "context": ["mode"], "commands": verbs},
                online=device_id != "frost-0006",
                busy=device_id == "bean-0002",
                has_clock=device_id != "bean-0003",
                off_on_purpose=device_id == "bean-0005",
                first_seen_at=NOW - 700 * HOUR,
                status_at=NOW - (31 + 7 * place) * HOUR,
                missed=3 if device_id == "volt-0002" else 0,
            )
        )
        curves = {name: Curve(*LEVELS[name]) for name in metrics if name in LEVELS}
        health.curves[device_id] = curves
        now = tuple(
            Because(name, 0.1, 0.3, curve.usual + curve.swing * 0.1, curve.usual) for name, curve in curves.items()
        )
        health.views[device_id] = normal(device_id, NOW, since=(place + 3) * HOUR, now_parts=now)
    _doubts(health)


def _doubts(health: DrawnHealth) -> None:
    def but(device_id: str, **changes: object) -> None:
        health.views[device_id] = replace(health.views[device_id], **changes)  # type: ignore[arg-type]  # fields by name

    but("frost-0004", warming=True, normal_since=None)
    but("frost-0006", silent_since=NOW - 47 * MINUTE, normal_since=None)
    but("volt-0002", incomplete_since=NOW - 12 * MINUTE)


@dataclass(frozen=True, slots=True)
class _Case:
    id: int
    device_id: str
    product: str
    fault: str | None
    probability: float
    state: TicketState
    opened: timedelta
    changed: timedelta
    explanation: str = ""
    fails_in: timedelta | None = None
    resolution: str = ""


CASES = (
    _Case(1001, "frost-0003", "frost-200", "evaporator_iced", 0.91, TicketState.HEALED, 7 * HOUR, 2 * HOUR,
          "Ice on the evaporator is likely: it is colder at the evaporator, warmer inside, and the fan turns slower."),
    _Case(1002, "bean-0002", "bean-9", "brew_temp_corrupted", 0.86, TicketState.AWAITING_APPROVAL, 50 * MINUTE, 34 * MINUTE,
          "The brewing temperature setting was probably lost: water and boiler are colder, and the heater works less.",
          26 * HOUR),
    _Case(1003, "therm-0001", "therm-40", "circulation_pump_wear", 0.78, TicketState.VISIT_BOOKED, 9 * HOUR, 8 * HOUR,
          "The circulation pump is probably worn: less water flows, and supply and return drift apart.", 68 * HOUR),
    _Case(1004, "volt-0001", "volt-12", "cells_unbalanced", 0.83, TicketState.VERIFYING, 3 * HOUR, 41 * MINUTE,
          "The cells are probably out of balance: the difference between them has grown."),
    _Case(1005, "frost-0007", "frost-200", None, 0.0, TicketState.WITH_PERSON, 5 * HOUR, 4 * HOUR,
          "Nothing the playbook knows explains this: the fan current is higher, everything else is as usual."),
    _Case(1006, "bean-0004", "bean-9", "water_empty", 0.94, TicketState.WITH_OWNER, 2 * HOUR, 2 * HOUR,
          "The water tank is very probably empty."),
    _Case(1007, "frost-0002", "frost-200", "memory_leak", 0.97, TicketState.HEALED, 30 * HOUR, 27 * HOUR,
          "The controller was running out of memory."),
    _Case(1008, "volt-0003", "volt-12", "soc_drift", 0.88, TicketState.HEALED, 52 * HOUR, 50 * HOUR,
          "The charge reading had drifted away from the voltage."),
    _Case(1009, "frost-0001", "frost-200", "temp_sensor_drift", 0.55, TicketState.NOTICED, 6 * MINUTE, 4 * MINUTE,
          "A thermometer that is off is possible; another look comes in ten minutes."),
    _Case(1010, "bean-0001", "bean-9", "group_clogged", 0.81, TicketState.CLOSED, 80 * HOUR, 70 * HOUR,
          resolution="Rinsed twice by the owner; flow is as it was in spring."),
    _Case(1011, "bean-0003", "bean-9", "memory_leak", 0.95, TicketState.HEALED, 22 * HOUR, 21 * HOUR,
          "The controller was running out of memory."),
)  # fmt: skip


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
                told=[],
                chart={},
            )
        )
        session.flush()
        tell(session, case.id, Line(NOW - case.opened, StoryKind.FINDING, case.explanation or "Something is off."))
    _healed_story(session, health)
    _approval_story(session, health)
    _visit_story(session, health)
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


def _tried(case: _Case) -> list[dict[str, object]]:
    remedy = {"evaporator_iced": "defrost", "memory_leak": "restart", "soc_drift": "recalibrate_charge"}.get(
        case.fault or "", "rinse"
    )
    at = (NOW - case.opened + 30 * MINUTE).isoformat()
    return [{"remedy": remedy, "command_id": f"01K5{case.id}", "at": at, "outcome": "healed"}]


def _command(ticket_id: int, device_id: str, remedy: str, state: CommandState, at: datetime) -> Command:
    product = next(case.product for case in CASES if case.id == ticket_id)
    known = PLAYBOOKS[product].remedy(remedy)
    sent = state not in {CommandState.AWAITING_APPROVAL, CommandState.PROPOSED}
    return Command(
        id=f"01K5{ticket_id}",
        ticket_id=ticket_id,
        device_id=device_id,
        remedy=remedy,
        verb=known.verb,
        args=known.args,
        state=state,
        created_at=at,
        not_after=at + 4 * HOUR,
        sent_at=at if sent else None,
        answered_at=at + 2 * MINUTE if sent else None,
    )


def _story(session: Session, ticket_id: int, *lines: tuple[timedelta, StoryKind, str, str]) -> None:
    for before, kind, text, actor in lines:
        tell(session, ticket_id, Line(NOW - before, kind, text, actor))


def _evidence(ticket_id: int, device_id: str, at: datetime, *parts: tuple[str, float, float, float, float]) -> Finding:
    because = tuple(Because(*part) for part in parts)
    return Finding(device_id=device_id, at=at, kind=FindingKind.ONSET, score=5.2, because=because)


def _healed_story(session: Session, health: DrawnHealth) -> None:
    device, since, until = "frost-0003", NOW - 9 * HOUR, NOW - 6.4 * HOUR
    health.curves[device] = {
        **health.curves[device],
        "evaporator_temp_c": Curve(-26.1, 0.8, -5.5, since, until),
        "cabinet_temp_c": Curve(-18.2, 0.5, 3.4, since, until),
        "fan_rpm": Curve(1460.0, 22.0, -210.0, since, until),
    }
    finding = _evidence(
        1001, device, NOW - 7 * HOUR,
        ("evaporator_temp_c", 0.44, -6.9, -31.2, -26.1), ("cabinet_temp_c", 0.31, 5.1, -15.1, -18.2), ("fan_rpm", 0.25, -4.6, 1260.0, 1460.0),
    )  # fmt: skip
    add_finding(session, finding, 1001)
    add_command(session, _command(1001, device, "defrost", CommandState.SUCCEEDED, NOW - 6.5 * HOUR))
    _story(
        session, 1001,
        (6.9 * HOUR, StoryKind.DIAGNOSIS, "Ice inside the freezer, 91 %: the evaporator is colder, it is warmer inside, the fan turns slower.", "agent"),
        (6.8 * HOUR, StoryKind.GUARD, "Not now: the device is in use. Looked again after ten minutes.", "agent"),
        (6.6 * HOUR, StoryKind.MOVE, "Decided to defrost. It can be undone, healed 14 of 17 like this one, and nothing speaks against it.", "agent"),
        (6.5 * HOUR, StoryKind.COMMAND, "Sent defrost. The device has 10 min to answer.", "agent"),
        (6.45 * HOUR, StoryKind.ANSWER, "Says it has defrosted.", "device"),
        (2 * HOUR, StoryKind.OUTCOME, "Verified: its own signal has been within its own normal for 2 h. Watched for seven more days.", "agent"),
        (1.9 * HOUR, StoryKind.MESSAGE, "The owner was told by mail, in their good hour, and asked how it was.", "agent"),
    )  # fmt: skip
    draft = Draft(
        ticket_id=1001, customer_id="c-3", stage=Stage.FIXED, occasion="", channel=Channel.MAIL, lang="en",
        subject="Your freezer: fixed and checked (T-1001)",
        body="Hello Ruth,\n\nWHAT WE NOTICED\nIce had formed inside your freezer.\n\nWHAT WAS DONE\nYour freezer defrosted itself.\n\nWHAT YOU NEED TO DO\nNothing.\n",
        state=MessageState.PLANNED, why="", created_at=NOW - 1.9 * HOUR, due_at=NOW - 1.9 * HOUR,
    )  # fmt: skip
    sent = messages.add_message(session, draft)
    messages.mark_sent(session, sent.id, NOW - 1.9 * HOUR)
    quiet = replace(
        draft,
        ticket_id=1007,
        customer_id="c-2",
        state=MessageState.WITHHELD,
        why="the owner has not noticed and did not ask to hear of fixes",
    )
    messages.add_message(session, quiet)
    shown = replace(
        draft,
        channel=Channel.DEVICE,
        subject="Fixed and checked",
        body="Your freezer defrosted itself. Checked: its own readings are back to normal.",
    )
    messages.mark_sent(session, messages.add_message(session, shown).id, NOW - 1.9 * HOUR)


def _approval_story(session: Session, health: DrawnHealth) -> None:
    device, since = "bean-0002", NOW - 2.6 * HOUR
    health.curves[device] = {
        **health.curves[device],
        "brew_temp_c": Curve(92.1, 0.4, -6.2, since),
        "boiler_temp_c": Curve(118.0, 1.0, -9.0, since),
        "heater_duty": Curve(0.31, 0.06, -0.14, since),
    }
    away = (Because("brew_temp_c", 0.5, -8.2, 86.0, 92.1), Because("boiler_temp_c", 0.3, -5.0, 109.2, 118.0))
    view: HealthView = replace(health.views[device], state=6.1, normal_since=None, now=away)
    health.views[device] = view
    add_finding(
        session,
        _evidence(
            1002,
            device,
            NOW - 50 * MINUTE,
            ("brew_temp_c", 0.52, -8.2, 86.0, 92.1),
            ("boiler_temp_c", 0.3, -5.0, 109.2, 118.0),
            ("heater_duty", 0.18, -2.2, 0.18, 0.31),
        ),  # fmt: skip
        1002,
    )
    add_command(session, _command(1002, device, "restore_brew_temp", CommandState.AWAITING_APPROVAL, NOW - 34 * MINUTE))
    _story(
        session, 1002,
        (48 * MINUTE, StoryKind.DIAGNOSIS, "A lost temperature setting, 86 %: water and boiler are colder, the heater works less.", "agent"),
        (34 * MINUTE, StoryKind.MOVE, "Asks for approval to restore the brewing temperature: this remedy may not run by itself.", "agent"),
    )  # fmt: skip


def _visit_story(session: Session, health: DrawnHealth) -> None:
    slot: Slot = visits.free_slots(session, skill="heating", since=NOW)[1]
    visit = visits.add_visit(
        session, visits.NewVisit(1003, slot, slot.starts_at + 90 * MINUTE, "sample-visit@amends", ("circulation_pump",))
    )
    visits.take_slot(session, slot.id, visit.id)
    device, since = "therm-0001", NOW - 12 * HOUR
    health.curves[device] = {
        **health.curves[device],
        "flow_l_min": Curve(18.2, 0.5, -5.0, since),
        "return_temp_c": Curve(32.5, 1.0, -4.0, since),
    }
    health.views[device] = replace(
        health.views[device], state=5.0, normal_since=None, now=(Because("flow_l_min", 0.6, -6.6, 13.4, 18.2),)
    )
    add_finding(
        session,
        _evidence(
            1003,
            device,
            NOW - 9 * HOUR,
            ("flow_l_min", 0.6, -6.6, 13.4, 18.2),
            ("return_temp_c", 0.3, -3.1, 28.9, 32.5),
        ),
        1003,
    )
    _story(
        session, 1003,
        (8 * HOUR, StoryKind.VISIT, "Booked Paula Brandt, who brings a circulation pump, well before the owner would notice.", "agent"),
        (8 * HOUR, StoryKind.MESSAGE, "The owner was told by mail, with an invitation.", "agent"),
    )  # fmt: skip


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
