"""What the mailbox and ratings pages show (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.care.message import Message, MessageState
from agent.care.rating import HIGHEST, LOWEST
from agent.console.instants import Moment
from agent.console.reader import Reader
from agent.console.words import MESSAGE_STATES, SCORES, STAGES, STATES, Label
from agent.store.mail_list import Letter, RatedTicket


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A message on one line. ``at`` is when it was sent, or else when it is due."""

    message: Message
    number: str
    device_id: str
    customer: str
    stage: str
    label: Label
    at: Moment


@dataclass(frozen=True, slots=True)
class RatingLine:
    """A rating on one line."""

    number: str
    device_id: str
    title: str
    label: Label
    score: int
    words: str
    comment: str
    source: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Bar:
    """How often one score was given; ``share`` is 0..100 of the most frequent one."""

    score: int
    words: str
    count: int
    share: int


def letter_lines(letters: Sequence[Letter], reader: Reader) -> tuple[LetterLine, ...]:
    """Return messages as lines."""
    return tuple(letter_line(letter, reader) for letter in letters)


def letter_line(letter: Letter, reader: Reader) -> LetterLine:
    """Return a message as a line."""
    message = letter.message
    return LetterLine(
        message=message,
        number=f"T-{message.ticket_id}",
        device_id=letter.device_id,
        customer=letter.customer or "Nobody known",
        stage=STAGES[message.stage],
        label=MESSAGE_STATES[message.state],
        at=reader.moment(message.sent_at or message.due_at),
    )


def state_choices(counts: Mapping[str, int]) -> tuple[tuple[str, str, int], ...]:
    """Return (value, words, how many) for every state of a message."""
    return tuple((state.value, MESSAGE_STATES[state].text, counts.get(state, 0)) for state in MessageState)


def rating_lines(rated: Sequence[RatedTicket], reader: Reader) -> tuple[RatingLine, ...]:
    """Return ratings as lines."""
    return tuple(
        RatingLine(
            number=f"T-{one.rating.ticket_id}",
            device_id=one.device_id,
            title=reader.fault(one.product, one.fault),
            label=STATES[one.state],
            score=one.rating.score,
            words=SCORES[one.rating.score],
            comment=one.rating.comment,
            source=one.rating.source.value,
            at=reader.moment(one.rating.at),
        )
        for one in rated
    )


def bars(counts: Mapping[int, int]) -> tuple[Bar, ...]:
    """Return how often each score was given, highest score first."""
    most = max(counts.values(), default=0)
    return tuple(
        Bar(score, SCORES[score], counts.get(score, 0), round(100 * counts.get(score, 0) / most) if most else 0)
        for score in range(HIGHEST, LOWEST - 1, -1)
    )


def mean_score(counts: Mapping[int, int]) -> str:
    """Return the mean of all scores, "–" when there is none."""
    given = sum(counts.values())
    return f"{sum(score * count for score, count in counts.items()) / given:.1f}" if given else "–"
