"""What became of remedies that the agent only proposed (pure): what it would have done, and how it ended."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.act.command import DECIDABLE, IN_FLIGHT, CommandState
from agent.decide.passing import PASSED
from agent.desk.ticket import Outcome


class ShadowEnd(StrEnum):
    """How a proposal ended."""

    OPEN = "open"  # not decided, or its effect is not known yet
    HEALED = "healed"  # a person sent it, and it healed
    NOT_HEALED = "not_healed"  # a person sent it, and it did not
    REFUSED = "refused"  # a person said no
    PASSED = "passed"  # nobody sent it, and the device came back to normal by itself
    OTHERWISE = "otherwise"  # nobody sent it, and the ticket ended in another way


@dataclass(frozen=True, slots=True)
class Proposed:
    """One remedy the agent would have sent. ``outcome`` is the newest of its command; ``None``: none is known.

    ``resolution`` is the sentence the ticket was closed with, empty while it is not.
    """

    command_id: str
    ticket_id: int
    device_id: str
    remedy: str
    at: datetime
    state: CommandState
    outcome: Outcome | None
    resolution: str

    @property
    def end(self) -> ShadowEnd:
        """How it ended."""
        if self.outcome is not None:
            return ShadowEnd.HEALED if self.outcome is Outcome.HEALED else ShadowEnd.NOT_HEALED
        if self.state is CommandState.REFUSED:
            return ShadowEnd.REFUSED
        if self.state in DECIDABLE | IN_FLIGHT or not self.resolution:
            return ShadowEnd.OPEN
        return ShadowEnd.PASSED if self.resolution == PASSED else ShadowEnd.OTHERWISE


@dataclass(frozen=True, slots=True)
class Shadow:
    """A remedy's proposals on one product, newest first."""

    proposed: tuple[Proposed, ...]

    @property
    def ends(self) -> Counter[ShadowEnd]:
        """How many ended how."""
        return Counter(one.end for one in self.proposed)


def shadows_of(proposed: Sequence[Proposed]) -> dict[str, Shadow]:
    """Return the proposals by remedy."""
    remedies = dict.fromkeys(one.remedy for one in proposed)
    return {remedy: Shadow(tuple(one for one in proposed if one.remedy == remedy)) for remedy in remedies}
