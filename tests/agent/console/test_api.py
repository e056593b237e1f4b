from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from agent.console.parts import ConsoleParts
from agent.desk.ticket import TicketState
from agent.store.halts import is_halted
from agent.store.staff import add_token
from agent.store.tables import CommandRow
from agent.store.tickets import find_ticket
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor, visiting

API = "/api/v1"


@pytest.fixture
def scripted(stranger: Visitor, parts: ConsoleParts) -> httpx.AsyncClient:
    """A script with a token of a member of staff."""
    with parts.database.transaction() as session:
        token = add_token(session, staff="mira", now=NOW)
    stranger.web.headers["authorization"] = f"Bearer {token}"
    return stranger.web


@pytest.mark.parametrize(
    "path",
    [
        "/devices",
        "/devices/frost-0001",
        "/tickets",
        "/tickets/T-1001",
        "/ratings",
        "/appointments",
        "/customers/c-1",
        "/scorecard",
        "/stream",
    ],
)
async def test_without_a_token_there_is_only_a_problem(stranger: Visitor, path: str) -> None:
    answer = await stranger.web.get(API + path)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["Bearer nobody", "Bearer ", "Basic bWlyYTp4", "nonsense"])
async def test_a_token_that_is_nobodys_opens_nothing(mira: Visitor, token: str) -> None:
    assert (await mira.web.get(f"{API}/tickets", headers={"authorization": token})).status_code == 401


async def test_lists_are_turned_by_a_cursor(scripted: httpx.AsyncClient) -> None:
    for path, key in (("/devices", "id"), ("/tickets", "number"), ("/ratings", "ticket")):
        seen, after = [], None
        while True:
            params = {"limit": 2} if after is None else {"limit": 2, "after": after}
            page = (await scripted.get(API + path, params=params)).json()
            seen += [item[key] for item in page["items"]]
            after = page["next"]
            if after is None:
                break

        whole = (await scripted.get(API + path, params={"limit": 200})).json()["items"]
        assert seen == [item[key] for item in whole]
        assert len(seen) == len(set(seen))


async def test_tickets_are_found_by_state_device_and_words(scripted: httpx.AsyncClient) -> None:
    async def found(**params: str) -> set[str]:
        return {item["number"] for item in (await scripted.get(f"{API}/tickets", params=params)).json()["items"]}

    assert await found(state="awaiting_approval") == {"T-1002"}
    assert await found(device="frost-0003") == {"T-1001"}
    assert await found(q="evaporator") == {"T-1001"}
    assert (await scripted.get(f"{API}/tickets", params={"state": "nonsense"})).status_code == 422


async def test_a_ticket_comes_with_its_story_commands_and_what_can_be_done(scripted: httpx.AsyncClient) -> None:
    ticket = (await scripted.get(f"{API}/tickets/T-1002")).json()

    assert ticket["state"] == "awaiting_approval"
    assert ticket["commands"][0]["args"] == {"brew_temp_c": 92.0}
    assert {"approve", "reject"} <= set(ticket["can"])
    assert ticket["story"][0]["kind"] == "finding"


