"""What owners read: honest, inert, complete, in their language."""

import re
import string
from dataclasses import fields, replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.care.clean import one_line
from agent.care.compose import compose, compose_notice, compose_occasion
from agent.care.languages import LANGUAGES, calendar_for, phrases_for
from agent.care.matter import Appointment, Links, matter_of
from agent.care.message import Stage
from agent.care.phrases import FIELDS, Phrases
from agent.desk.ticket import Outcome, TicketState
from agent.diagnose.playbook import FaultKind, Playbook
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.service.visit import VisitState
from tests.agent.care.builders import ANNA, DEFROST, ICE, NOON, PLAYBOOK, TICKET, VISIT, matter

SHIPPED = tuple(read_playbooks(default_dir()).values())
EVERY_LANGUAGE = pytest.mark.parametrize("phrases", LANGUAGES.values(), ids=list(LANGUAGES))
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% raw %}",
    "{ticket}{0}{device.__class__}",
    "Bcc: all@example.org\r\nX: y",
    "\u202egnp.exe",
    "\x1b[31mred",
    "=HYPERLINK(1)",
)


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


def texts(phrases: Phrases) -> list[str]:
    values = [getattr(phrases, field.name) for field in fields(phrases)]
    return [text for value in values for text in ([value] if isinstance(value, str) else value.values())]


@EVERY_LANGUAGE
def test_every_stage_has_its_words_in_every_language(phrases: Phrases) -> None:
    assert set(phrases.subjects) == set(phrases.titles) == set(Stage)
    assert all(texts(phrases))


