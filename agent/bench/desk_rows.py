"""The rows of one ticket of a plausible service desk (pure): ticket, story, evidence, command, messages, rating."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, TypeAlias

from sqlmodel import SQLModel

from agent.care.message import Channel, MessageState, Stage
from agent.care.rating import RatingSource
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Fault, FaultKind, Playbook
from agent.store.tables import CommandRow, FindingRow, MessageRow, OutcomeRow, RatingRow, StoryRow, TicketRow

Row: TypeAlias = tuple[type[SQLModel], dict[str, Any]]

RARE_WORD: Final = "quillwort"
"""A word that one closed ticket in ten thousand has."""
WATCHED_FOR: Final = timedelta(days=7)
_RARE_EVERY: Final = 10_000
_RATED_SHARE: Final = 0.4
_FIRMWARE: Final = "2.1.1"
_HEALED_SHARE: Final = 0.85
_SCORES: Final = (1, 2, 3, 4, 4, 5, 5, 5, 5, 5)
_CHART_POINTS: Final = 150
_CHART_STEP_S: Final = 600.0
_STORY: Final = (
    (StoryKind.FINDING, "device", "Its signal left what is normal for it: {metric} is 4.2 σ off its usual level."),
    (StoryKind.DIAGNOSIS, "agent", "{explanation}"),
    (StoryKind.MOVE, "agent", "Decided on {remedy}: reversible, and it helped in 87 % of such cases."),
    (StoryKind.COMMAND, "agent", "The command {remedy} was sent."),
    (StoryKind.ANSWER, "device", "The device says it is done."),
    (StoryKind.OUTCOME, "agent", "Its own signal has been back within its own normal for 20 minutes."),
)


@dataclass(frozen=True, slots=True)
class Case:
    """What the rows of a ticket have in common."""

    number: int
    device_id: str
    customer_id: str
    playbook: Playbook
    fault: Fault
    state: TicketState
    opened_at: datetime
    until: datetime

    @property
    def metric(self) -> str:
        """The metric that gave the fault away."""
        return self.fault.symptoms[0].metric if self.fault.symptoms else self.playbook.metrics[0].name

    @property
    def remedy(self) -> str:
        """The remedy that was tried."""
        return self.fault.remedies[0] if self.fault.remedies else self.playbook.remedies[0].name


def rows_of(case: Case, chance: Random) -> Iterator[Row]:
    """Give the rows of a ticket, each after those it refers to."""
    explanation = _explanation(case, chance)
    yield TicketRow, _ticket(case, explanation, chance)
    for place, (kind, actor, text) in enumerate(_STORY):
        told = text.format(metric=case.metric, explanation=explanation, remedy=case.remedy)
        at = case.opened_at + timedelta(minutes=10 * place)
        yield StoryRow, {"ticket_id": case.number, "at": at, "kind": kind, "actor": actor, "text": told}
    for place in range(2):
        yield FindingRow, _finding(case, case.opened_at + timedelta(minutes=place))
    if case.fault.kind is FaultKind.HEALABLE:
        yield CommandRow, _command(case)
        healed = chance.random() < _HEALED_SHARE
        yield OutcomeRow, _outcome(case, Outcome.HEALED if healed else Outcome.NOT_HEALED)
    for channel in (Channel.MAIL, Channel.DEVICE):
        yield MessageRow, _message(case, channel)
    if case.state in {TicketState.HEALED, TicketState.CLOSED} and chance.random() < _RATED_SHARE:
        yield RatingRow, _rating(case, chance.choice(_SCORES))


def _explanation(case: Case, chance: Random) -> str:
    words = case.fault.words_in("en")
    return (
        f"The {case.metric.replace('_', ' ')} of this {case.playbook.title} is {3 + 6 * chance.random():.1f} σ off its "
        f"usual level since {chance.randrange(2, 49)} hours. That fits {words.name}: {words.seen}. Its temperature and "
        f"its current speak against anything else; {words.noticeable}."
    )


def _ticket(case: Case, explanation: str, chance: Random) -> dict[str, Any]:
    closed_at = case.opened_at + WATCHED_FOR if case.state is TicketState.CLOSED else None
    rare = f" The technician's note names a {RARE_WORD}." if case.number % _RARE_EVERY == 1 else ""
    resolution = f"Its own signal stayed within its own normal for seven days.{rare}" if closed_at else ""
    return {
        "id": case.number,
        "device_id": case.device_id,
        "product": case.playbook.product,
        "fault": case.fault.name,
        "probability": round(0.6 + 0.39 * chance.random(), 3),
        "state": case.state,
        "opened_at": case.opened_at,
        "changed_at": closed_at or case.opened_at + timedelta(hours=1),
        "playbook_version": case.playbook.version,
        "explanation": explanation,
        "closed_at": closed_at,
        "due_at": None if closed_at else case.until + timedelta(days=1),
        "verify_from": None,
        "verify_by": None,
        "fails_by": case.opened_at + timedelta(days=5),
        "owner": None,
        "resolution": resolution,
        "tried": [],
        "chart": _chart(case),
    }


def _chart(case: Case) -> dict[str, Any]:
    """Return a chart of a day at ten minutes a sample, as long as those of real tickets."""
    begins_s = case.opened_at.timestamp() - _CHART_POINTS * _CHART_STEP_S
    places = range(_CHART_POINTS)
    values = [round(20 + (place * case.number % 97) / 50, 3) for place in places]
    return {
        "at_s": [begins_s + _CHART_STEP_S * place for place in places],
        "curves": [{"metric": case.metric, "values": values}],
        "state": [round((place * case.number % 31) / 20, 2) for place in places],
    }


def _finding(case: Case, at: datetime) -> dict[str, Any]:
    return {
        "device_id": case.device_id,
        "ticket_id": case.number,
        "at": at,
        "kind": "onset",
        "score": 4.5,
        "because": [{"metric": case.metric, "share": 1.0, "z": 4.2, "value": 4.0, "usual": 2.0}],
        "code": "",
        "text": "",
    }


def _command(case: Case) -> dict[str, Any]:
    return {
        "id": f"bench-{case.number:020d}",
        "ticket_id": case.number,
        "device_id": case.device_id,
        "remedy": case.remedy,
        "verb": case.remedy,
        "args": {},
        "state": "succeeded",
        "created_at": case.opened_at,
        "not_after": case.opened_at + timedelta(minutes=5),
        "sent_at": case.opened_at,
        "answered_at": case.opened_at,
        "detail": "",
        "approved_by": None,
        "product": case.playbook.product,
        "firmware": _FIRMWARE,
    }


def _outcome(case: Case, outcome: Outcome) -> dict[str, Any]:
    return {
        "ticket_id": case.number,
        "remedy": case.remedy,
        "fault": case.fault.name,
        "product": case.playbook.product,
        "firmware": _FIRMWARE,
        "outcome": outcome,
        "at": case.opened_at,
    }


def _message(case: Case, channel: Channel) -> dict[str, Any]:
    return {
        "ticket_id": case.number,
        "customer_id": case.customer_id,
        "stage": Stage.FIXED,
        "occasion": "",
        "channel": channel,
        "lang": "en",
        "subject": f"About your {case.playbook.title}, ticket T-{case.number}",
        "body": "We saw that something was off, and your device has put it right by itself. " * 4,
        "state": MessageState.SENT,
        "why": "",
        "created_at": case.opened_at,
        "due_at": case.opened_at,
        "sent_at": case.opened_at,
    }


def _rating(case: Case, score: int) -> dict[str, Any]:
    return {
        "ticket_id": case.number,
        "score": score,
        "comment": "did not even notice",
        "source": RatingSource.MAIL,
        "at": case.opened_at + timedelta(days=1),
    }
