"""The pages of messages, ratings, remedies and the system (shell): read, build, show."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse

from agent.care.message import MessageState
from agent.care.rating import HIGHEST, LOWEST
from agent.console.api_models import Place
from agent.console.chrome import AtDesk
from agent.console.counter_words import counter_words
from agent.console.learning_words import promises_sentence, schooling
from agent.console.mailbox_page import bars, letter_line, letter_lines, mean_score, rating_lines, state_choices
from agent.console.parts import ConsoleParts
from agent.console.preview import preview
from agent.console.problems import not_found
from agent.console.remedies_page import Known, Oversight, remedies_page
from agent.console.words import AUTONOMY
from agent.decide.permit import alike
from agent.desk.two_people import ALONE_UP_TO
from agent.diagnose.playbook import Playbook
from agent.store.agreements import agreements
from agent.store.autonomy import grants
from agent.store.breakers import list_breakers
from agent.store.fleet_list import count_devices, fleet_figures
from agent.store.learning import standings
from agent.store.mail_list import find_letter, letter_counts, list_letters, list_ratings, rating_counts
from agent.store.notices import notices
from agent.store.oversight import backlog, count_unreadable, halts
from agent.store.promises import promise_record
from agent.store.proposals import proposals_of
from agent.store.quarantine import quarantined
from agent.store.ticket_file import read_present_records

router = APIRouter(include_in_schema=False)
SHOWN = 25  # lines a page
PROPOSALS = 500  # of a product that the remedies page looks back on
# The preview is somebody's mail: it may show text and its own colours, and do nothing at all.
PREVIEW_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


@router.get("/mailbox")
def show_mailbox(desk: AtDesk, state: str = "", after: Place = None) -> HTMLResponse:
    """Show what owners were told, and what was withheld."""
    chosen = state if state in set(MessageState) else ""
    with desk.parts.database.reading() as session:
        found = list_letters(session, state=chosen, after=after, limit=SHOWN + 1)
        older = {"state": chosen, "after": found[SHOWN - 1].message.id} if len(found) > SHOWN else {}
        return desk.show(
            session,
            "mailbox.html",
            "/mailbox",
            lines=letter_lines(found[:SHOWN], desk.reader),
            choices=state_choices(letter_counts(session)),
            state=chosen,
            older=f"/mailbox?{urlencode(older)}" if older else "",
            newer=f"/mailbox?{urlencode({'state': chosen})}" if after is not None else "",
        )


@router.get("/mailbox/{message_id}")
def show_letter(desk: AtDesk, message_id: Annotated[int, Path(ge=0, lt=2**63)]) -> HTMLResponse:
    """Show one message as the owner sees it."""
    with desk.parts.database.reading() as session:
        letter = find_letter(session, message_id)
        if letter is None:
            raise not_found(what="message")
        return desk.show(session, "letter.html", "/mailbox", line=letter_line(letter, desk.reader))


@router.get("/mailbox/{message_id}/preview")
def show_preview(desk: AtDesk, message_id: Annotated[int, Path(ge=0, lt=2**63)]) -> HTMLResponse:
    """Show the message itself, alone in its frame."""
    with desk.parts.database.reading() as session:
        letter = find_letter(session, message_id)
    if letter is None:
        raise not_found(what="message")
    return HTMLResponse(preview(letter.message), headers=PREVIEW_HEADERS)


@router.get("/ratings")
def show_ratings(
    desk: AtDesk, score: Annotated[int | None, Query(ge=LOWEST, le=HIGHEST)] = None, after: Place = None
) -> HTMLResponse:
    """Show what owners said."""
    with desk.parts.database.reading() as session:
        found = list_ratings(session, score=score, after=after, limit=SHOWN + 1)
        given = rating_counts(session)
        kept = {} if score is None else {"score": score}
        older = {**kept, "after": found[SHOWN - 1].rating.ticket_id} if len(found) > SHOWN else {}
        return desk.show(
            session,
            "ratings.html",
            "/ratings",
            lines=rating_lines(found[:SHOWN], desk.reader),
            bars=bars(given),
            mean=mean_score(given),
            total=sum(given.values()),
            score=score,
            older=f"/ratings?{urlencode(older)}" if older else "",
            newer=f"/ratings?{urlencode(kept)}" if after is not None else "",
        )


@router.get("/remedies")
def show_remedies(desk: AtDesk) -> HTMLResponse:
    """Show how far the agent may go with each remedy."""
    with desk.parts.database.reading() as session:
        known = {
            product: Known(
                devices=count_devices(session, product),
                records=read_present_records(session, product, _alike(desk.parts, playbook)),
                proposed=proposals_of(session, product, PROPOSALS),
            )
            for product, playbook in desk.parts.playbooks.items()
        }
        oversight = Oversight(grants(session), agreements(session), list_breakers(session))
        return desk.show(
            session,
            "remedies.html",
            "/remedies",
            products=remedies_page(known, oversight, desk.reader),
            alone_up_to=ALONE_UP_TO,
            levels=[(level.value, words) for level, (words, _) in AUTONOMY.items()],
            levels_by_value={level.value: words for level, (words, _) in AUTONOMY.items()},
            meanings=list(AUTONOMY.values()),
        )


def _alike(parts: ConsoleParts, playbook: Playbook) -> dict[str, frozenset[str]]:
    return alike(playbook, [one for (product, _), one in parts.versions.items() if product == playbook.product])


@router.get("/system")
def show_system(desk: AtDesk) -> HTMLResponse:
    """Show what could not be read, what waits, and who halted what."""
    vitals = desk.parts.vitals()
    reader = desk.reader
    with desk.parts.database.reading() as session:
        waiting = backlog(session, desk.now)
        return desk.show(
            session,
            "system.html",
            "/system",
            figures=fleet_figures(session),
            unreadable=count_unreadable(session),
            quarantine=[(entry, reader.moment(entry.last_at)) for entry in quarantined(session)],
            backlog=waiting,
            oldest=None if waiting.oldest_due_at is None else reader.moment(waiting.oldest_due_at),
            halts=[(halt, reader.moment(halt.at)) for halt in halts(session, SHOWN)],
            notices=[(notice, reader.moment(notice.at)) for notice in notices(session, SHOWN)],
            schooling=schooling(standings(session), reader),
            promises=promises_sentence(promise_record(session)),
            problems=vitals.problems,
            complaints=[str(one) for one in desk.parts.complaints()],
            counters=[counter_words(name, float(value)) for name, value in vitals.counters],
        )
