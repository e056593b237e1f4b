from datetime import timedelta

import pytest

from agent.care.links import LinkPurpose, make_link
from agent.care.rating import Rating
from agent.console.owner_words import OWNER_WORDS
from agent.console.parts import ConsoleParts
from agent.desk.ticket import StoryKind, TicketState
from agent.store.ratings import rating_of_ticket
from agent.store.tickets import find_ticket, story_of
from tests.agent.console.sample import Sample
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor

RATED = 1008


def rating(parts: ConsoleParts, ticket_id: int = RATED) -> Rating | None:
    with parts.database.reading() as session:
        return rating_of_ticket(session, ticket_id)


async def press(visitor: Visitor, **fields: str) -> None:
    """Press a button of the first form on the page."""
    await visitor.send("", None, **fields)


async def test_the_rating_page_says_in_two_sentences_what_happened(stranger: Visitor, sample: Sample) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")

    text = stranger.text()
    assert "We noticed that your home battery showed less charge than it really had." in text
    assert "Checked: its own readings are back to normal." in text
    assert [value for _, value in stranger.forms()[0].buttons] == ["5", "4", "3", "2", "1"]


async def test_one_tap_rates(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")

    await press(stranger, score="4")

    given = rating(parts)
    assert given is not None
    assert given.score == 4
    assert "Thank you. You gave 4 of 5: Good." in stranger.text()


async def test_words_can_be_added_afterwards_and_the_score_changed(
    stranger: Visitor, sample: Sample, parts: ConsoleParts
) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")
    await press(stranger, score="4")

    await press(stranger, comment="It came back by itself.")
    await stranger.get(f"/rate/{sample.rate_token}")
    await press(stranger, score="2")

    given = rating(parts)
    assert given is not None
    assert (given.score, given.comment) == (2, "It came back by itself.")
    with parts.database.reading() as session:
        told = [entry.kind for entry in story_of(session, RATED)]
        assert told.count(StoryKind.RATING) == 3
        assert find_ticket(session, RATED).state is TicketState.WITH_PERSON  # unhappy: somebody follows up


async def test_opening_a_link_never_rates(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    for path in (f"/rate/{sample.rate_token}", f"/rate/{sample.rate_token}?score=1"):
        assert (await stranger.web.get(path)).status_code == 200
        assert (await stranger.web.head(path)).status_code == 200

    assert rating(parts) is None


@pytest.mark.parametrize("fields", [{"score": "1"}, {"score": "1", "page": "made up"}, {}])
async def test_a_scanner_that_posts_to_the_link_does_not_rate(
    stranger: Visitor, sample: Sample, parts: ConsoleParts, fields: dict[str, str]
) -> None:
    answer = await stranger.web.post(f"/rate/{sample.rate_token}", data=fields)

    assert answer.status_code == 422
    assert rating(parts) is None


async def test_a_scanner_that_fills_in_every_field_does_not_rate(
    stranger: Visitor, sample: Sample, parts: ConsoleParts
) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")

    await press(stranger, score="1", website="http://scanner.example")

    assert rating(parts) is None


@pytest.mark.parametrize("score", ["0", "6", "-1", "5.0", "five", "", "55", "1' OR 1=1"])
async def test_only_one_to_five_is_a_rating(stranger: Visitor, sample: Sample, parts: ConsoleParts, score: str) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")

    await press(stranger, score=score)

    assert rating(parts) is None


async def test_the_page_of_one_link_does_not_speak_for_another(
    stranger: Visitor, sample: Sample, parts: ConsoleParts
) -> None:
    with parts.database.transaction() as session:
        other = make_link(
            session, purpose=LinkPurpose.RATE, subject="1004", now=NOW, expires_at=NOW + timedelta(days=1)
        )
    await stranger.get(f"/rate/{sample.rate_token}")
    key = stranger.forms()[0].fields["page"]

    await stranger.web.post(f"/rate/{other}", data={"page": key, "score": "1"})

    assert rating(parts, 1004) is None


async def test_sending_the_same_rating_again_tells_it_once(
    stranger: Visitor, sample: Sample, parts: ConsoleParts
) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")
    fields = {**stranger.forms()[0].fields, "score": "5"}

    for _ in range(3):
        await stranger.web.post(f"/rate/{sample.rate_token}", data=fields)

    with parts.database.reading() as session:
        assert [entry.kind for entry in story_of(session, RATED)].count(StoryKind.RATING) == 1


async def test_an_expired_an_unknown_and_a_misused_link_get_the_same_kind_page(
    stranger: Visitor, sample: Sample
) -> None:
    seen = set()
    for path in (
        f"/rate/{sample.expired_token}",
        "/rate/guessed",
        f"/rate/{sample.visit_token}",
        f"/visit/{sample.rate_token}",
        "/visit/guessed",
        f"/rate/{'x' * 5000}",
    ):
        answer = await stranger.web.get(path)
        assert answer.status_code == 404
        seen.add(answer.text)

    assert len(seen) == 1
    assert "This link does not work any more" in seen.pop()


async def test_an_expired_link_rates_nothing(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    before = rating(parts, 1001)

    answer = await stranger.web.post(f"/rate/{sample.expired_token}", data={"score": "1"})

    assert answer.status_code == 404
    assert rating(parts, 1001) == before


async def test_a_page_behind_a_link_is_not_kept_found_or_passed_on(stranger: Visitor, sample: Sample) -> None:
    for path in (f"/rate/{sample.rate_token}", f"/visit/{sample.visit_token}", "/rate/guessed"):
        headers = (await stranger.web.get(path)).headers

        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "noindex" in headers["x-robots-tag"]
        assert "set-cookie" not in headers


async def test_a_browser_that_hides_its_origin_can_rate_and_another_site_cannot(
    stranger: Visitor, sample: Sample, parts: ConsoleParts
) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")
    await stranger.send("", {"origin": "https://evil.example"}, score="1")
    assert rating(parts) is None

    await stranger.get(f"/rate/{sample.rate_token}")
    await stranger.send("", {"origin": "null"}, score="5")
    assert rating(parts) is not None


async def test_hostile_words_of_an_owner_are_inert(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    await stranger.get(f"/rate/{sample.rate_token}")

    await press(stranger, score="3", comment="<script>alert(1)</script>{{7*7}}\x00\u202e")

    given = rating(parts)
    assert given is not None
    assert given.comment == "<script>alert(1)</script>{{7*7}}"
    assert "<script>" not in (stranger.page.text if stranger.page else "")


async def test_a_stranger_with_a_broken_link_is_spoken_to_in_their_language(stranger: Visitor) -> None:
    answer = await stranger.web.get("/rate/x", headers={"accept-language": "fr-CH, fr;q=0.9, en;q=0.8"})

    assert "Ce lien ne fonctionne plus" in answer.text.replace("&#39;", "'")
    assert '<html lang="fr">' in answer.text


def test_every_language_says_everything() -> None:
    for words in OWNER_WORDS.values():
        for name in words.__slots__:
            value = getattr(words, name)
            assert value if isinstance(value, str) else all(value), f"{words.lang}: {name}"


@pytest.mark.parametrize("path", ["/me/anything", "/me", "/rate", "/visit/a/b", "/rate/unknown"])
async def test_an_address_that_looks_like_an_owners_leads_nobody_to_the_staff_pages(
    stranger: Visitor, path: str
) -> None:
    answer = await stranger.get(path)

    assert answer.status_code == 404
    assert "queue" not in stranger.text().lower()
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert 'href="/"' not in answer.text
