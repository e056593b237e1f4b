"""Verdicts: one a ticket, changeable, checked, cleaned; and links that nobody can guess or reuse."""

from datetime import timedelta

import pytest
from sqlmodel import select

from agent.care.errors import RatingError
from agent.care.links import LinkPurpose, link_url, make_link, open_link
from agent.care.rate import record_rating
from agent.care.rating import RatingSource
from agent.errors import UnknownTicketError
from agent.store.database import Database
from agent.store.ratings import rating_of_ticket
from agent.store.tables import RatingRow, TokenRow
from tests.agent.care.builders import NOON
from tests.agent.care.house import add_ticket, settle_in

MAIL = RatingSource.MAIL


def test_a_verdict_is_kept_and_told(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)

        recorded = record_rating(
            session, ticket_id=ticket.id, score=5, comment=" lovely ", source=RatingSource.DEVICE, now=NOON
        )

        assert recorded.sentence == "rated 5 of 5 on the device: “lovely”"
        assert (recorded.changed, recorded.follow_up) == (True, False)


def test_a_second_verdict_changes_the_first_and_is_never_a_second_vote(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)
        record_rating(session, ticket_id=ticket.id, score=5, comment="", source=MAIL, now=NOON)

        recorded = record_rating(session, ticket_id=ticket.id, score=2, comment="", source=MAIL, now=NOON)

        assert recorded.sentence.startswith("changed the rating from 5 to 2 of 5")
        assert recorded.follow_up
        assert len(session.exec(select(RatingRow)).all()) == 1


def test_the_same_verdict_again_changes_nothing_and_asks_for_nobody(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)
        first = record_rating(session, ticket_id=ticket.id, score=1, comment="no", source=MAIL, now=NOON)

        again = record_rating(
            session, ticket_id=ticket.id, score=1, comment="no", source=MAIL, now=NOON + timedelta(hours=1)
        )

        kept = rating_of_ticket(session, ticket.id)
        assert first.follow_up
        assert (again.changed, again.follow_up) == (False, False)
        assert kept is not None
        assert kept.at == NOON


def test_somebody_unhappy_who_says_more_is_followed_up_once(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)
        record_rating(session, ticket_id=ticket.id, score=2, comment="", source=MAIL, now=NOON)

        more = record_rating(session, ticket_id=ticket.id, score=1, comment="worse", source=MAIL, now=NOON)

        assert (more.changed, more.follow_up) == (True, False)


def test_words_without_another_score_are_told_as_words(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)

        told = [
            record_rating(session, ticket_id=ticket.id, score=2, comment=comment, source=MAIL, now=NOON).sentence
            for comment in ("", "too loud", "far too loud", "")
        ]

        assert told[1:] == [
            "added a comment on the rating of 2 of 5 on the page in the mail: “too loud”",
            "changed the comment on the rating of 2 of 5 on the page in the mail: “far too loud”",
            "took back the comment on the rating of 2 of 5 on the page in the mail",
        ]


@pytest.mark.parametrize("score", [-1, 0, 6, 10**9])
def test_a_score_outside_one_to_five_is_refused(database: Database, score: int) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)

        with pytest.raises(RatingError):
            record_rating(session, ticket_id=ticket.id, score=score, comment="", source=MAIL, now=NOON)

        assert rating_of_ticket(session, ticket.id) is None


def test_a_comment_is_cleaned_and_cut(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)

        record_rating(
            session, ticket_id=ticket.id, score=4, comment="\x1b[31m<b>ok\u202e" + "x" * 5000, source=MAIL, now=NOON
        )

        kept = rating_of_ticket(session, ticket.id)
        assert kept is not None
        assert kept.comment.startswith("[31m<b>okxxx")
        assert len(kept.comment) == 2000


def test_a_device_rates_only_its_own_tickets(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)

        with pytest.raises(UnknownTicketError):
            record_rating(
                session,
                ticket_id=ticket.id,
                score=1,
                comment="",
                source=RatingSource.DEVICE,
                now=NOON,
                device_id="frost-0666",
            )


def test_a_ticket_that_does_not_exist_is_not_rated(database: Database) -> None:
    with database.transaction() as session, pytest.raises(UnknownTicketError):
        record_rating(session, ticket_id=404, score=5, comment="", source=MAIL, now=NOON)


def test_a_token_is_long_random_and_kept_only_as_its_hash(database: Database) -> None:
    with database.transaction() as session:
        tokens = {
            make_link(session, purpose=LinkPurpose.RATE, subject="1", now=NOON, expires_at=NOON + timedelta(days=30))
            for _ in range(20)
        }

        rows = session.exec(select(TokenRow)).all()

    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)
    assert not tokens & {row.hash for row in rows}


def test_opening_a_link_changes_nothing_however_often(database: Database) -> None:
    with database.transaction() as session:
        ticket = settle_in(session)
        token = make_link(
            session, purpose=LinkPurpose.RATE, subject=str(ticket.id), now=NOON, expires_at=NOON + timedelta(days=30)
        )

        opened = {open_link(session, token, LinkPurpose.RATE, NOON + timedelta(days=days)) for days in range(29)}

        assert len(opened) == 1
        assert rating_of_ticket(session, ticket.id) is None


@pytest.mark.parametrize("guess", ["", "x", "../../etc", "\x00", "\ud800", "é" * 40, "A" * 10_000_000])
def test_a_guess_opens_nothing(database: Database, guess: str) -> None:
    with database.transaction() as session:
        assert open_link(session, guess, LinkPurpose.RATE, NOON) is None


def test_a_link_opens_only_what_it_was_made_for_and_only_in_time(database: Database) -> None:
    with database.transaction() as session:
        other = add_ticket(session, device_id=settle_in(session).device_id)
        end = NOON + timedelta(days=30)
        token = make_link(session, purpose=LinkPurpose.RATE, subject=str(other.id), now=NOON, expires_at=end)

        assert open_link(session, token, LinkPurpose.VISIT, NOON) is None
        assert open_link(session, token, LinkPurpose.ME, NOON) is None
        assert open_link(session, token, LinkPurpose.RATE, end) is None
        opened = open_link(session, token, LinkPurpose.RATE, end - timedelta(seconds=1))
        assert opened is not None
        assert opened.id == str(other.id)


def test_a_link_is_an_address_below_the_public_one() -> None:
    assert link_url("https://care.example.org/", LinkPurpose.RATE, "abc") == "https://care.example.org/rate/abc"
