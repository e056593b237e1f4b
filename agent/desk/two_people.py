"""What takes two people (shell): the first word is kept until a second, other person says the same.

Anything on more than a few devices, and anything that may do harm if done for nothing. Less is never asked of two:
whoever wants the agent to do less is obeyed at once.
"""

from dataclasses import dataclass
from typing import Final

from agent.desk.turn import Turn
from agent.errors import SecondPersonError
from agent.store.agreements import Agreement, drop_agreement, find_agreement, keep_agreement

ALONE_UP_TO: Final = 10  # devices
MAY_HARM: Final = "may do harm if done for nothing"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a decision touches. ``words`` say it to the people who decide, like "412 devices of frost-200"."""

    devices: int
    reversible: bool
    words: str

    @property
    def takes_two(self) -> bool:
        """Whether one person alone may not decide it."""
        return self.devices > ALONE_UP_TO or not self.reversible


def both_agree(turn: Turn, matter: str, reach: Reach, staff: str) -> bool:
    """Tell whether enough people said yes to a matter; the first of two words is kept, and the answer is no.

    Args:
        turn: the transaction; what is kept commits with it.
        matter: names exactly what is decided, so that the second says yes to the same.
        reach: what it touches.
        staff: who says yes now.

    Raises:
        SecondPersonError: this person has said yes already; another one must.
    """
    if not reach.takes_two:
        return True
    first = find_agreement(turn.session, matter)
    if first is None or not first.stands_at(turn.now):
        keep_agreement(turn.session, Agreement(matter, staff, turn.now))
        return False
    if first.by == staff:
        raise SecondPersonError(reach.words)
    drop_agreement(turn.session, matter)
    return True
