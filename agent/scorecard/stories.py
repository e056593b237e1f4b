"""What went wrong in a run, case by case, as Markdown (pure): the truth first, then what the tickets say of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from agent.scorecard.judge import is_judged, is_missed
from agent.scorecard.ledger import Ledger, Tale
from agent.scorecard.world import Trouble, World

_HOUR_S: Final = 3600.0
_BEFORE_S: Final = 12 * _HOUR_S  # of a ticket that tells of a moment
_AFTER_S: Final = 12 * _HOUR_S


def stories(world: World, ledger: Ledger, ends_s: float) -> str:
    """Return every trouble missed, every command that was not the cure or did harm, every needless visit.

    And every matter a person had to touch. Each comes with its tickets' stories; ``ends_s`` is the run's end.
    """
    told = _Told(world, ledger.tales)
    judged = [(device, one) for device, one in world.chronicle() if is_judged(one, ends_s)]
    missed = (
        told.about(_written(device, one), device, one.began_s, _last(one))
        for device, one in judged
        if is_missed(device, one, ledger)
    )
    acted = [deed for deed in world.deeds if deed.acted]
    wrong, harmful = [deed for deed in acted if not deed.right], [deed for deed in acted if deed.harmed]
    needless = [visit for visit in world.visited if not visit.mended]
    return "\n".join(
        (
            *_section("Not put right in time", missed),
            *_section(
                "Commands that were not the cure",
                (told.at(one.verb, one.device_id, one.at_s, one.fault) for one in wrong),
            ),
            *_section(
                "Commands that did harm", (told.at(one.verb, one.device_id, one.at_s, one.fault) for one in harmful)
            ),
            *_section("Needless visits", (told.visit(one.device_id, one.at_s) for one in needless)),
            *_section("Matters a person had to touch", (told.matter(number) for number in _in_order(ledger.touched))),
        )
    )


class _Told:
    """Finds, for a device and a time, what was the matter and which tickets tell of it."""

    def __init__(self, world: World, tales: Sequence[Tale]) -> None:
        self._troubles: dict[str, list[Trouble]] = {}
        for device, trouble in world.chronicle():
            self._troubles.setdefault(device, []).append(trouble)
        self._tales: dict[str, list[Tale]] = {}
        for tale in tales:
            self._tales.setdefault(tale.ticket.device_id, []).append(tale)
        self._by_number: Mapping[str, Tale] = {tale.ticket.number: tale for tale in tales}

    def at(self, what: str, device_id: str, at_s: float, fault: str | None) -> str:
        """Return the case of something done at one moment, when ``fault`` (``None``: nothing) was the matter."""
        title = f"{device_id}: {what} at {_when(at_s)}; {self._matter_at(device_id, at_s, fault)}"
        return self.about(title, device_id, at_s - _BEFORE_S, at_s + _AFTER_S)

    def visit(self, device_id: str, at_s: float) -> str:
        """Return the case of a visit, from the beginning of every ticket that tells of it."""
        told_of = [
            tale.ticket.opened_at.timestamp()
            for tale in self._tales.get(device_id, ())
            if any(abs(story.at.timestamp() - at_s) <= _HOUR_S for story in tale.story)
        ]
        title = f"{device_id}: a visit at {_when(at_s)}; {self._matter_at(device_id, at_s, None)}"
        return self.about(title, device_id, min(told_of, default=at_s) - _HOUR_S, at_s + _AFTER_S)

    def about(self, title: str, device_id: str, from_s: float, until_s: float) -> str:
        """Return a case with every ticket of the device that tells of something in that time."""
        lines = [f"### {title}", ""]
        for tale in self._tales.get(device_id, ()):
            said = [story for story in tale.story if from_s <= story.at.timestamp() <= until_s]
            if said:
                fault = tale.ticket.fault or "no fault named"
                lines += [f"{tale.ticket.number}, {fault}, {tale.ticket.state}", ""]
                lines += [f"- {story.at:%m-%d %H:%M} {story.kind}: {story.text}" for story in said]
                lines.append("")
        return "\n".join(lines)

    def matter(self, number: str) -> str:
        """Return the case of a matter by its ticket's number; an owner's call may be about no ticket."""
        tale = self._by_number.get(number)
        if tale is None:
            return f"### {number}\n"
        ticket, opened_s = tale.ticket, tale.ticket.opened_at.timestamp()
        until_s = tale.story[-1].at.timestamp() if tale.story else opened_s
        truth = self._matter_at(ticket.device_id, opened_s, ticket.fault)
        title = f"{ticket.device_id}: {number}, opened at {_when(opened_s)}; {truth}"
        return self.about(title, ticket.device_id, opened_s, until_s)

    def _matter_at(self, device_id: str, at_s: float, fault: str | None) -> str:
        there = [one for one in self._troubles.get(device_id, ()) if one.began_s <= at_s <= _last(one)]
        there = [one for one in there if one.fault == fault] or there
        if there:
            return f"truly {_named(there[-1])}"
        over = [one for one in self._troubles.get(device_id, ()) if _last(one) < at_s]
        return f"truly nothing; last {_named(over[-1])} until {_when(_last(over[-1]))}" if over else "truly nothing"


def _section(title: str, cases: Iterator[str]) -> Iterator[str]:
    found = list(cases)
    yield f"## {title}: {len(found)}\n"
    yield from found or ("None.\n",)


def _written(device_id: str, trouble: Trouble) -> str:
    felt = "" if trouble.noticed_s is None else f", felt {_when(trouble.noticed_s)}"
    ended = "" if trouble.ended_s is None else f", over {_when(trouble.ended_s)} ({trouble.how})"
    due = "" if trouble.would_notice_s is None else f", would be felt {_when(trouble.would_notice_s)}"
    return f"{device_id}: {_named(trouble)} from {_when(trouble.began_s)}{due}{felt}{ended}"


def _named(trouble: Trouble) -> str:
    return f"{trouble.fault} ({trouble.kind})"


def _last(trouble: Trouble) -> float:
    return float("inf") if trouble.ended_s is None else trouble.ended_s


def _when(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%m-%d %H:%M}"


def _in_order(numbers: set[str]) -> list[str]:
    return sorted(numbers, key=lambda number: (len(number), number))
