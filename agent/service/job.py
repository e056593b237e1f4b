"""What a technician is told about a visit (pure): where it is, what is wrong, what to bring."""

from dataclasses import dataclass
from enum import StrEnum

from agent.care.clean import one_line
from agent.care.languages import Calendar
from agent.care.letter import Letter, Section
from agent.service.invitation import Occasion
from agent.service.visit import Visit

_LIMIT = 300  # characters of any one thing


class Change(StrEnum):
    """What happened to the visit."""

    BOOKED = "New visit"
    MOVED = "Visit moved"
    CANCELLED = "Visit cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """One visit as its technician needs to know it.

    ``product`` and ``fault`` are in words: "Frost 200 freezer", "a loss of coolant". ``customer`` and ``technician``
    are names and may be empty, like the customer's ``email``.
    """

    change: Change
    visit: Visit
    ticket: str
    device_id: str
    product: str
    fault: str
    explanation: str
    customer: str
    email: str
    technician: str


def job_letter(job: Job, calendar: Calendar) -> Letter:
    """Return the mail to the technician; ``calendar`` writes the time on their wall clock."""
    starts_at, ends_at = job.visit.starts_at, job.visit.ends_at
    short = f"{calendar.short_date(starts_at)} {calendar.time(starts_at)}"
    when = f"{calendar.date(starts_at)}, {calendar.time(starts_at)} to {calendar.time(ends_at)} ({_zone(calendar)})."
    sections = [
        Section("When", (when,)),
        Section("Which device", (f"{one_line(job.product, _LIMIT)}, registered as {one_line(job.device_id, 64)}.",)),
        Section("What is wrong", (f"{_fault(job)}.", one_line(job.explanation, _LIMIT))),
    ]
    if whose := _whose(job):
        sections.append(Section("Whose it is", (whose,)))
    if job.visit.parts and job.change is not Change.CANCELLED:
        sections.append(Section("What to bring", (", ".join(_plain(part) for part in job.visit.parts) + ".",)))
    name = one_line(job.technician, 80)
    return Letter(
        lang="en",
        subject=f"{job.change}: {job.product}, {short} ({job.ticket})",
        ticket=job.ticket,
        title=job.change,
        greeting=f"Hello {name}," if name else "Hello,",
        sections=tuple(sections),
        why="You are receiving this because this visit is in your calendar.",
    )


def job_occasion(job: Job) -> Occasion:
    """Return what the technician's calendar says."""
    about = f"{_fault(job)}. {one_line(job.explanation, _LIMIT)}"
    whose = f"\nOwner: {said}" if (said := _whose(job)) else ""
    bring = "\nBring: " + ", ".join(_plain(part) for part in job.visit.parts) if job.visit.parts else ""
    where = f"{job.product}, {job.customer}" if job.customer else job.product
    return Occasion(title=one_line(f"{where} ({job.ticket})", 150), description=f"{about}{whose}{bring}")


def _fault(job: Job) -> str:
    words = _plain(job.fault)
    return words[:1].upper() + words[1:]


def _whose(job: Job) -> str:
    return ", ".join(said for given in (job.customer, job.email) if (said := one_line(given, 120)))


def _zone(calendar: Calendar) -> str:
    return calendar.zone.key.replace("_", " ")


def _plain(name: str) -> str:
    return one_line(name.replace("_", " "), _LIMIT)
