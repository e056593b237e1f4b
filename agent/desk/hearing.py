"""Takes what the hot path hands over (shell): each fact once, in order, into rows and tickets."""

from typing import assert_never

from agent.care.rating import RatingSource
from agent.desk.another_product import note_product
from agent.desk.answers import take_answer
from agent.desk.firmware import note_firmware
from agent.desk.intake import keep_evidence, take_finding
from agent.desk.look import look_at
from agent.desk.turn import Turn
from agent.desk.verdicts import Verdict, take_verdict
from agent.errors import UnknownTicketError
from agent.health.findings import Finding, FindingKind
from agent.health.silence import POWER_OFF, POWER_ON
from agent.listen.facts import ClockJudged, Fact, Gap, Quarantined
from agent.store import devices
from agent.store.quarantine import Unusable, count_quarantined
from broker.messages import Birth, Event, Feedback, Level, Result, Status


def hear(turn: Turn, fact: Fact) -> None:
    """Apply one fact: devices as they say they are, evidence, answers, ratings."""
    now = turn.now
    match fact.body:
        case Birth() as birth:
            note_product(turn, fact.device_id, birth.product)
            note_firmware(turn, fact.device_id, birth.firmware, fact.at)
            devices.record_birth(turn.session, fact.device_id, birth, now=now)
        case Status() as status:
            devices.record_status(turn.session, fact.device_id, online=status.online, now=now)
        case Event() as event:
            _hear_event(turn, fact, event)
        case Result() as result:
            _look(turn, take_answer(turn, fact.device_id, result, fact.at))
        case Feedback() as feedback:
            _hear_feedback(turn, fact.device_id, feedback)
        case Finding() as finding:
            _look(turn, take_finding(turn, finding))
        case Gap() | Quarantined():
            pass  # counted before, with all others that are
        case ClockJudged(has_clock):
            devices.record_clock(turn.session, fact.device_id, has_clock=has_clock, now=now)
        case never:
            assert_never(never)


def _look(turn: Turn, ticket_id: int | None) -> None:
    if ticket_id is not None:
        look_at(turn, ticket_id)


def _hear_event(turn: Turn, fact: Fact, event: Event) -> None:
    """The switch says whether it is off on purpose; an error opens a ticket; anything else is evidence only."""
    if event.code in {POWER_OFF, POWER_ON}:
        devices.record_switch(turn.session, fact.device_id, off=event.code == POWER_OFF, now=turn.now)
    finding = Finding(fact.device_id, fact.at, FindingKind.EVENT, 0.0, code=event.code, text=event.text)
    if event.level is Level.ERROR:
        _look(turn, take_finding(turn, finding))
    else:
        keep_evidence(turn, finding)


def _hear_feedback(turn: Turn, device_id: str, feedback: Feedback) -> None:
    verdict = Verdict(
        int(feedback.ticket.removeprefix("T-")), feedback.score, feedback.comment, RatingSource.DEVICE, device_id
    )
    try:
        take_verdict(turn, verdict)
    except UnknownTicketError:
        reason = "rating_of_unknown_ticket"
        count_quarantined(turn.session, Unusable(device_id, reason, feedback.ticket), turn.now)
