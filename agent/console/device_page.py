"""What the device and fleet pages show (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.console.health_words import HealthWords, health_words
from agent.console.instants import Moment
from agent.console.queue_page import Line, lines
from agent.console.reader import Reader
from agent.console.words import FINDINGS, Label, deviation, figure, sentence, side
from agent.desk.device import Device
from agent.desk.wording import finding_sentence
from agent.health.findings import HealthView
from agent.store.findings import Filed
from agent.store.queue import QueueEntry


@dataclass(frozen=True, slots=True)
class MetricNow:
    """A metric as it is now beside what is usual; empty where not known."""

    name: str
    title: str
    value: str
    usual: str
    deviation: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding as staff read it. ``ticket`` is its number; empty when it led to none."""

    at: Moment
    label: Label
    text: str
    ticket: str


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """What is kept of a device: tickets and findings newest first; ``owner`` empty when nobody is known to own it."""

    device: Device
    tickets: Sequence[QueueEntry] = ()
    findings: Sequence[Filed] = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class DevicePage:
    """A device as staff see it."""

    device: Device
    product: str
    health: HealthWords
    first_seen: Moment
    status: Moment
    sample: Moment | None
    clock: str
    counts: str
    metrics: tuple[MetricNow, ...]
    findings: tuple[Noticed, ...]
    tickets: tuple[Line, ...]
    owner: str


def device_page(file: DeviceFile, view: HealthView | None, reader: Reader) -> DevicePage:
    """Return a device's page."""
    device = file.device
    return DevicePage(
        device=device,
        product=reader.product(device.product) or "Not yet born",
        health=health_words(view, device, reader),
        first_seen=reader.moment(device.first_seen_at),
        status=reader.moment(device.status_at),
        sample=None if view is None or view.sample_at is None else reader.moment(view.sample_at),
        clock="Keeps time" if device.has_clock else "Has no clock that can be trusted; arrival times are used",
        counts=_counts(device),
        metrics=_metrics(device, view, reader),
        findings=tuple(_noticed(filed, device.product, reader) for filed in file.findings),
        tickets=lines(file.tickets, reader),
        owner=file.owner,
    )


def _noticed(filed: Filed, product: str, reader: Reader) -> Noticed:
    finding = filed.finding
    return Noticed(
        at=reader.moment(finding.at),
        label=FINDINGS[finding.kind],
        text=sentence(reader.local_times(finding_sentence(finding, reader.playbooks.get(product)))),
        ticket="" if filed.ticket_id is None else f"T-{filed.ticket_id}",
    )


def _counts(device: Device) -> str:
    return f"{device.missed:,} missed" if device.missed else "None missed"


def _metrics(device: Device, view: HealthView | None, reader: Reader) -> tuple[MetricNow, ...]:
    now = {} if view is None else {part.metric: part for part in view.now}
    shown = []
    for name, declared in device.units:
        part = now.get(name)
        unit = reader.unit(device.product, name) or declared
        shown.append(
            MetricNow(
                name=name,
                title=reader.metric(device.product, name),
                value="" if part is None else figure(part.value, unit),
                usual="" if part is None else figure(part.usual, unit),
                deviation="" if part is None or part.z is None else f"{deviation(part.z)} {side(part.z)} usual",
            )
        )
    return tuple(shown)


@dataclass(frozen=True, slots=True)
class FleetRow:
    """A device on one line of the fleet's table."""

    device: Device
    product: str
    health: HealthWords
    open_tickets: int
    status: Moment


def fleet_rows(
    devices: Sequence[Device],
    views: Mapping[str, HealthView | None],
    open_tickets: Mapping[str, int],
    reader: Reader,
) -> tuple[FleetRow, ...]:
    """Return devices as lines of the fleet's table."""
    return tuple(
        FleetRow(
            device=device,
            product=reader.product(device.product) if device.product else "–",
            health=health_words(views.get(device.id), device, reader),
            open_tickets=open_tickets.get(device.id, 0),
            status=reader.moment(device.status_at),
        )
        for device in devices
    )
