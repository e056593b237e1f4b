"""What the system page tells of learning (pure): who is in charge of a product, and how promises came out."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.console.reader import Reader
from agent.console.words import per_cent
from agent.diagnose.contest import Record, Standing
from agent.diagnose.promise import PromiseRecord


@dataclass(frozen=True, slots=True)
class Schooling:
    """One product's learners on one line; ``others`` says the same of those in the shadow."""

    product: str
    in_charge: str
    record: str
    others: str


def schooling(standings: Mapping[str, Standing], reader: Reader) -> tuple[Schooling, ...]:
    """Return how the learners of each product stand, by product."""
    found = []
    for product, standing in sorted(standings.items()):
        said = {name: _record(record) for name, record in standing.records.items()}
        others = "; ".join(f"{name}: {words}" for name, words in sorted(said.items()) if name != standing.in_charge)
        found.append(Schooling(reader.product(product), standing.in_charge, said[standing.in_charge], others))
    return tuple(found)


def _record(record: Record) -> str:
    """Return how a learner did; old cases count less, so their number is a round one."""
    calls, faults = round(record.right + record.false), round(record.faults)
    right = f"{per_cent(record.precision)} of {_count(calls, 'name')} right" if calls else "it has named nothing yet"
    named = f"{per_cent(record.recall)} of {_count(faults, 'fault')} named" if faults else "no fault has come yet"
    return f"{right}, {named}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def promises_sentence(record: PromiseRecord) -> str:
    """Return how the times left that were told came out, in a sentence."""
    if record.made == 0:
        return "The agent has not told of any device yet how much time is left."
    said = (
        f"Of {record.made} times left told, {record.open} are open and {record.mended} were mended before anybody knew"
    )
    if record.kept_share is None:
        return f"{said}; none has been put to the test yet."
    off = "" if record.off_days is None else f"; the others were off by {record.off_days:.1f} days (median)"
    return f"{said}; {record.kept} of the {record.tested} others came true{off}."
