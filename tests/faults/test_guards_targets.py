"""GRD-1 at every entry: the real command line and the real HTTP, given nobody, blanks and somebody unknown."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from agent.__main__ import app
from agent.desk.ticket import TicketState
from agent.diagnose.playbook import Autonomy
from agent.settings import read_settings
from agent.store.database import Database, open_database
from tests.agent.desk.office import Office, with_autonomy
from tests.builders import MINUTE, a_playbook
from tests.faults.verdict import Verdict
from tests.journeys.conftest import AMENDS, free_port, say

pytestmark = pytest.mark.slow

NOBODY = ("", "  ", "nobody", "*")
# One target a command: what goes into the braces is nobody. All run on a lived-in data directory.
ORDERS = (
    ("halt", "--why", "{}"),
    ("resume", "--why", "{}"),
    ("halt", "{}"),
    ("erase", "{}", "--yes"),
    ("export", "--out", "theirs.csv", "--device", "{}"),
    ("export", "--out", "theirs.zip", "--customer", "{}"),
    ("device", "revoke", "{}"),
    ("device", "rotate", "{}"),
    ("staff", "token", "{}"),
    ("staff", "token", "{}", "--revoke"),
    ("staff", "remove", "{}"),
    ("customers", "import", "{}"),
)
A_REASON = {
    ("halt", "--why", "nobody"),
    ("halt", "--why", "*"),
    ("resume", "--why", "nobody"),
    ("resume", "--why", "*"),
}
NOT_KEPT = ("scorecard", "--scenario", "{}", "--devices", "1", "--days", "0.1")
TICKETS = ("", "%20", "T-%20", "all", "T-999999", "1%2C2")
WHAT_MAY_NOT_CHANGE = (
    "command",
    "ticket",
    "story",
    "halt",
    "autonomy",
    "visit",
    "customer",
    "device",
    "erasure",
    "staff",
    "staff_token",
)


@dataclass(frozen=True, slots=True)
class House:
    """A data directory with one ticket that asks for approval, and one account."""

    data: Path
    database: Database
    password: str

    def rows(self) -> dict[str, object]:
        """Return all that an order could have changed."""
        with self.database.reading() as session:
            tables = session.connection().execute(text("select name from sqlite_master where type = 'table'")).scalars()
            known = sorted(set(tables) & set(WHAT_MAY_NOT_CHANGE))
            return {name: session.connection().execute(text(f"select * from {name}")).all() for name in known}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    password = say("staff", "add", "mira", data=data)["password"]
    database = open_database(read_settings(data=data).database)
    asking = with_autonomy(a_playbook(), restart=Autonomy.ASK)
    office = Office(database, playbooks={"frost-200": asking})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    assert office.ticket().state is TicketState.AWAITING_APPROVAL
    yield House(data, database, password)
    database.close()


@pytest.mark.fault("GRD-1", "every command that takes a target, given nobody, blanks, and somebody unknown")
def test_no_command_takes_nobody_for_everybody(house: House, verdict: Verdict) -> None:
    before = house.rows()
    said: dict[tuple[str, ...], int] = {}

    for order in ORDERS:
        for name in NOBODY:
            words = tuple(word.format(name) for word in order)
            if words not in A_REASON:
                said[words] = CliRunner().invoke(app, [*words, "--data", str(house.data)]).exit_code
    for name in ("", "nobody"):  # it says how lines are logged, so it gets a process of its own
        words = tuple(word.format(name) for word in NOT_KEPT)
        said[words] = subprocess.run([*AMENDS, *words], capture_output=True, check=False).returncode

    wrong = {words: code for words, code in said.items() if code not in {1, 2}}
    verdict.measure("orders on the command line", len(said))
    verdict.measure("orders that were not an error", len(wrong), most=0)
    assert not wrong
    assert house.rows() == before


@pytest.fixture
def web(house: House) -> Iterator[httpx.Client]:
    port = free_port()
    with (house.data / "console.log").open("wb") as log:
        console = subprocess.Popen(
            [*AMENDS, "console", "--port", str(port), "--data", str(house.data)], stdout=log, stderr=log
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and not _answers(client):
                time.sleep(0.1)
            yield client
    finally:
        console.terminate()
        console.wait(30)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/login").is_success
    except httpx.TransportError:
        return False


@pytest.mark.fault(
    "GRD-1", "every order of the API and every form of the console, given nobody, blanks, and a ticket unknown"
)
def test_no_request_takes_nobody_for_everybody(house: House, web: httpx.Client, verdict: Verdict) -> None:
    token = say("staff", "token", "mira", data=house.data)["token"]
    api = {"authorization": f"Bearer {token}"}
    before = house.rows()

    said: dict[str, int] = {}
    for ticket in TICKETS:
        for way in ("approve", "reject", "thaw", "notes", "remedies"):
            body = {"why": "w", "text": "t", "remedy": "restart"}
            answer = web.post(f"/api/v1/tickets/{ticket}/{way}", headers=api, json=body, follow_redirects=True)
            said[f"api {ticket}/{way}"] = answer.status_code
        change = {"state": "closed", "resolution": "over"}
        said[f"api {ticket}"] = web.patch(
            f"/api/v1/tickets/{ticket}", headers=api, json=change, follow_redirects=True
        ).status_code
        visit = {"ticket": ticket.replace("%20", " ")}
        said[f"api visit {ticket}"] = web.post("/api/v1/appointments", headers=api, json=visit).status_code
    for blank in ("", "  "):
        for way in ("halt", "resume"):
            said[f"api {way} {blank!r}"] = web.post(f"/api/v1/{way}", headers=api, json={"why": blank}).status_code
        said[f"api remedy {blank!r}"] = web.post(
            "/api/v1/tickets/T-1/remedies", headers=api, json={"remedy": blank}
        ).status_code
    said.update(_forms(web, house.password))

    wrong = {way: code for way, code in said.items() if not 400 <= code < 500}
    verdict.measure("orders over HTTP", len(said))
    verdict.measure("orders that were not an error", len(wrong), most=0)
    assert not wrong
    assert house.rows() == before


def _forms(web: httpx.Client, password: str) -> dict[str, int]:
    """Return how the console's forms answer, signed in; a ticket that is none is not found."""
    fields = {"form": _form_token(web.get("/login").text), "name": "mira", "password": password}
    assert web.post("/login", data=fields).status_code == 303
    token = _form_token(web.get("/tickets/T-1").text)
    ways = ("approve", "reject", "note", "take-over", "close", "reopen", "failed", "visited", "thaw", "try", "visit")
    said = {}
    for ticket in TICKETS:
        for way in ways:
            fields = {"form": token, "why": "w", "text": "t", "remedy": "restart"}
            answer = web.post(f"/tickets/{ticket}/{way}", data=fields, follow_redirects=True)
            said[f"form {ticket}/{way}"] = answer.status_code
    return said


def _form_token(page: str) -> str:
    return page.split('name="form" value="')[1].split('"', maxsplit=1)[0]
