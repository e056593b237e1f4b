"""What an owner reads (pure): what was seen, what was done, whether it is proven, what to do, and that it is us.

Nothing here says "fixed" unless the device's own signal has proven it, and nothing sells anything. The playbook
lends the words for the fault and for what the device did; everything else is in the phrases of a language.
"""

from dataclasses import dataclass
from typing import assert_never

from agent.care.clean import one_line, paragraphs
from agent.care.languages import Calendar, calendar_for, phrases_for
from agent.care.letter import Letter, Link, Section
from agent.care.matter import Deed, Matter
from agent.care.message import Stage
from agent.care.phrases import Phrases
from agent.service.invitation import Occasion
from agent.service.visit import VisitState

_NAME_LIMIT = 80  # characters; longer names are cut in the greeting
_SUBJECT_LIMIT = 150
_SENTENCE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What the device's display shows beside the ticket's number."""

    title: str
    text: str


def compose(matter: Matter) -> Letter:
    """Return the message for one moment of a ticket."""
    saying = _Saying.about(matter)
    sections = (*saying.story(), saying.proof_of_us(), *saying.rating())
    return Letter(
        lang=saying.phrases.lang,
        subject=one_line(saying.subject(), _SUBJECT_LIMIT),
        ticket=matter.ticket,
        title=saying.title(),
        greeting=saying.greeting(),
        sections=sections,
        why=saying.phrases.why_this,
        calm=matter.stage is Stage.FIXED and matter.verified,
        data=None if matter.links.me_url is None else Link(saying.phrases.your_data, matter.links.me_url),
    )


def compose_notice(matter: Matter) -> NoticeText:
    """Return the few words for the device's own display; they end with whether it is proven, or what to do."""
    saying = _Saying.about(matter)
    match matter.stage:
        case Stage.FIXED:
            proof = saying.phrases.verified_short if matter.verified else saying.phrases.unverified
            said = (*saying.seen(), *saying.done(), proof, saying.theirs_to_set())
        case Stage.VISIT_BOOKED | Stage.VISIT_MOVED | Stage.VISIT_CANCELLED:
            said = saying.visit()
        case Stage.NEEDS_YOU:
            said = (*saying.seen(), saying.advice() or saying.phrases.look_at_it)
        case Stage.WITH_PERSON:
            asked = saying.advice() or saying.phrases.need_do_nothing
            said = (*saying.seen(), saying.phrases.person_will_look, asked)
        case Stage.FOLLOW_UP:
            said = (saying.phrases.person_reads,)
        case never:
            assert_never(never)
    return NoticeText(saying.title(), paragraphs(" ".join(said), _SENTENCE_LIMIT))


def compose_occasion(matter: Matter) -> Occasion:
    """Return what the owner's calendar says about the visit."""
    notice = compose_notice(matter)
    device = _Saying.about(matter).device()
    return Occasion(
        title=one_line(f"{device}: {notice.title} ({matter.ticket})", _SUBJECT_LIMIT),
        description=notice.text,
        url=matter.links.visit_url or "",
    )


