"""What staff do (shell): forms in, one change each, and back to the page with a sentence about it."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from agent.care.clean import one_line, paragraphs
from agent.console.chrome import NOTE_COOKIE
from agent.console.gate import Caller, Known, Parts, StaffForm, seal_of
from agent.console.parts import ConsoleParts
from agent.console.problems import not_found
from agent.console.sessions import NOTE_S
from agent.console.staff_pages import ticket_number
from agent.console.words import full_sentence
from agent.desk.lessons import Word
from agent.desk.ticket import TicketState
from agent.diagnose.playbook import Autonomy
from agent.errors import PersonError
from agent.store.agreements import thaw_of
from agent.store.freezes import children_ids

router = APIRouter(include_in_schema=False)
_LONGEST = 4000  # characters, as the forms allow
_HALF = "Noted. It goes on once a second person agrees too."
_OTHERS = "These are not the devices you saw any more. Look at them again before you decide."


def _back(parts: ConsoleParts, path: str, change: Callable[[], object], done: str) -> Response:
    """Make the change and go back, saying that it is done or why not."""
    try:
        change()
        text, bad = done, False
    except PersonError as error:
        text, bad = full_sentence(str(error)), True
    return _said(parts, path, text, bad=bad)


def _said(parts: ConsoleParts, path: str, text: str, *, bad: bool) -> Response:
    answer = RedirectResponse(path, 303)
    note = seal_of(parts).write_note(text, bad=bad)
    answer.set_cookie(NOTE_COOKIE, note, max_age=NOTE_S, httponly=True, samesite="lax")
    return answer


def _why(form: Mapping[str, str]) -> str:
    """Return the reason somebody gave, without characters that would make it read as something else."""
    return one_line(form.get("why", ""), _LONGEST)


def _long(form: Mapping[str, str], name: str) -> str:
    return paragraphs(form.get(name, ""), _LONGEST)


def _word(form: Mapping[str, str]) -> Word:
    """Return what somebody says the fault was, and whether the device still did its work."""
    return Word(one_line(form.get("found", ""), _LONGEST), failed=form.get("works") == "no")


def _are_others(parts: ConsoleParts, ticket_id: int, seen: str) -> bool:
    """Whether other devices are held back than those on the page: nobody lets go what they have not seen."""
    with parts.database.reading() as session:
        children = children_ids(session, ticket_id)
    return bool(children) and thaw_of(ticket_id, children) != seen


@router.post("/tickets/{number}/approve")
def approve(parts: Parts, caller: Known, form: StaffForm, number: str) -> Response:
    """Let the proposed remedy run."""
    ticket_id, path = ticket_number(number), f"/tickets/{number}"
    try:
        ticket = parts.desk.approve(ticket_id, caller.staff.name, form.get("command", ""))
    except PersonError as error:
        return _said(parts, path, full_sentence(str(error)), bad=True)
    is_sent = ticket.state is TicketState.FIXING
    return _said(parts, path, "Approved." if is_sent else _HALF, bad=False)


@router.post("/tickets/{number}/reject")
def reject(parts: Parts, caller: Known, form: StaffForm, number: str) -> Response:
    """Refuse the proposed remedy."""
    ticket_id, path = ticket_number(number), f"/tickets/{number}"
    seen = form.get("command", "")
    return _back(parts, path, lambda: parts.desk.reject(ticket_id, caller.staff.name, _why(form), seen), "Rejected.")


Change = Callable[[ConsoleParts, Caller, int, Mapping[str, str]], object]
_CHANGES: Mapping[str, tuple[Change, str]] = {
    "note": (lambda parts, who, ticket, form: parts.desk.note(ticket, who.staff.name, _long(form, "text")), "Noted."),
    "take-over": (lambda parts, who, ticket, _form: parts.desk.take_over(ticket, who.staff.name), "It is yours now."),
    "close": (
        lambda parts, who, ticket, form: parts.desk.close(ticket, who.staff.name, _why(form), _word(form)),
        "Closed.",
    ),
    "reopen": (
        lambda parts, who, ticket, form: parts.desk.reopen(ticket, who.staff.name, _why(form)),
        "Reopened; the agent weighs it anew.",
    ),
    "visit": (lambda parts, who, ticket, _form: parts.desk.book_visit(ticket, who.staff.name), "A visit is booked."),
    "failed": (
        lambda parts, who, ticket, _form: parts.desk.report_failure(ticket, who.staff.name),
        "Taken down; the time left that was told is judged by it.",
    ),
    "visited": (
        lambda parts, who, _ticket, form: parts.desk.record_visit_result(
            ticket_number(form.get("visit", "")), who.staff.name, _long(form, "why"), _word(form)
        ),
        "Recorded; the device’s own signal now says whether it helped.",
    ),
}


@router.post("/tickets/{number}/thaw")
def thaw(parts: Parts, caller: Known, form: StaffForm, number: str) -> Response:
    """Let the devices go on that one ticket holds back."""
    ticket_id, path = ticket_number(number), f"/tickets/{number}"
    if _are_others(parts, ticket_id, form.get("matter", "")):
        return _said(parts, path, _OTHERS, bad=True)
    try:
        ticket = parts.desk.lift_freeze(ticket_id, caller.staff.name, _why(form))
    except PersonError as error:
        return _said(parts, path, full_sentence(str(error)), bad=True)
    is_over = ticket.state is TicketState.CLOSED
    return _said(parts, path, "They go on, each under the other guards." if is_over else _HALF, bad=False)


@router.post("/tickets/{number}/try")
def try_again(parts: Parts, caller: Known, form: StaffForm, number: str) -> Response:
    """Send a remedy of the ticket's fault once more."""
    ticket_id, path = ticket_number(number), f"/tickets/{number}"
    try:
        ticket = parts.desk.try_again(ticket_id, one_line(form.get("remedy", ""), _LONGEST), caller.staff.name)
    except PersonError as error:
        return _said(parts, path, full_sentence(str(error)), bad=True)
    is_sent = ticket.state is TicketState.FIXING
    return _said(parts, path, "It is on its way." if is_sent else _HALF, bad=False)


