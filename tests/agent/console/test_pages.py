import re
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.clock import ScaledClock
from agent.console.parts import ConsoleParts
from agent.decide.breaker import Breaker
from agent.desk.chart import Chart, Curve
from agent.store.breakers import Fuse, save_breaker
from agent.store.charts import save_chart
from agent.store.tables import DeviceRow, FindingRow, RatingRow, StoryRow, TicketRow
from tests.agent.console.curves import DrawnHealth
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor, visiting


async def test_the_queue_has_what_needs_a_person_on_top(mira: Visitor) -> None:
    await mira.get("/")

    text = mira.text()
    waiting, unhappy, busy, healed = (
        text.index(words) for words in ("Waiting for approval", "Unhappy owner", "Verifying", "T-1001")
    )
    assert waiting < unhappy < busy < healed


async def test_the_header_counts_what_needs_a_person(mira: Visitor) -> None:
    await mira.get("/devices")

    assert "Queue 3 need a person" in mira.text()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=evaporator", {"T-1001"}),
        ("q=T-1004", {"T-1004"}),
        ("q=1004", {"T-1004"}),
        ("state=needs", {"T-1002", "T-1005"}),
        ("state=healed", {"T-1001", "T-1007", "T-1008", "T-1011"}),
        ("device=frost-0003", {"T-1001"}),
        ("q=frost&state=noticed", {"T-1009"}),
        ("q=%25", set()),
    ],
)
async def test_a_search_finds_by_words_number_state_and_device(mira: Visitor, query: str, found: set[str]) -> None:
    await mira.get(f"/?{query}")

    assert {word for word in mira.text().split() if word.startswith("T-")} == found


async def test_a_long_list_is_turned_page_by_page(mira: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        row = session.get_one(TicketRow, 1010)
        kept = row.model_dump(exclude={"id"})
        session.add_all([TicketRow(**kept) for _ in range(60)])

    seen: list[str] = []
    path = "/?state=closed"
    while path:
        page = await mira.get(path)
        seen += [word for word in mira.text().split() if word.startswith("T-")]
        path = page.text.rpartition('">Older')[0].rpartition('href="')[2].replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 61


async def test_a_ticket_draws_the_curves_that_are_kept_and_no_other(parts: ConsoleParts) -> None:
    since = (NOW - timedelta(hours=7)).timestamp()
    with parts.database.transaction() as session:
        save_chart(session, 1001, Chart((since,), (Curve("fan_rpm", (1460.0,)),), (0.2,)))

    async with visiting(replace(parts, health=DrawnHealth(NOW))) as mira:  # nothing is in memory any more
        await mira.sign_in("mira")
        page = await mira.get("/tickets/T-1001")
        drawn = await mira.get("/tickets/T-1001/chart")

    assert re.findall(r'data-metric="(\w+)"', page.text) == [curve["metric"] for curve in drawn.json()["curves"]]


async def test_a_ticket_tells_its_whole_story_in_local_time(mira: Visitor) -> None:
    await mira.get(
        "/tickets/T-1001", cookie="zone=Europe/Berlin; " + "; ".join(f"{k}={v}" for k, v in mira.web.cookies.items())
    )

    text = mira.text()
    assert "Ice inside the freezer 91 %" in text
    for words in (
        "Not now: the device is in use",
        "Sent defrost",
        "Says it has defrosted",
        "Verified:",
        "Did not even notice",
    ):
        assert words in text
    assert "16:40" not in text
    assert "opened today, 09:40" in text


async def test_why_is_read_in_local_time_too(mira: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        row = session.get_one(TicketRow, 1005)
        row.explanation = "It has sent nothing since 2026-09-21 11:05 UTC, and did not say why."
        session.add(row)

    cookies = "; ".join(f"{name}={value}" for name, value in mira.web.cookies.items())
    await mira.get("/tickets/T-1005", cookie=f"zone=Europe/Berlin; {cookies}")

    assert "It has sent nothing since today, 13:05, and did not say why." in mira.text()


async def test_a_proposal_says_what_it_will_touch_before_anybody_approves(mira: Visitor) -> None:
    await mira.get("/tickets/T-1002")

    text = mira.text()
    assert "set_config(brew_temp_c=92.0)" in text
    assert "It touches one device, bean-0002, and no other." in text
    assert "For this fault it healed 3 of 4 devices." in text
    assert "The device is in use right now" in text


async def test_a_chart_draws_the_metrics_that_gave_it_away_and_the_moments_that_mattered(mira: Visitor) -> None:
    chart = (await mira.get("/tickets/T-1001/chart")).json()

    given_away = ["evaporator_temp_c", "cabinet_temp_c", "fan_rpm", "compressor_duty"]  # the last by the view alone
    assert [curve["metric"] for curve in chart["curves"]] == given_away
    assert [mark["text"] for mark in chart["marks"]] == ["noticed", "defrost", "verified"]
    assert chart["curves"][0]["usual"] == -26.1
    assert all(len(curve["values"]) == len(chart["at_s"]) for curve in chart["curves"])


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("frost-0003", "Normal"),
        ("frost-0004", "Warming up"),
        ("frost-0006", "Offline"),
        ("volt-0002", "Unknown: gap"),
        ("bean-0005", "Switched off"),
        ("bean-0002", "Off its normal"),
    ],
)
async def test_a_device_is_called_normal_only_with_evidence(mira: Visitor, device: str, words: str) -> None:
    await mira.get(f"/devices/{device}")

    assert f"{words} {device}" in mira.text()