@EVERY_LANGUAGE
def test_no_text_asks_for_a_field_that_does_not_exist(phrases: Phrases) -> None:
    wanted = {name for text in texts(phrases) for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert wanted <= FIELDS


@EVERY_LANGUAGE
def test_each_text_asks_for_the_same_fields_in_every_language(phrases: Phrases) -> None:
    def wanted(of: Phrases) -> list[set[str]]:
        return [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts(of)]

    assert wanted(phrases) == wanted(LANGUAGES["en"])


@EVERY_LANGUAGE
def test_nothing_is_called_fixed_or_resolved_before_it_is_verified(phrases: Phrases) -> None:
    unproven = matter(lang=phrases.lang, customer=replace(ANNA, lang=phrases.lang), verified=False)

    letter = compose(unproven)

    claims = re.compile(r"\b(fixed and|resolved|behoben und|résolu et|resuelto y)\b")
    assert not claims.search(letter.subject.lower() + letter.title.lower())
    assert phrases.verified not in letter.as_text()
    assert phrases.verified_short not in compose_notice(unproven).text


@pytest.mark.parametrize("playbook", SHIPPED, ids=lambda playbook: playbook.product)
@EVERY_LANGUAGE
def test_every_fault_of_every_product_can_be_told_at_every_stage(playbook: Playbook, phrases: Phrases) -> None:
    customer = replace(ANNA, lang=phrases.lang)
    for fault in (None, *(fault.name for fault in playbook.faults)):
        for stage in Stage:
            ticket = replace(TICKET, fault=fault, product=playbook.product, tried=())
            drawn = matter_of(ticket, stage, playbook, customer, told=())
            about = replace(drawn, appointment=Appointment(VISIT, "Jo Park"))

            letter = compose(about)
            whole = letter.subject + letter.as_text() + compose_notice(about).text

            assert letter.lang == phrases.lang
            assert not set("{}[]") & set(whole)
            assert "None" not in whole
            assert len(letter.subject) <= 120


@given(
    stage=st.sampled_from(Stage),
    name=st.sampled_from(HOSTILE) | st.text(max_size=120),
    lang=st.sampled_from([*LANGUAGES, "xx", "de-AT", "en-US"]),
    verified=st.booleans(),
)
def test_whatever_an_owner_is_called_the_page_keeps_its_shape(
    stage: Stage,
    name: str,
    lang: str,
    verified: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    given_name = replace(ANNA, name=name, lang=lang)
    calm = replace(ANNA, name="Anna" if one_line(name, 80) else "", lang=lang)
    base = phrases_for(lang).lang

    hostile = compose(matter(stage, customer=given_name, lang=base, verified=verified))
    tame = compose(matter(stage, customer=calm, lang=base, verified=verified))

    assert Tags(hostile.as_html()).tags == Tags(tame.as_html()).tags
    assert not set("\r\n") & set(hostile.subject)
    assert hostile.subject == tame.subject


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_from_anywhere_stay_words(hostile: str) -> None:
    words = replace(ICE, seen=hostile, noticeable=hostile, advice=hostile)
    about = matter(
        Stage.VISIT_BOOKED,
        words=words,
        device=f"your {hostile}",
        appointment=Appointment(VISIT, hostile),
        customer=replace(ANNA, name=hostile),
    )

    letter = compose(about)
    page = Tags(letter.as_html())

    assert {tag for tag, _ in page.tags} == {tag for tag, _ in Tags(compose(matter(Stage.VISIT_BOOKED)).as_html()).tags}
    assert not set("\r\n\x1b") & set(letter.subject)
    assert "49" not in letter.title


@pytest.mark.parametrize("stage", Stage)
def test_the_page_loads_nothing_and_leads_only_to_pages_of_ours(stage: Stage) -> None:
    page = compose(matter(stage)).as_html()

    assert all(link.startswith("https://care.example.org/") for link in Tags(page).links)
    assert not re.search(r"<img|<script|<link|url\(|@import|src=", page)


def test_a_rating_is_asked_for_only_with_a_link_to_rate() -> None:
    asked = compose(matter())
    not_asked = compose(matter(links=Links()))

    assert "/rate/AbC" in asked.as_text()
    assert "rate" not in not_asked.as_text()


def test_staff_read_the_message_without_links_that_would_act_for_the_owner() -> None:
    for stage in Stage:
        assert "://" not in compose(matter(stage)).as_text(with_links=False)


def test_the_number_is_only_said_to_be_on_the_device_when_it_is() -> None:
    assert "The device itself shows" in compose(matter(on_device=True)).as_text()
    assert "The device itself shows" not in compose(matter(on_device=False)).as_text()


def test_dates_are_those_of_the_owners_wall_clock_and_country() -> None:
    american = replace(ANNA, lang="en-US", zone="America/New_York")

    text = compose(matter(Stage.VISIT_BOOKED, customer=american)).as_text()

    assert "Thursday, November 26, 2026, between 7:00\u202fAM and 8:00\u202fAM" in text.replace(
        "7:00 AM", "7:00\u202fAM"
    ).replace("8:00 AM", "8:00\u202fAM")


def test_a_date_on_either_side_of_a_clock_change_shows_the_right_hour() -> None:
    calendar = calendar_for("de", phrases_for("de"), "Europe/Berlin")

    before, after = NOON.replace(month=10, day=24), NOON.replace(month=10, day=25)

    assert (calendar.time(before), calendar.time(after)) == ("14:00", "13:00")


def test_a_technicians_repair_is_told_as_theirs() -> None:
    done = Appointment(replace(VISIT, state=VisitState.DONE, report="sealed the pipe"), "Jo Park")

    text = compose(matter(deeds=(), appointment=done)).as_text()

    assert "A technician repaired it" in text


def test_an_owner_who_helped_is_thanked() -> None:
    text = compose(matter(deeds=(), appointment=None, asked_owner=True)).as_text()

    assert "Thank you for your help" in text


def test_advice_for_a_broken_device_is_not_repeated_once_it_is_proven_whole() -> None:
    advised = matter(words=replace(ICE, advice="Please keep the door closed."))

    assert "keep the door closed" not in compose(advised).as_text()


def test_a_person_who_takes_over_says_what_was_tried_in_vain() -> None:
    ticket = replace(
        TICKET, state=TicketState.WITH_PERSON, tried=(replace(TICKET.tried[0], outcome=Outcome.NOT_HEALED),)
    )

    text = compose(matter_of(ticket, Stage.WITH_PERSON, PLAYBOOK, ANNA, told=())).as_text()

    assert "defrosted itself" in text
    assert "not enough" in text


def test_a_language_the_playbook_lacks_becomes_english_as_a_whole() -> None:
    french = replace(ANNA, lang="fr")

    letter = compose(matter_of(TICKET, Stage.FIXED, PLAYBOOK, french, told=()))

    assert letter.lang == "en"
    assert "Bonjour" not in letter.as_text()


def test_the_calendar_names_the_device_and_the_ticket() -> None:
    occasion = compose_occasion(matter(Stage.VISIT_BOOKED))

    assert occasion.title == "Your freezer: A technician is coming (T-12)"
    assert occasion.url.endswith("/visit/XyZ")


def test_a_notice_is_short_enough_for_a_display_and_the_protocol() -> None:
    for stage in Stage:
        notice = compose_notice(matter(stage, words=replace(ICE, seen="x" * 5000)))

        assert len(notice.title) <= 80
        assert len(notice.text) <= 1000


def test_a_rating_link_says_until_when_it_works() -> None:
    until = NOON + timedelta(days=30)

    assert "Thursday, 24 December 2026" in compose(matter(links=Links("https://x.example/rate/a", until))).as_text()


@EVERY_LANGUAGE
def test_waiting_for_a_person_claims_no_person_yet_and_asks_nothing(phrases: Phrases) -> None:
    waiting = matter(Stage.WITH_PERSON, lang=phrases.lang, customer=replace(ANNA, lang=phrases.lang))

    letter, notice = compose(waiting), compose_notice(waiting)

    whole = f"{letter.subject} {letter.as_text()} {notice.title} {notice.text}"
    claims = r"taken over|is looking|übernommen|kümmer|pris le relais|s’en occupe|hecho cargo|ocupando"
    assert not re.search(claims, whole)
    for said in (letter.as_text(), notice.text):
        assert phrases.person_will_look in " ".join(said.split())
        assert phrases.need_do_nothing in said


_ENDED = re.compile(r"would have|hätte|\bwären? \w+en\b|aurai\w* (pu|répondu|fait)|habría|was never")


@pytest.mark.parametrize("playbook", SHIPPED, ids=lambda playbook: playbook.product)
def test_the_words_of_what_can_heal_are_true_before_it_is_healed_and_after(playbook: Playbook) -> None:
    noticed = {"en": "We noticed that ", "de": "Uns ist aufgefallen, ", "fr": "Nous avons ", "es": "Hemos notado "}
    for fault in playbook.faults:
        for words in fault.words if fault.kind is FaultKind.HEALABLE else ():
            assert words.seen.startswith(noticed[words.lang])
            assert not _ENDED.search(words.noticeable), words.noticeable


@EVERY_LANGUAGE
def test_who_may_have_changed_a_setting_reads_that_they_may_set_it_again_and_nobody_else_does(phrases: Phrases) -> None:
    said = one_line(phrases.set_again, 1000)
    sets = replace(PLAYBOOK, remedies=(replace(DEFROST, rollback=True),))
    letters = [
        matter_of(TICKET, Stage.FIXED, playbook, replace(ANNA, lang=phrases.lang), told=())
        for playbook in (sets, PLAYBOOK)
    ]

    in_mail = [said in compose(replace(about, lang=phrases.lang)).as_text() for about in letters]
    on_display = [said in one_line(compose_notice(replace(about, lang=phrases.lang)).text, 1000) for about in letters]

    assert (in_mail, on_display) == ([True, False], [True, False])
