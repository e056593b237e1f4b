"""Marks on devices that the slow path asks for (state): they are journaled first, and take effect from there."""

from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """What is asked for a device."""

    QUIET = "quiet"  # its samples teach nothing: a remedy is at work
    TEACH = "teach"  # they teach again
    ANEW = "anew"  # what has been changing slowly is dealt with: from here on it counts from nothing
    FORGET = "forget"  # everything known about it


@dataclass(slots=True)
class Asked:
    """What was asked since it was journaled last; of quieting, teaching and forgetting the last word counts."""

    newest: dict[str, Mark] = field(default_factory=dict)
    anew: set[str] = field(default_factory=set)

    def ask(self, device_id: str, mark: Mark) -> None:
        """Take down what is asked."""
        if mark is Mark.ANEW:
            self.anew.add(device_id)
        else:
            self.newest[device_id] = mark

    def quiets(self, device_id: str, *, learns: bool) -> bool:
        """Return whether the device's samples are to teach nothing; ``learns``: whether they do now."""
        asked = self.newest.get(device_id)
        return asked is Mark.QUIET or (asked is None and not learns)

    def take(self) -> list[tuple[str, Mark]]:
        """Return what was asked, a device's newest word first, and forget it."""
        asked = [*self.newest.items(), *((device_id, Mark.ANEW) for device_id in sorted(self.anew))]
        self.newest, self.anew = {}, set()
        return asked