async def test_a_device_lists_what_was_found_newest_first_without_a_ticket_too(
    mira: Visitor, parts: ConsoleParts
) -> None:
    warm = {"metric": "cabinet_temp_c", "share": 0.9, "z": 4.2, "value": -12.0, "usual": -18.2}
    with parts.database.transaction() as session:
        for hours in range(25):
            at = NOW - timedelta(hours=hours)
            because = [warm] if hours == 0 else []
            session.add(FindingRow(device_id="frost-0008", at=at, kind="onset", score=1.0, because=because))

    page = await mira.get("/devices/frost-0008")

    text = mira.text()
    assert page.text.count("Something changed:") == 20
    assert text.index("Change Today, 14:40 no ticket Something changed:") < text.index("Today, 13:40")
    assert "it is warmer inside than usual (−12.0 instead of −18.2 °C)" in text
    assert "No tickets." in text
    assert "Nothing has ever been wrong" not in text
    live = await mira.get("/devices/frost-0008/live")
    assert 'id="device-findings" hx-swap-oob="true"' in live.text


async def test_the_fleet_is_filtered_by_product_health_and_words(mira: Visitor) -> None:
    await mira.get("/devices?product=volt-12")
    assert {word for word in mira.text().split() if "-00" in word} == {"volt-0001", "volt-0002", "volt-0003"}

    await mira.get("/devices?health=offline")
    assert {word for word in mira.text().split() if "-00" in word} == {"frost-0006"}

    await mira.get("/devices?q=0005")
    assert {word for word in mira.text().split() if "-00" in word} == {"frost-0005", "bean-0005"}


async def test_the_mailbox_says_why_a_message_was_kept_back(mira: Visitor) -> None:
    await mira.get("/mailbox?state=withheld")

    assert "the owner has not noticed and did not ask to hear of fixes" in mira.text()


async def test_a_message_is_shown_in_a_frame_that_can_do_nothing(mira: Visitor) -> None:
    page = await mira.get("/mailbox/1")
    assert 'sandbox title="' in page.text

    preview = await mira.get("/mailbox/1/preview")
    assert "default-src 'none'" in preview.headers["content-security-policy"]
    assert "Ice had formed inside your freezer." in mira.text()


async def test_every_remedy_stands_beside_its_record(mira: Visitor) -> None:
    await mira.get("/remedies")

    assert "Healed 14 of 17" in mira.text()
    assert "Set by mira" in mira.text()


@pytest.mark.parametrize(
    ("sends", "facts"),
    [
        ("restart()", "Verified by"),
        ("recalibrate(sensor=cabinet_temp_c)", "What it changed cannot be set back."),
        (
            "set_config(setpoint_c=-18.0)",
            "Sets what the playbook says, whatever was set before, by its owner too. What it changed can be set back.",
        ),
    ],
)
async def test_what_a_remedy_may_cost_and_what_can_be_set_back_are_two_facts(
    mira: Visitor, sends: str, facts: str
) -> None:
    await mira.get("/remedies")

    assert f"Sends {sends} . Does no harm if done for nothing. {facts}" in mira.text()
    assert "undone" not in mira.text()


@pytest.mark.parametrize(
    "path",
    ["/tickets/T-9999", "/tickets/x", "/tickets/T-99999999999999999999", "/devices/nobody", "/mailbox/77", "/nowhere"],
)
async def test_what_does_not_exist_is_said_kindly(mira: Visitor, path: str) -> None:
    answer = await mira.get(path)

    assert answer.status_code == 404
    assert "Not Found" in mira.text()


async def test_an_empty_house_says_what_will_be_where(parts: ConsoleParts, mira: Visitor) -> None:
    with parts.database.transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        tables = TicketRow.metadata.sorted_tables
        for table in reversed([table for table in tables if table.name not in {"staff", "staff_token"}]):
            connection.execute(table.delete())

    for path, words in {
        "/": "Nothing waits for you.",
        "/devices": "No device has been seen yet.",
        "/mailbox": "No messages here.",
        "/ratings": "No ratings here yet.",
        "/system": "Nothing in quarantine.",
    }.items():
        assert (await mira.get(path)).status_code == 200
        assert words in mira.text()


async def test_a_scaled_clock_is_shown_on_every_page(parts: ConsoleParts) -> None:
    scaled = replace(parts, clock=ScaledClock(NOW, 0.0, 1e-9))
    async with visiting(scaled) as visitor:
        await visitor.sign_in("mira")

        await visitor.get("/devices")

        assert "Demonstration time, 1e-09 times as fast: Mon 14:40" in visitor.text()
        await visitor.get("/demo-clock")
        assert visitor.text() == "Demonstration time, 1e-09 times as fast: Mon 14:40 1e-09×"


HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\x1b[31m\"'><img src=x onerror=alert(1)>"


async def test_markup_and_templates_of_strangers_are_inert_on_every_page(mira: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        device = session.get_one(DeviceRow, "bean-0002")
        device.firmware = device.serial = HOSTILE
        device.birth = {"metrics": {HOSTILE: {"unit": HOSTILE}}, "commands": [HOSTILE], "context": [HOSTILE]}
        session.add(device)
        session.add(DeviceRow(id="zz<b>", product=HOSTILE, birth={}, first_seen_at=NOW, status_at=NOW))
        ticket = session.get_one(TicketRow, 1002)
        ticket.explanation = ticket.fault = ticket.owner = HOSTILE
        session.add(ticket)
        session.add(StoryRow(ticket_id=1002, at=NOW, kind="note", actor=HOSTILE, text=HOSTILE))
        session.add(
            FindingRow(
                device_id="bean-0002", ticket_id=1002, at=NOW, kind="event", score=0, code=HOSTILE, text=HOSTILE,
                because=[{"metric": HOSTILE, "share": 1.0, "z": 1.0, "value": 1.0, "usual": 1.0}],
            )
        )  # fmt: skip
        session.add(RatingRow(ticket_id=1002, score=1, comment=HOSTILE, source="device", at=NOW))

    for path in (
        "/",
        "/?q=coffee",
        "/tickets/T-1002",
        "/tickets/T-1002/live",
        "/devices",
        "/devices/bean-0002",
        "/ratings",
        "/system",
        "/mailbox",
    ):
        page = await mira.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "{{ 7*7 }}49" not in page.text
    assert "49" not in (await mira.get("/tickets/T-1002")).text.replace("1002", "").partition("7*7")[0][-3:]


@pytest.mark.parametrize("path", ["/?after=", "/mailbox?after=", "/ratings?after=", "/mailbox/"])
async def test_a_number_no_database_can_hold_is_no_failure_of_ours(mira: Visitor, path: str) -> None:
    assert (await mira.get(f"{path}{10**30}")).status_code == 422


@pytest.mark.parametrize("span", ["day", "week", "month", "year"])
async def test_a_devices_charts_go_as_far_back_as_is_chosen(mira: Visitor, span: str) -> None:
    page = await mira.get(f"/devices/frost-0003?span={span}")
    chart = (await mira.get(f"/devices/frost-0003/chart?span={span}")).json()

    assert f'/devices/frost-0003/chart?span={span}"' in page.text
    assert f'?span={span}" aria-current="page"' in page.text
    assert "fan_rpm" in [curve["metric"] for curve in chart["curves"]]
    assert all(len(curve["values"]) == len(chart["at_s"]) <= 721 for curve in chart["curves"])


async def test_a_span_nobody_offers_is_refused(mira: Visitor) -> None:
    assert (await mira.get("/devices/frost-0003?span=century")).status_code == 422


async def test_what_fails_soonest_is_on_top_and_what_is_healed_fails_no_more(
    mira: Visitor, parts: ConsoleParts
) -> None:
    with parts.database.transaction() as session:
        for ticket_id, hours in ((1005, 3), (1007, 1)):  # 1007 is healed, its owner unhappy
            row = session.get_one(TicketRow, ticket_id)
            row.fails_by = NOW + timedelta(hours=hours) if ticket_id == 1005 else NOW - timedelta(hours=hours)
            session.add(row)

    await mira.get("/")

    text = mira.text()
    assert text.index("T-1005") < text.index("T-1002") < text.index("T-1007")
    assert "the owner may notice by now" not in text
    await mira.get("/tickets/T-1007")
    assert "notice by now" not in mira.text()


async def test_no_count_is_shown_that_nobody_keeps(mira: Visitor) -> None:
    for path in ("/system", "/devices/volt-0002", "/metrics"):
        text = (await mira.get(path)).text
        assert "twice" not in text
        assert "messages_duplicated" not in text


async def test_a_remedy_shows_what_it_would_have_done_how_sure_its_record_is_and_where_it_is_stopped(
    parts: ConsoleParts, mira: Visitor
) -> None:
    with parts.database.transaction() as session:
        breaker = Breaker(is_open=True, changed_at=NOW, why="Of the last 5 it was sent to, 1 was healed.")
        save_breaker(session, Fuse("frost-200", "2.5.0", "defrost"), breaker)
    await mira.get("/remedies")

    assert "Likely between 63 and 93 %" in mira.text()
    assert "The agent would have sent it" in mira.text()
    assert "Stopped on firmware 2.5.0" in mira.text()


async def test_a_playbook_that_cannot_be_taken_up_is_complained_about_on_the_system_page(parts: ConsoleParts) -> None:
    broken = replace(parts, complaints=lambda: ("frost-200.yaml:12 faults: <is> missing",))
    async with visiting(broken) as visitor:
        await visitor.sign_in("mira")
        page = await visitor.get("/system")

        assert "cannot be taken up" in visitor.text()
        assert "frost-200.yaml:12 faults: &lt;is&gt; missing" in page.text
