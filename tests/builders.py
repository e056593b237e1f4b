"""Valid values with one thing changed, for tests of every room."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.act.command import Command, CommandState
from agent.decide.case import Case, Load
from agent.decide.permit import Permit, deed_of
from agent.desk.device import Device
from agent.desk.ticket import Ticket, TicketState
from agent.diagnose.diagnosis import Diagnosis, Suspect
from agent.diagnose.playbook import (
    Autonomy,
    Direction,
    Fault,
    FaultKind,
    Metric,
    Playbook,
    Remedy,
    Symptom,
    Words,
)
from agent.health.findings import Because, Finding, FindingKind, HealthView
from agent.health.interface import NOTHING_LASTS, Lasting
from agent.health.marks import Mark
from agent.service.visit import Visit, VisitState
from broker.messages import Birth, MetricSpec

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_remedy(name: str = "restart", **changes: Any) -> Remedy:
    """A reversible remedy the agent may send by itself."""
    usual = Remedy(
        name=name,
        verb=name,
        args=(),
        words="restarted its controller",
        autonomy=Autonomy.ACT,
        reversible=True,
        settle=5 * MINUTE,
        verify_for=20 * MINUTE,
        verify_within=90 * MINUTE,
        answer_within=5 * MINUTE,
    )
    return replace(usual, **changes)


def a_permit(autonomy: Autonomy, remedy: Remedy | None = None) -> Permit:
    """Staff's word on a remedy as it is; ``None``: on a restart."""
    return Permit(autonomy, deed_of(remedy or a_remedy()))


def a_fault(name: str = "memory_leak", **changes: Any) -> Fault:
    """A fault that the device can heal by a restart, and then by a defrost."""
    usual = Fault(
        name=name,
        kind=FaultKind.HEALABLE,
        symptoms=(Symptom("memory_free_kb", Direction.DOWN),),
        codes=(),
        remedies=("restart", "defrost"),
        words=(Words("en", "a tired controller", "its memory was running out", "it would have stopped"),),
    )
    return replace(usual, **changes)


def a_playbook(*faults: Fault, **changes: Any) -> Playbook:
    """A playbook of ``frost-200`` with the remedies restart and defrost."""
    usual = Playbook(
        product="frost-200",
        title="Frost 200",
        version="1",
        metrics=(
            Metric("memory_free_kb", "kB", "the free memory"),
            Metric("fan_rpm", "rpm", "the fan's speed"),
            Metric("door_open_s", "s", "how long the door stood open"),
        ),
        faults=faults or THE_FAULTS,
        remedies=(a_remedy("restart"), a_remedy("defrost")),
    )
    return replace(usual, **changes)


THE_FAULTS = (
    a_fault("memory_leak"),
    a_fault(
        "fan_bearing_wear",
        kind=FaultKind.VISIT,
        symptoms=(Symptom("fan_rpm", Direction.DOWN),),
        codes=("E21",),
        remedies=(),
        skill="cooling",
    ),
    a_fault("door_left_open", kind=FaultKind.OWNER, symptoms=(Symptom("door_open_s", Direction.UP),), remedies=()),
    a_fault("heat_wave", kind=FaultKind.BENIGN, symptoms=(Symptom("ambient_temp_c", Direction.UP),), remedies=()),
)


def a_birth(**changes: Any) -> Birth:
    """A freezer that knows restart and defrost."""
    given: dict[str, Any] = {
        "boot": "01JD3K00000000000000000000",
        "product": "frost-200",
        "metrics": {"memory_free_kb": MetricSpec(unit="kB"), "fan_rpm": MetricSpec(unit="rpm")},
        "firmware": "2.4.1",
        "commands": ("restart", "defrost", "set_config"),
    }
    return Birth(**{**given, **changes})


def a_device(device_id: str = "frost-0001", **changes: Any) -> Device:
    """A freezer that is connected and not in use."""
    usual = Device(
        id=device_id,
        product="frost-200",
        firmware="2.4.1",
        serial="",
        boot="01JD3K00000000000000000000",
        customer_id=None,
        commands=("restart", "defrost", "set_config"),
        units=(("memory_free_kb", "kB"),),
        online=True,
        busy=False,
        has_clock=True,
        off_on_purpose=False,
        first_seen_at=NOON - timedelta(days=30),
        status_at=NOON - timedelta(days=1),
    )
    return replace(usual, **changes)