@dataclass(frozen=True, slots=True)
class _Saying:
    """A matter together with the language it is said in."""

    matter: Matter
    phrases: Phrases
    calendar: Calendar

    @classmethod
    def about(cls, matter: Matter) -> "_Saying":
        phrases = phrases_for(matter.lang)
        return cls(matter, phrases, calendar_for(matter.customer.lang, phrases, matter.customer.zone))

    def say(self, text: str, **fields: str) -> str:
        """Fill a text; what goes in is one clean line and is never itself read as a format."""
        known = {"device": self.device(), "ticket": self.matter.ticket, **self._visit_fields(), **fields}
        return text.format(**{name: one_line(value, _SENTENCE_LIMIT) for name, value in known.items()})

    def device(self) -> str:
        return self.matter.device[:1].upper() + self.matter.device[1:]

    def greeting(self) -> str:
        name = one_line(self.matter.customer.name, _NAME_LIMIT)
        return self.say(self.phrases.greeting, name=name) if name else self.phrases.greeting_nameless

    def subject(self) -> str:
        if self.matter.stage is Stage.FIXED and not self.matter.verified:
            return self.say(self.phrases.subject_unverified)
        return self.say(self.phrases.subjects[self.matter.stage])

    def title(self) -> str:
        if self.matter.stage is Stage.FIXED and not self.matter.verified:
            return self.phrases.title_unverified
        return self.phrases.titles[self.matter.stage]

    def story(self) -> tuple[Section, ...]:
        """What was seen, what came of it, and what the reader has to do, as the stage asks for it."""
        phrases = self.phrases
        noticed = Section(phrases.seen, self.seen(with_meaning=self.matter.stage is not Stage.WITH_PERSON))
        match self.matter.stage:
            case Stage.FIXED:
                return (noticed, *self.repair())
            case Stage.VISIT_BOOKED | Stage.VISIT_MOVED:
                at_the_door = (phrases.visit_door, self.advice())
                return (noticed, Section(phrases.next, self.visit()), self.to_do(*at_the_door, change=True))
            case Stage.VISIT_CANCELLED:
                return (Section(phrases.next, self.visit()), self.to_do(phrases.nothing, phrases.visit_off_calendar))
            case Stage.NEEDS_YOU:
                asked = self.advice() or phrases.look_at_it
                return (noticed, self.to_do(asked), Section(phrases.next, (phrases.when_normal,)))
            case Stage.WITH_PERSON:
                tried = tuple(
                    self.say(phrases.device_tried, done=deed.words, when=self._when(deed)) for deed in self.matter.deeds
                )
                return (
                    noticed,
                    *((Section(phrases.tried, tried),) if tried else ()),
                    Section(phrases.next, (phrases.person_will_look,)),
                    self.to_do(self.advice() or phrases.need_do_nothing),
                )
            case Stage.FOLLOW_UP:
                return (Section(phrases.next, (phrases.person_reads,)), self.to_do(phrases.nothing))
            case never:
                assert_never(never)

    def seen(self, *, with_meaning: bool = False) -> tuple[str, ...]:
        words = self.matter.words
        if words is None:
            return (self.say(self.phrases.something_unusual),)
        return _said(words.seen, words.noticeable if with_meaning else "")

    def done(self) -> tuple[str, ...]:
        if self.matter.deeds:
            return tuple(
                self.say(self.phrases.device_did, done=deed.words, when=self._when(deed)) for deed in self.matter.deeds
            )
        appointment = self.matter.appointment
        if appointment is not None and appointment.visit.state is VisitState.DONE:
            # Nobody but the technician can say that they came; without their word only the signal is known.
            return (self.phrases.technician_did,) if appointment.visit.report else ()
        return (self.phrases.by_owner if self.matter.asked_owner else self.phrases.by_itself,)

    def repair(self) -> tuple[Section, ...]:
        phrases = self.phrases
        said = self.done()
        done = (Section(phrases.done, said),) if said else ()
        if self.matter.verified:
            return (
                *done,
                Section(phrases.sure, (phrases.verified,)),
                self.to_do(phrases.nothing, self.theirs_to_set()),
            )
        return (*done, Section(phrases.sure, (phrases.unverified,)), self.to_do(self.advice() or phrases.nothing))

    def theirs_to_set(self) -> str:
        """Return that they may set again what was set back; empty: nothing was."""
        return self.phrases.set_again if any(deed.sets for deed in self.matter.deeds) else ""

    def visit(self) -> tuple[str, ...]:
        if self.matter.stage is Stage.VISIT_CANCELLED:
            return (self.say(self.phrases.visit_off),)
        named = self.matter.appointment is not None and bool(self.matter.appointment.technician)
        return (self.say(self.phrases.visit if named else self.phrases.visit_nameless),)

    def advice(self) -> str:
        return one_line(self.matter.words.advice, _SENTENCE_LIMIT) if self.matter.words is not None else ""

    def to_do(self, *sentences: str, change: bool = False) -> Section:
        url = self.matter.links.visit_url
        if not change or url is None:
            return Section(self.phrases.do, _said(*sentences))
        link = Link(self.phrases.visit_change_label, url)
        return Section(self.phrases.do, _said(*sentences, self.phrases.visit_change), link)

    def proof_of_us(self) -> Section:
        phrases = self.phrases
        proof = phrases.number_on_device if self.matter.on_device else phrases.number_to_name
        return Section(phrases.us, (self.say(proof),))

    def rating(self) -> tuple[Section, ...]:
        links = self.matter.links
        if links.rate_url is None or links.rate_until is None:
            return ()
        how = self.say(self.phrases.rate_how, until=self.calendar.date(links.rate_until))
        return (Section(self.phrases.rate, (how,), Link(self.phrases.rate_label, links.rate_url)),)

    def _when(self, deed: Deed) -> str:
        return self.calendar.date_and_time(deed.at)

    def _visit_fields(self) -> dict[str, str]:
        appointment = self.matter.appointment
        if appointment is None:
            return {}
        starts_at, ends_at = appointment.visit.starts_at, appointment.visit.ends_at
        return {
            "technician": one_line(appointment.technician, _NAME_LIMIT),
            "date": self.calendar.date(starts_at),
            "weekday_date": self.calendar.short_date(starts_at),
            "start": self.calendar.time(starts_at),
            "end": self.calendar.time(ends_at),
        }


def _said(*sentences: str) -> tuple[str, ...]:
    return tuple(clean for sentence in sentences if (clean := one_line(sentence, _SENTENCE_LIMIT)))
