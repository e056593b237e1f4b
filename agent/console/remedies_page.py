"""What the remedies page shows (pure): how far the agent may go with each remedy, and how it has done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.console.instants import Moment, span
from agent.console.proposal import facts_of, sends
from agent.console.reader import Reader
from agent.console.ticket_page import RecordWords, record_words
from agent.console.words import AUTONOMY, SHADOW_ENDS
from agent.decide.breaker import Breaker
from agent.decide.permit import deed_of, lapsed, level_of
from agent.decide.track_record import interval
from agent.desk.shadow import Proposed, Shadow, shadows_of
from agent.desk.trust import matter_of
from agent.diagnose.playbook import Autonomy, Remedy
from agent.store.agreements import Agreement
from agent.store.autonomy import Grant
from agent.store.breakers import Fuse
from agent.store.ticket_file import Record

_LAST = 5  # proposals a remedy that are listed


@dataclass(frozen=True, slots=True)
class ShadowLine:
    """One remedy the agent would have sent: to which device, when, and what became of it."""

    number: str
    device_id: str
    at: Moment
    end: str


@dataclass(frozen=True, slots=True)
class ShadowWords:
    """What the agent would have done with a remedy: a sentence, and the newest ones."""

    summary: str
    lines: tuple[ShadowLine, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """A firmware on which the remedy's breaker is open: since when, and why."""

    firmware: str
    since: Moment
    why: str


@dataclass(frozen=True, slots=True)
class HalfAgreed:
    """A level that one person wants and a second must agree to."""

    level: str
    by: str
    at: Moment


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One remedy. ``deed`` is the digest of what it does, which whoever sets a level has thus read.

    ``record`` is ``None`` until it was tried; ``set_by`` is empty while nobody has set a level.
    ``lapsed`` says why the level that was set no longer counts; empty while it does.
    ``sure`` says between which shares it truly heals, in nine cases of ten; empty until it was tried. ``shadow`` is
    ``None`` where nothing was proposed, ``half_agreed`` where nobody waits for a second person.
    """

    name: str
    title: str
    words: str
    sends: str
    deed: str
    facts: tuple[str, ...]
    verified: str
    faults: tuple[str, ...]
    autonomy: Autonomy
    by_playbook: Autonomy
    set_by: str
    set_at: Moment | None
    lapsed: str
    record: RecordWords | None
    sure: str
    shadow: ShadowWords | None
    stopped: tuple[Stopped, ...]
    half_agreed: HalfAgreed | None


@dataclass(frozen=True, slots=True)
class ProductRemedies:
    """The remedies of one product, and how many devices of it there are."""

    product: str
    title: str
    version: str
    devices: int
    remedies: tuple[RemedyRow, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one product's remedies. ``devices`` is how many have been seen."""

    devices: int
    records: Sequence[Record]
    proposed: Sequence[Proposed]


@dataclass(frozen=True, slots=True)
class Oversight:
    """What people and breakers have said, of all products."""

    grants: Sequence[Grant]
    agreements: Sequence[Agreement]
    breakers: Sequence[tuple[Fuse, Breaker]]


def remedies_page(known: Mapping[str, Known], oversight: Oversight, reader: Reader) -> tuple[ProductRemedies, ...]:
    """Return every product's remedies. ``known`` is by product."""
    pages = []
    for product, playbook in sorted(reader.playbooks.items()):
        of = known[product]
        records = {record.remedy: record for record in of.records}
        shadows = shadows_of(of.proposed)
        rows = tuple(
            _row(product, remedy, records.get(remedy.name), shadows.get(remedy.name), oversight, reader)
            for remedy in playbook.remedies
        )
        pages.append(ProductRemedies(product, playbook.title, playbook.version, of.devices, rows))
    return tuple(pages)


def _row(  # noqa: PLR0913, PLR0917 - what is shown of one remedy comes from so many places
    product: str, remedy: Remedy, record: Record | None, shadow: Shadow | None, oversight: Oversight, reader: Reader
) -> RemedyRow:
    faults = reader.playbooks[product].faults
    grant = next((one for one in oversight.grants if (one.product, one.remedy) == (product, remedy.name)), None)
    return RemedyRow(
        name=remedy.name,
        title=remedy.name.replace("_", " ").capitalize(),
        words=remedy.words,
        sends=sends(remedy),
        deed=deed_of(remedy).digest,
        facts=facts_of(remedy),
        verified=span(remedy.verify_for),
        faults=tuple(reader.fault(product, fault.name) for fault in faults if remedy.name in fault.remedies),
        autonomy=level_of(remedy, None if grant is None else grant.permit),
        by_playbook=remedy.autonomy,
        set_by="" if grant is None else grant.by,
        set_at=None if grant is None else reader.moment(grant.at),
        lapsed="" if grant is None else _lapsed(remedy, grant),
        record=None if record is None else record_words(record, reader, product),
        sure="" if record is None or not record.tried else _sure(record),
        shadow=None if shadow is None else _shadow(shadow, reader),
        stopped=tuple(
            Stopped(fuse.firmware, reader.moment(breaker.changed_at), breaker.why)
            for fuse, breaker in oversight.breakers
            if breaker.is_open and (fuse.product, fuse.remedy) == (product, remedy.name)
        ),
        half_agreed=_half_agreed(product, remedy, oversight.agreements, reader),
    )


def _lapsed(remedy: Remedy, grant: Grant) -> str:
    why = lapsed(remedy, grant.permit)
    if not why:
        return ""
    return f"“{AUTONOMY[grant.autonomy][0]}” no longer counts, for it was said of another remedy: {why}."


def _sure(record: Record) -> str:
    low, high = interval(record.healed, record.tried)
    return f"likely between {100 * low:.0f} and {100 * high:.0f} %"


def _shadow(shadow: Shadow, reader: Reader) -> ShadowWords:
    ends = shadow.ends
    told = [f"{ends[end]} {words}" for end, words in SHADOW_ENDS.items() if ends[end]]
    times = "once" if len(shadow.proposed) == 1 else f"{len(shadow.proposed)} times"
    lines = tuple(
        ShadowLine(f"T-{one.ticket_id}", one.device_id, reader.moment(one.at), SHADOW_ENDS[one.end])
        for one in shadow.proposed[:_LAST]
    )
    return ShadowWords(f"The agent would have sent it {times}: {', '.join(told)}.", lines)


def _half_agreed(product: str, remedy: Remedy, agreements: Sequence[Agreement], reader: Reader) -> HalfAgreed | None:
    first = {one.matter: one for one in agreements if one.stands_at(reader.now)}
    for level in Autonomy:
        one = first.get(matter_of(product, remedy, level))
        if one is not None:
            return HalfAgreed(AUTONOMY[level][0], one.by, reader.moment(one.at))
    return None