def a_ticket(**changes: Any) -> Ticket:
    """A ticket about a leaking memory, noticed ten minutes before noon."""
    usual = Ticket(
        id=1,
        device_id="frost-0001",
        product="frost-200",
        fault="memory_leak",
        probability=0.9,
        state=TicketState.NOTICED,
        opened_at=NOON - 10 * MINUTE,
        changed_at=NOON - 10 * MINUTE,
        playbook_version="1",
        due_at=NOON,
    )
    return replace(usual, **changes)


def a_command(**changes: Any) -> Command:
    """A restart that is about to be sent."""
    usual = Command(
        id="01JD3M00000000000000000001",
        ticket_id=1,
        device_id="frost-0001",
        remedy="restart",
        verb="restart",
        args=(),
        state=CommandState.QUEUED,
        created_at=NOON,
        not_after=NOON + 5 * MINUTE,
        product="frost-200",
        firmware="2.4.1",
    )
    return replace(usual, **changes)


def a_view(**changes: Any) -> HealthView:
    """A device that is not normal right now, on a sample a minute old."""
    usual = HealthView(
        device_id="frost-0001",
        state=4.0,
        drift=0.0,
        warming=False,
        normal_since=None,
        sample_at=NOON - MINUTE,
        silent_since=None,
        incomplete_since=None,
        now=(Because("memory_free_kb", 1.0, -9.0, 9_000.0, 48_000.0),),
    )
    return replace(usual, **changes)


def a_finding(**changes: Any) -> Finding:
    """A sudden loss of free memory."""
    usual = Finding(
        device_id="frost-0001",
        at=NOON,
        kind=FindingKind.ONSET,
        score=5.0,
        because=(Because("memory_free_kb", 1.0, -9.0, 9_000.0, 48_000.0),),
    )
    return replace(usual, **changes)


def a_diagnosis(fault: str = "memory_leak", probability: float = 0.9) -> Diagnosis:
    """A diagnosis with one suspect; the rest is unknown."""
    return Diagnosis((Suspect(fault, probability, ()),), 1 - probability, "The free memory is far too low.")


def a_visit(starts_at: datetime, **changes: Any) -> Visit:
    """A booked visit of two hours on the first ticket."""
    usual = Visit(
        id=1,
        ticket_id=1,
        technician_id="t1",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        state=VisitState.BOOKED,
        uid="visit-1",
        sequence=0,
    )
    return replace(usual, **changes)


def a_case(**changes: Any) -> Case:
    """A case in which the next move is to send a restart."""
    usual = Case(
        ticket=a_ticket(),
        device=a_device(),
        playbook=a_playbook(),
        diagnosis=a_diagnosis(),
        view=a_view(),
        finding_at=NOON - 5 * MINUTE,
        load=Load(in_flight=False, last_at=None, last_day=0),
        permits={},
        refused=frozenset(),
        visit_ends_at=None,
        halted=False,
        may_fix=True,
    )
    return replace(usual, **changes)


@dataclass(frozen=True, slots=True)
class GivenReadings:
    """Readings as a test gives them."""

    at_s: NDArray[np.float64]
    metrics: tuple[str, ...]
    values: NDArray[np.float32]
    state: NDArray[np.float32]


def some_readings(*metrics: str, n: int = 3, start: datetime = NOON) -> GivenReadings:
    """``n`` readings a minute apart from ``start`` on; each metric counts up from 0."""
    column = np.arange(n, dtype=np.float32)
    return GivenReadings(
        at_s=start.timestamp() + 60.0 * np.arange(n, dtype=np.float64),
        metrics=metrics,
        values=np.stack([column] * len(metrics), axis=1) if metrics else np.zeros((n, 0), dtype=np.float32),
        state=np.zeros(n, dtype=np.float32),
    )


@dataclass(slots=True)
class GivenHealth:
    """The per-device models as a test sets them; remembers the marks that were asked for, in order."""

    views: dict[str, HealthView] = field(default_factory=dict)
    asked: list[tuple[str, Mark]] = field(default_factory=list)

    def view(self, device_id: str) -> HealthView | None:
        return self.views.get(device_id)

    def recent(self, device_id: str, metrics: Sequence[str] | None, since: datetime | None) -> GivenReadings:
        del device_id
        return some_readings(*(metrics or ()), start=since or NOON)

    def ask(self, device_id: str, mark: Mark) -> None:
        self.asked.append((device_id, mark))

    def those(self, mark: Mark) -> list[str]:
        return [device_id for device_id, asked in self.asked if asked is mark]

    def quieted_devices(self) -> frozenset[str]:
        return frozenset()


class ShortSighted:
    """What a model without a long run has of one."""

    def lasting(self, device: int) -> Lasting:  # noqa: ARG002 - of any device
        return NOTHING_LASTS

    def begin_anew(self, device: int) -> None: ...