async def test_a_device_is_told_with_its_health_and_history(scripted: httpx.AsyncClient) -> None:
    device = (await scripted.get(f"{API}/devices/frost-0004")).json()
    assert device["health"]["health"] == "warming"

    window = {"metric": "fan_rpm", "from": "2026-09-21T10:00:00Z", "to": "2026-09-21T10:30:00Z"}
    history = (await scripted.get(f"{API}/devices/frost-0003/history", params=window)).json()
    assert len(history["at"]) == len(history["values"]) == 31
    assert history["unit"] == "rpm"
    assert history["grain"] == "samples"

    coarser = (await scripted.get(f"{API}/devices/frost-0003/history", params=window | {"points": "3"})).json()
    assert len(coarser["at"]) <= 4
    assert min(coarser["low"]) == min(history["values"])
    assert max(coarser["high"]) == max(history["values"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/devices/nobody", 404),
        ("/devices/frost-0003/history?metric=nothing", 404),
        ("/devices/frost-0003/history", 422),
        ("/devices/frost-0003/history?metric=fan_rpm&from=yesterday", 422),
        ("/devices/frost-0003/history?metric=fan_rpm&to=0001-01-01T00:00:00Z", 422),
        ("/devices/frost-0003/history?metric=fan_rpm&points=0", 422),
        ("/devices?limit=0", 422),
        ("/devices?limit=100000", 422),
        ("/tickets/T-9999", 404),
        ("/tickets/nonsense", 404),
        ("/customers/nobody", 404),
        ("/nothing", 404),
    ],
)
async def test_what_cannot_be_given_is_a_problem_document(scripted: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await scripted.get(API + path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.json().keys()


async def test_staff_work_by_script_as_on_the_page(scripted: httpx.AsyncClient, parts: ConsoleParts) -> None:
    noted = await scripted.post(f"{API}/tickets/T-1005/notes", json={"text": "seen"})
    assert noted.status_code == 201
    assert noted.json()["story"][-1]["text"] == "seen"

    taken = await scripted.patch(f"{API}/tickets/T-1005", json={"owner": "me"})
    assert taken.json()["owner"] == "mira"
    closed = await scripted.patch(f"{API}/tickets/T-1005", json={"state": "closed", "resolution": "fan replaced"})
    assert closed.json()["resolution"] == "fan replaced"
    again = await scripted.patch(f"{API}/tickets/T-1005", json={"state": "closed", "resolution": "again"})
    assert again.status_code == 409

    refused = await scripted.post(f"{API}/tickets/T-1002/approve")  # the machine is in use
    assert refused.status_code == 409
    rejected = await scripted.post(f"{API}/tickets/T-1002/reject", json={"why": "not now"})
    assert rejected.status_code == 200
    with parts.database.reading() as session:
        assert find_ticket(session, 1002).state is not TicketState.AWAITING_APPROVAL


async def test_a_script_may_say_which_proposal_it_has_read(scripted: httpx.AsyncClient, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:  # nobody is at the machine
        session.connection().exec_driver_sql("UPDATE device SET busy = 0")
    path = f"{API}/tickets/T-1002"

    for other in ({"command": "01K5OTHER"}, {"command": ""}):
        refused = await scripted.post(f"{path}/approve", json=other)
        assert refused.status_code == 409
        assert "not the one you saw" in refused.json()["detail"]
        assert (await scripted.post(f"{path}/reject", json={**other, "why": "no"})).status_code == 409
    approved = await scripted.post(f"{path}/approve", json={"command": "01K51002"})

    assert approved.status_code == 200
    assert approved.json()["state"] == "fixing"


async def test_without_a_word_on_which_a_script_approves_what_waits(
    scripted: httpx.AsyncClient, parts: ConsoleParts
) -> None:
    with parts.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE device SET busy = 0")

    approved = await scripted.post(f"{API}/tickets/T-1002/approve")

    assert approved.json()["state"] == "fixing"


async def test_a_proposal_past_its_time_is_not_offered(scripted: httpx.AsyncClient, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        proposed = session.get_one(CommandRow, "01K51002")
        proposed.not_after = NOW - timedelta(minutes=1)
        session.add(proposed)

    ticket = (await scripted.get(f"{API}/tickets/T-1002")).json()

    assert not {"approve", "reject"} & set(ticket["can"])


async def test_closing_may_say_what_it_was_and_a_fault_nobody_has_is_refused(scripted: httpx.AsyncClient) -> None:
    change = {"state": "closed", "resolution": "mended"}

    refused = await scripted.patch(f"{API}/tickets/T-1005", json={**change, "found": "ghosts"})
    closed = await scripted.patch(f"{API}/tickets/T-1005", json={**change, "found": "unknown", "failed": True})

    assert refused.status_code == 422
    assert closed.json()["state"] == "closed"
    assert any(entry["text"] == "It was something else." for entry in closed.json()["story"])


@pytest.mark.parametrize(
    "body", [{}, {"state": "healed"}, {"state": "closed", "owner": "me"}, {"owner": "tom"}, {"probability": 1}]
)
async def test_a_change_that_is_none_of_ours_is_refused(scripted: httpx.AsyncClient, body: dict[str, str]) -> None:
    assert (await scripted.patch(f"{API}/tickets/T-1005", json=body)).status_code == 422


async def test_the_kill_switch_works_by_script(scripted: httpx.AsyncClient, parts: ConsoleParts) -> None:
    assert (await scripted.post(f"{API}/halt", json={})).status_code == 422
    assert (await scripted.post(f"{API}/halt", json={"why": "test"})).json() == {"halted": True}
    with parts.database.reading() as session:
        assert is_halted(session)
    assert (await scripted.post(f"{API}/resume", json={"why": "over"})).json() == {"halted": False}


async def test_a_visit_is_booked_once(scripted: httpx.AsyncClient) -> None:
    first = await scripted.post(f"{API}/appointments", json={"ticket": "T-1005"})
    again = await scripted.post(f"{API}/appointments", json={"ticket": "T-1005"})

    assert first.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert {visit["ticket"] for visit in (await scripted.get(f"{API}/appointments")).json()["items"]} == {
        "T-1003",
        "T-1005",
    }
    assert (await scripted.post(f"{API}/appointments", json={"ticket": "T-1010"})).status_code == 409


async def test_a_session_may_use_the_api_but_another_sites_page_may_not(mira: Visitor, parts: ConsoleParts) -> None:
    assert (await mira.web.get(f"{API}/tickets")).status_code == 200

    forged = await mira.web.post(f"{API}/halt", json={"why": "forged"}, headers={"origin": "https://evil.example"})

    assert forged.status_code == 403
    with parts.database.reading() as session:
        assert not is_halted(session)


async def test_a_viewers_token_changes_nothing(stranger: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        token = add_token(session, staff="tom", now=NOW)

    answer = await stranger.web.post(f"{API}/halt", json={"why": "x"}, headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 403


async def test_the_api_describes_itself(stranger: Visitor) -> None:
    described = (await stranger.web.get("/api/openapi.json")).json()

    promised = {
        "/devices", "/devices/{device_id}", "/devices/{device_id}/history", "/tickets", "/tickets/{number}",
        "/tickets/{number}/notes", "/tickets/{number}/approve", "/tickets/{number}/reject", "/ratings", "/appointments",
        "/customers/{customer_id}", "/halt", "/resume", "/stream",
    }  # fmt: skip
    assert {API + path for path in promised} <= described["paths"].keys()
    assert not any(path.startswith(("/login", "/rate", "/tickets")) for path in described["paths"])


async def test_supervisors_need_no_login(stranger: Visitor) -> None:
    assert (await stranger.web.get("/livez")).status_code == 200
    assert (await stranger.web.get("/readyz")).json() == {"ready": True, "problems": []}

    figures = (await stranger.web.get("/metrics")).text
    assert "amends_tickets_needing_a_person 3.0" in figures
    assert "frost-0003" not in figures


async def test_the_scorecard_kept_last_is_given_and_none_is_said_to_be_none(
    parts: ConsoleParts, tmp_path: Path
) -> None:
    with parts.database.transaction() as session:
        token = add_token(session, staff="mira", now=NOW)
    async with visiting(replace(parts, scorecard=tmp_path / "scorecard.json")) as visitor:
        visitor.web.headers["authorization"] = f"Bearer {token}"
        missing = await visitor.web.get(f"{API}/scorecard")
        (tmp_path / "scorecard.json").write_text('{"agent": {"harmful": 0}}', encoding="utf-8")
        kept = await visitor.web.get(f"{API}/scorecard")

    assert missing.status_code == 404
    assert "amends scorecard --data" in missing.json()["detail"]
    assert kept.json() == {"agent": {"harmful": 0}}
