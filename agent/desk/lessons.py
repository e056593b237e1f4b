"""What is kept of a diagnosis and learned from how it ended (shell, inside the caller's transaction).

Labels arrive days late. What a device showed is kept with its ticket when it is judged; a label is learned from that,
not from what the device shows today.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from agent.care.message import Stage
from agent.care.tell import has_heard
from agent.decide.case import sure_from
from agent.desk.foresight import drop_promise, note_failure
from agent.desk.ticket import Outcome, StoryKind, Ticket, TicketState
from agent.desk.turn import Turn
from agent.diagnose.errors import UnknownFaultError
from agent.diagnose.evidence import Evidence
from agent.diagnose.experience import EVERY_CASE, NO_LESSON, UNKNOWN, Lesson, added, at_age
from agent.diagnose.impression import Impression, Source, is_news, outweighs
from agent.diagnose.learned import Learned, first_look, judged, with_experience
from agent.diagnose.playbook import Fault, FaultKind, Playbook
from agent.diagnose.shadow_memory import recalled, remembered
from agent.diagnose.signs import NOTHING
from agent.store.devices import find_device
from agent.store.learning import (
    School,
    add_counts,
    find_impression,
    is_shadow_in_charge,
    passed_lately,
    read_counts,
    read_school,
    save_impression,
    save_school,
)
from agent.store.tickets import find_ticket
from agent.store.visits import done_visits

IN_ORDER: Final = "nothing"
"""What somebody says who found nothing wrong with a device."""
_DAY: Final = timedelta(days=1)
_NOT_DONE: Final = frozenset({Outcome.REJECTED, Outcome.FAILED})


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says of a ticket's fault.

    ``found`` is a fault of the playbook, ``UNKNOWN`` for none of them, ``IN_ORDER`` where nothing was wrong, or empty:
    not said. ``failed``: the device no longer did its work.
    """

    found: str = ""
    failed: bool = False


NO_WORD: Final = Word()


def judge_evidence(turn: Turn, evidence: Evidence, playbook: Playbook, age: timedelta) -> Learned:
    """Return what the evidence speaks for: the playbook's word, moved by the product's cases that lasted as long.

    ``age`` is how long it has been showing.
    """
    first = first_look(evidence, playbook, turn.now.hour)
    aged, alike = at_age(first.signs.together, age), first.signs.together
    read = read_counts(turn.session, playbook.product, (EVERY_CASE, aged))
    counts = {(fault, alike if signature == aged else signature): tally for (fault, signature), tally in read.items()}
    voice = None
    if counts and is_shadow_in_charge(turn.session, playbook.product):
        voice = recalled(read_school(turn.session, playbook.product).memory)
    return with_experience(first, evidence, playbook, counts, voice)


def keep_impression(turn: Turn, ticket: Ticket, learned: Learned, leader: str | None) -> Impression:
    """Keep what a ticket looks like now, until something is tried or learned; return what is kept then.

    ``leader`` is the suspect that is sure enough to act on; ``None``: none is.
    """
    kept = find_impression(turn.session, ticket.id)
    if kept is not None and (ticket.tried or kept.source is not None):
        return kept
    if kept is not None and ticket.fault is not None and kept.leader == ticket.fault and leader in {None, kept.leader}:
        return kept  # as at diagnosis: what came after it was named is another story, whether it still leads or not
    led_since = turn.now
    if kept is not None and kept.leader == leader and kept.led_since is not None:
        led_since = kept.led_since
    # What fades stays as it was seen: that is what somebody will speak of.
    signs, chances = learned.signs, learned.own
    if kept is not None and signs.together == NOTHING:
        signs, chances = kept.signs, dict(kept.chances)
    view = turn.view(ticket.device_id)
    impression = Impression(
        ticket_id=ticket.id,
        product=ticket.product,
        firmware=find_device(turn.session, ticket.device_id).firmware,
        playbook_version=turn.playbook_of(ticket).version,
        at=turn.now,
        signs=signs,
        chances=chances,
        drift=0.0 if view is None else view.drift,
        leader=leader,
        led_since=led_since,
        began_at=ticket.opened_at if kept is None else kept.began_at,
        failed_at=None if kept is None else kept.failed_at,  # it may have been reported before anybody knew the cause
    )
    save_impression(turn.session, impression)
    return impression