@router.post("/tickets/{number}/{action}")
def change_ticket(parts: Parts, caller: Known, form: StaffForm, number: str, action: str) -> Response:
    """Make one of the other changes staff can make."""
    if action not in _CHANGES:
        raise not_found(what="action")
    ticket_id = ticket_number(number)
    change, done = _CHANGES[action]
    return _back(parts, f"/tickets/{number}", lambda: change(parts, caller, ticket_id, form), done)


@router.post("/halt")
def halt(parts: Parts, caller: Known, form: StaffForm) -> Response:
    """Stop every automatic fix."""
    why = _why(form)
    return _back(parts, "/system", lambda: parts.desk.halt(caller.staff.name, why), "Every automatic fix is halted.")


@router.post("/resume")
def resume(parts: Parts, caller: Known, form: StaffForm) -> Response:
    """Let the agent act again."""
    why = _why(form) or "resumed from the console"
    return _back(parts, "/system", lambda: parts.desk.resume(caller.staff.name, why), "Fixes go on.")


@router.post("/remedies")
def set_autonomy(parts: Parts, caller: Known, form: StaffForm) -> Response:
    """Set how far the agent may go with a remedy."""
    if form.get("autonomy") not in set(Autonomy):
        return _said(parts, "/remedies", "Choose one of the levels.", bad=True)
    product, remedy, level = form.get("product", ""), form.get("remedy", ""), Autonomy(form["autonomy"])
    title = remedy.replace("_", " ").capitalize()
    try:
        done = parts.desk.set_autonomy(product, remedy, level, caller.staff.name, form.get("read", ""))
    except PersonError as error:
        return _said(parts, "/remedies", full_sentence(str(error)), bad=True)
    words = f"{title} is set." if done else f"Noted. {title} changes once a second person says the same within a day."
    return _said(parts, "/remedies", words, bad=False)
