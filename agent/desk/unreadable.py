"""What could not be read, counted all at once (shell): poison comes by the thousand and must not hold up the rest."""

from collections.abc import Sequence

from agent.desk.turn import Turn
from agent.listen.facts import Fact, Quarantined
from agent.store.quarantine import Unusable, count_all_quarantined


def count_unreadable(turn: Turn, facts: Sequence[Fact]) -> list[Fact]:
    """Count what was quarantined among these facts and return the others, in their order."""
    unusables: list[Unusable] = []
    others: list[Fact] = []
    for fact in facts:
        if isinstance(fact.body, Quarantined):
            unusables.append(Unusable(fact.device_id, fact.body.reason, fact.body.example, fact.body.count))
        else:
            others.append(fact)
    count_all_quarantined(turn.session, unusables, turn.now)
    return others