def learn(turn: Turn, ticket_id: int, lesson: Lesson, source: Source) -> bool:
    """Learn what a ticket's fault was, from the signs as they were; tell whether that was news."""
    kept = find_impression(turn.session, ticket_id)
    if kept is None or not is_news(kept, lesson, source):
        return False
    _relearn(turn, kept, lesson, source)
    return True


def _relearn(turn: Turn, kept: Impression, lesson: Lesson, source: Source) -> None:
    """Put a lesson in the place of what a ticket has taught so far."""
    faults = frozenset(kept.chances)
    add_counts(turn.session, kept.product, added(kept.lesson, kept.signs, faults, kept.lasted), -1)
    if lesson.confirmed is not None and lesson.confirmed != kept.confirmed:
        _teach(turn, kept, lesson.confirmed)
    taught = replace(kept, confirmed=lesson.confirmed, ruled_out=lesson.ruled_out, source=source, learned_at=turn.now)
    add_counts(turn.session, kept.product, added(lesson, taught.signs, faults, taught.lasted), 1)
    save_impression(turn.session, taught)


def _teach(turn: Turn, kept: Impression, confirmed: str) -> None:
    """Judge the contenders on a case, then teach the shadow."""
    playbook = turn.playbooks.get(kept.product)
    if playbook is None:
        return
    school = read_school(turn.session, kept.product)
    shadow = recalled(school.memory)
    counts = read_counts(turn.session, kept.product, (EVERY_CASE, kept.signs.together))
    standing = judged(
        school.standing,
        own=kept.chances,
        signs=kept.signs,
        playbook=playbook,
        counts=counts,
        shadow=shadow,
        confirmed=confirmed,
    )
    shadow.learn(kept.signs, frozenset({confirmed} - {UNKNOWN}))
    save_school(turn.session, kept.product, School(standing, remembered(shadow)), turn.now)


def learn_from_outcome(turn: Turn, ticket: Ticket, outcome: Outcome) -> None:
    """Learn from how a remedy ended: one that is for this fault alone says whether it was this fault."""
    playbook = turn.ruling(ticket)
    if playbook is None or ticket.fault is None or not ticket.tried:
        return
    remedy = ticket.tried[-1].remedy
    if [fault.name for fault in playbook.faults if remedy in fault.remedies] != [ticket.fault]:
        return
    if outcome is Outcome.HEALED:
        if _spoke_surely(turn, ticket.id, playbook.fault(ticket.fault)):
            learn(turn, ticket.id, Lesson(ticket.fault), Source.REMEDY)
        else:
            _take_back(turn, ticket.id)  # an earlier remedy that failed had spoken against it
    elif outcome is Outcome.NOT_HEALED:
        learn(turn, ticket.id, Lesson(ruled_out=frozenset({ticket.fault})), Source.REMEDY)
    elif outcome is Outcome.RECURRED:
        _take_back(turn, ticket.id)


def _spoke_surely(turn: Turn, ticket_id: int, fault: Fault) -> bool:
    """Tell whether the playbook by itself was sure of a fault.

    What experience alone made likely, and then passed by itself, would confirm itself case by case.
    """
    kept = find_impression(turn.session, ticket_id)
    return kept is not None and kept.chances.get(fault.name, 0.0) >= sure_from(fault, turn.policy)


def _take_back(turn: Turn, ticket_id: int) -> None:
    """Count a lesson no more; what is kept of a confirmed fault keeps the shadow from being taught it twice."""
    kept = find_impression(turn.session, ticket_id)
    if kept is None or kept.source not in {Source.REMEDY, Source.SIGNAL}:
        return  # what a person said stands
    add_counts(turn.session, kept.product, added(kept.lesson, kept.signs, frozenset(kept.chances), kept.lasted), -1)
    source = None if kept.confirmed is None else Source.TAKEN_BACK
    save_impression(turn.session, replace(kept, ruled_out=frozenset(), source=source, learned_at=None))


