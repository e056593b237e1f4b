"""Charts that span a gap say so: in the API, on a device's page and on a ticket's."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.console.gate import COOKIE
from agent.console.parts import ConsoleParts
from agent.console.sessions import Seal
from agent.store.losses import keep_loss
from agent.store.staff import add_token, find_staff
from agent.watch.losses import Loss
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor, visiting
from tests.agent.history.house import HistoryHouse
from tests.agent.listen.messages import sample

DEVICE = "frost-0001"


@pytest.fixture
def gapped(parts: ConsoleParts, tmp_path: Path) -> ConsoleParts:
    house = HistoryHouse(tmp_path / "history")
    begins_ms = int((NOW - timedelta(hours=1)).timestamp() * 1000)
    house.say(*(sample(DEVICE, seq, begins_ms + seq * 60_000) for seq in (1, 2, 9, 20)))
    house.write()
    return replace(parts, history=house.history)


@pytest.fixture
async def visitor(gapped: ConsoleParts) -> AsyncIterator[Visitor]:
    with gapped.database.reading() as session:
        staff = find_staff(session, "mira")
    assert staff is not None
    seal = Seal(gapped.secret)
    async with visiting(gapped) as somebody:
        cookie = seal.write(seal.new_session(staff.name, staff.session_salt))
        somebody.web.cookies.set(COOKIE, cookie, domain="testserver.local")
        yield somebody


async def test_a_devices_chart_shades_its_gaps_and_says_what_they_are(visitor: Visitor) -> None:
    drawn = (await visitor.get(f"/devices/{DEVICE}/chart?span=day")).json()

    assert [gap["missed"] for gap in drawn["gaps"]] == [6, 10]
    assert drawn["incomplete"].startswith("Data incomplete: 16 samples never came in 2 gaps, most of them between ")


async def test_charts_and_the_api_say_when_the_broker_dropped_messages_of_anybody(
    gapped: ConsoleParts, visitor: Visitor
) -> None:
    with gapped.database.transaction() as session:
        keep_loss(session, Loss(1204, NOW - timedelta(minutes=50), NOW - timedelta(minutes=40)))
        token = add_token(session, staff="mira", now=NOW)
        metric = next(iter(gapped.health.recent(DEVICE, None, None).metrics))

    drawn = (await visitor.get("/devices/frost-0003/chart?span=day")).json()
    both = (await visitor.get(f"/devices/{DEVICE}/chart?span=day")).json()
    told = await visitor.get(f"/api/v1/devices/{DEVICE}/history?metric={metric}", Authorization=f"Bearer {token}")

    begins_s = (NOW - timedelta(minutes=50)).timestamp()
    assert drawn["losses"] == [{"since_s": begins_s, "until_s": begins_s + 600}]
    assert drawn["incomplete"].startswith("The broker dropped 1,204 messages of all devices between ")
    assert drawn["incomplete"].endswith(": some may be of this one.")
    assert both["incomplete"].count("between") == 2  # its own gaps, and that
    assert [loss["messages"] for loss in told.json()["losses"]] == [1204]


async def test_a_chart_without_a_gap_says_nothing(visitor: Visitor) -> None:
    drawn = (await visitor.get("/devices/frost-0003/chart?span=day")).json()

    assert (drawn["gaps"], drawn["losses"], drawn["incomplete"]) == ([], [], "")


async def test_a_tickets_chart_says_where_its_devices_data_is_incomplete(visitor: Visitor) -> None:
    tickets = (await visitor.get(f"/devices/{DEVICE}")).text
    number = tickets.split("/tickets/T-")[1].split('"')[0]

    drawn = (await visitor.get(f"/tickets/T-{number}/chart")).json()

    assert sum(gap["missed"] for gap in drawn["gaps"]) == 16


async def test_the_api_gives_the_gaps_of_a_range(gapped: ConsoleParts, visitor: Visitor) -> None:
    with gapped.database.transaction() as session:
        token = add_token(session, staff="mira", now=NOW)
        metric = next(iter(gapped.health.recent(DEVICE, None, None).metrics))
    window = f"from={(NOW - timedelta(hours=2)).isoformat()}&to={NOW.isoformat()}".replace("+", "%2B")

    answer = await visitor.get(
        f"/api/v1/devices/{DEVICE}/history?metric={metric}&{window}", Authorization=f"Bearer {token}"
    )

    assert [gap["missed"] for gap in answer.json()["gaps"]] == [6, 10]
