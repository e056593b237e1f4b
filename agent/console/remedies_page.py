"""What the remedies page shows (pure): how far the agent may go with each remedy, and how it has done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.console.instants import Moment, span
from agent.console.reader import Reader
from agent.console.ticket_page import RecordWords, record_words
from agent.diagnose.playbook import Autonomy, Remedy
from agent.store.autonomy import Grant
from agent.store.ticket_file import Record


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One remedy. ``record`` is ``None`` until it was tried; ``set_by`` is empty while the playbook's word counts."""

    name: str
    title: str
    words: str
    verb: str
    reversible: bool
    verified: str
    faults: tuple[str, ...]
    autonomy: Autonomy
    by_playbook: Autonomy
    set_by: str
    set_at: Moment | None
    record: RecordWords | None


@dataclass(frozen=True, slots=True)
class ProductRemedies:
    """The remedies of one product."""

    product: str
    title: str
    version: str
    remedies: tuple[RemedyRow, ...]


def remedies_page(
    records: Mapping[str, Sequence[Record]], grants: Sequence[Grant], reader: Reader
) -> tuple[ProductRemedies, ...]:
    """Return every product's remedies. ``records`` are by product."""
    granted = {(grant.product, grant.remedy): grant for grant in grants}
    pages = []
    for product, playbook in sorted(reader.playbooks.items()):
        known = {record.remedy: record for record in records.get(product, ())}
        rows = tuple(
            _row(product, remedy, known.get(remedy.name), granted.get((product, remedy.name)), reader)
            for remedy in playbook.remedies
        )
        pages.append(ProductRemedies(product, playbook.title, playbook.version, rows))
    return tuple(pages)


def _row(product: str, remedy: Remedy, record: Record | None, grant: Grant | None, reader: Reader) -> RemedyRow:
    faults = reader.playbooks[product].faults
    return RemedyRow(
        name=remedy.name,
        title=remedy.name.replace("_", " ").capitalize(),
        words=remedy.words,
        verb=remedy.verb,
        reversible=remedy.reversible,
        verified=span(remedy.verify_for),
        faults=tuple(reader.fault(product, fault.name) for fault in faults if remedy.name in fault.remedies),
        autonomy=remedy.autonomy if grant is None else grant.autonomy,
        by_playbook=remedy.autonomy,
        set_by="" if grant is None else grant.by,
        set_at=None if grant is None else reader.moment(grant.at),
        record=None if record is None else record_words(record, reader, product),
    )