def learn_from_word(turn: Turn, ticket_id: int, word: Word, source: Source, actor: str) -> None:
    """Learn what somebody says the fault was, and whether the device had failed by then; told in the story.

    Raises:
        UnknownFaultError: the playbook has no such fault; nothing was changed.
    """
    ticket = find_ticket(turn.session, ticket_id)
    check_word(turn, ticket, word)
    if word.failed:
        note_failure(turn, ticket_id, actor)
    if not word.found:
        return
    if word.found == IN_ORDER:
        turn.tell(ticket_id, StoryKind.DIAGNOSIS, "Nothing was wrong with it.", actor=actor)
        _learn_in_order(turn, ticket, source)
        return
    playbook = turn.playbook_of(ticket)
    was = "something else" if word.found == UNKNOWN else playbook.fault(word.found).words_in("en").name
    turn.tell(ticket_id, StoryKind.DIAGNOSIS, f"It was {was}.", actor=actor)
    if learn(turn, ticket_id, Lesson(word.found), source) and word.found != ticket.fault:
        drop_promise(turn, ticket_id)


def _learn_in_order(turn: Turn, ticket: Ticket, source: Source) -> None:
    """Learn that somebody found nothing wrong: these signs were no fault, unless what was done may have mended one.

    Where something was done, nothing is known of what it was, nor any more that it had not helped: it was too soon to
    tell. What a technician found and mended on an earlier visit stands.
    """
    kept = find_impression(turn.session, ticket.id)
    if kept is None or not outweighs(kept, source):
        return
    visited = done_visits(turn.session, ticket.id) > (source is Source.TECHNICIAN)  # whose visit is done by now
    if visited and kept.source is Source.TECHNICIAN and kept.confirmed is not None:
        return
    if visited or any(one.outcome not in _NOT_DONE for one in ticket.tried):
        _relearn(turn, kept, NO_LESSON, source)
        return
    faults = (fault for fault in turn.playbook_of(ticket).faults if fault.kind is not FaultKind.BENIGN)
    _relearn(turn, kept, Lesson(ruled_out=frozenset(fault.name for fault in faults)), source)
    drop_promise(turn, ticket.id)


def learn_from_owner(turn: Turn, ticket: Ticket) -> None:
    """Learn that the owner did what they were told and the signal came back, when that is what ends the ticket.

    Nobody saw them do it, so it bears out the playbook's word only; and where no message had reached them, nothing.
    """
    if ticket.state is not TicketState.WITH_OWNER or ticket.fault is None:
        return
    if not has_heard(turn.session, ticket.id, Stage.NEEDS_YOU):
        return
    if _spoke_surely(turn, ticket.id, turn.playbook_of(ticket).fault(ticket.fault)):
        learn(turn, ticket.id, Lesson(ticket.fault), Source.OWNER)


def learn_from_passing(turn: Turn, ticket: Ticket) -> None:
    """Learn that the signal came back within a day though nothing was done: what a device heals by command stays.

    Without that only what was acted on would ever be counted, and a remedy for what passes by itself always seems to
    work. Nothing is learned where the device went away meanwhile, which may have been a restart; of wear, which comes
    and goes for days; and after a day, when the model may have gone along.
    """
    playbook = turn.ruling(ticket)
    if playbook is None or ticket.tried or turn.now - ticket.opened_at > _DAY:
        return
    kept = find_impression(turn.session, ticket.id)
    gone = find_device(turn.session, ticket.device_id).status_at > ticket.opened_at
    if kept is None or kept.signs.together == NOTHING or gone:
        return
    healable = frozenset(fault.name for fault in playbook.faults if fault.kind is FaultKind.HEALABLE)
    learn(turn, ticket.id, Lesson(ruled_out=healable), Source.SIGNAL)


def doubt_what_passed(turn: Turn, device_id: str) -> None:
    """Take back what was learned from what passed by itself on a device: something is the matter with it again."""
    for ticket_id in passed_lately(turn.session, device_id, turn.now - turn.policy.watch_for):
        _take_back(turn, ticket_id)


def check_word(turn: Turn, ticket: Ticket, word: Word) -> None:
    """Raise ``UnknownFaultError`` unless somebody named a fault of the playbook, something that is none, or nothing."""
    playbook = turn.ruling(ticket)
    known = frozenset[str]() if playbook is None else {fault.name for fault in playbook.faults} | {UNKNOWN, IN_ORDER}
    if word.found and word.found not in known:
        raise UnknownFaultError(ticket.product, word.found)
