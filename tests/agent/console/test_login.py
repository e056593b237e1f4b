import asyncio

import pytest

from agent.console.login import safe_next
from agent.console.parts import ConsoleParts
from agent.store.staff import remove_staff, set_password
from tests.agent.console.sample import PASSWORD
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor

PAGES = (
    "/",
    "/tickets/T-1001",
    "/devices",
    "/devices/frost-0001",
    "/mailbox",
    "/mailbox/1",
    "/mailbox/1/preview",
    "/ratings",
    "/remedies",
    "/system",
)


@pytest.mark.parametrize("path", PAGES)
async def test_a_stranger_sees_no_staff_page(stranger: Visitor, path: str) -> None:
    answer = await stranger.web.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


async def test_signing_in_leads_to_where_one_wanted_to_go(stranger: Visitor) -> None:
    await stranger.get("/tickets/T-1001")

    answer = await stranger.send("/login", name="mira", password=PASSWORD)

    assert answer.url.path == "/tickets/T-1001"


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nSet-Cookie: a=b"]
)
def test_signing_in_never_leads_to_another_site(path: str) -> None:
    assert safe_next(path) == "/"


async def test_a_wrong_password_and_an_unknown_name_get_the_same_sentence(stranger: Visitor) -> None:
    await stranger.sign_in("mira", "wrong")
    wrong = stranger.text().replace("mira", "")

    await stranger.sign_in("nobody", "wrong")

    assert stranger.text().replace("nobody", "") == wrong
    assert "Name and password do not match." in wrong


async def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(stranger: Visitor) -> None:
    for _ in range(5):
        await stranger.sign_in("mira", "wrong")

    answer = await stranger.sign_in("mira")

    assert answer.status_code == 429
    assert "Too many attempts. Try again in 5 minutes." in stranger.text()


async def test_signing_in_gives_a_session_nobody_knew_before(stranger: Visitor) -> None:
    await stranger.get("/login")
    before = stranger.web.cookies["amends_session"]

    await stranger.send("/login", name="mira", password=PASSWORD)

    assert stranger.web.cookies["amends_session"] != before
    stranger.web.cookies.set("amends_session", before)
    assert (await stranger.web.get("/")).status_code == 303


async def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Visitor) -> None:
    answer = await stranger.web.get("/login")

    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_a_session_somebody_has_changed_is_none(mira: Visitor) -> None:
    cookie = mira.web.cookies["amends_session"]
    mira.web.cookies.delete("amends_session")
    mira.web.cookies.set("amends_session", cookie[:-2] + "xx")

    assert (await mira.web.get("/")).status_code == 303


async def test_signing_out_ends_a_copy_of_the_session_too(mira: Visitor) -> None:
    copy = mira.web.cookies["amends_session"]
    await mira.get("/")

    await mira.send("/logout")

    mira.web.cookies.set("amends_session", copy)
    assert (await mira.web.get("/")).status_code == 303


async def test_a_new_password_ends_every_session(mira: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        set_password(session, name="mira", password="another long one", now=NOW)

    assert (await mira.web.get("/")).status_code == 303


async def test_a_removed_account_ends_every_session(mira: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        remove_staff(session, "mira")

    assert (await mira.get("/")).url.path == "/login"


async def test_a_form_without_this_sessions_token_changes_nothing(mira: Visitor) -> None:
    answer = await mira.web.post("/halt", data={"why": "forged", "form": "guessed"})

    assert answer.status_code == 403
    assert "Halted" not in (await mira.get("/")).text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
    ],
)
async def test_a_form_another_site_sends_is_refused(mira: Visitor, headers: dict[str, str]) -> None:
    await mira.get("/")

    answer = await mira.send("/halt", headers, why="forged")

    assert answer.status_code == 403


async def test_a_viewer_sees_everything_and_is_offered_no_change(stranger: Visitor) -> None:
    await stranger.sign_in("tom")

    for path in PAGES:
        assert (await stranger.get(path)).status_code == 200
        assert {form.action for form in stranger.forms()} <= {"/", "/devices", "/logout"}


@pytest.mark.parametrize(
    "path",
    [
        "/halt",
        "/resume",
        "/remedies",
        "/tickets/T-1002/approve",
        "/tickets/T-1002/reject",
        "/tickets/T-1002/note",
        "/tickets/T-1002/close",
    ],
)
async def test_a_viewer_can_change_nothing_by_hand_either(stranger: Visitor, path: str) -> None:
    await stranger.sign_in("tom")
    token = stranger.form("/logout").fields["form"]

    answer = await stranger.web.post(path, data={"form": token, "why": "because", "text": "because"})

    assert answer.status_code == 403


async def test_every_answer_carries_the_headers_that_keep_a_browser_safe(mira: Visitor) -> None:
    for path in ("/", "/login", "/nowhere", "/static/console.js", "/api/v1/tickets"):
        headers = (await mira.web.get(path)).headers

        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


async def test_attempts_made_at_the_same_moment_are_counted_too(stranger: Visitor) -> None:
    await stranger.get("/login")
    data = {**stranger.form("/login").fields, "name": "mira", "password": "wrong"}

    answers = await asyncio.gather(*(stranger.web.post("/login", data=data) for _ in range(12)))

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def test_a_flood_of_bytes_is_refused(mira: Visitor) -> None:
    await mira.get("/tickets/T-1005")

    answer = await mira.send("/tickets/T-1005/note", text="x" * 1_000_000)

    assert answer.status_code == 413
