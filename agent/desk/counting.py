"""What is only counted, counted all at once (shell): poison and gaps come by the thousand, and hold nothing up."""

from collections import Counter
from collections.abc import Sequence

from agent.desk.turn import Turn
from agent.listen.facts import Fact, Gap, Quarantined
from agent.store.devices import count_missed
from agent.store.quarantine import Unusable, count_all_quarantined


def count_apart(turn: Turn, facts: Sequence[Fact]) -> list[Fact]:
    """Count what was quarantined or missed among these facts and return the others, in their order."""
    unusables: list[Unusable] = []
    missed: Counter[str] = Counter()
    others: list[Fact] = []
    for fact in facts:
        match fact.body:
            case Quarantined(reason, example, count):
                unusables.append(Unusable(fact.device_id, reason, example, count))
            case Gap(count):
                missed[fact.device_id] += count
            case _:
                others.append(fact)
    count_all_quarantined(turn.session, unusables, turn.now)
    if missed:
        count_missed(turn.session, missed, now=turn.now)
    return others
