"""From a simulated appliance through a real mosquitto to a rated ticket: one journey per product and kind of fault."""

from http import HTTPStatus
from typing import Any

import pytest

from tests.journeys.conftest import Town

pytestmark = pytest.mark.slow


def verbs_sent(ticket: Any, *, but: str | None = None) -> list[str]:
    sent = [command for command in ticket["commands"] if command["sent_at"] is not None]
    return [command["verb"] for command in sent if command["state"] != but]


def kinds(ticket: Any) -> set[str]:
    return {entry["kind"] for entry in ticket["story"]}


@pytest.mark.parametrize(
    ("product", "fault", "verb"),
    [
        ("frost-200", "evaporator_iced", "defrost"),
        ("bean-9", "group_clogged", "rinse"),
        ("therm-40", "memory_leak", "restart"),
        ("volt-12", "cells_unbalanced", "balance"),
    ],
)
def test_a_device_heals_itself_proves_it_and_is_rated_with_no_person_involved(
    town: Town, product: str, fault: str, verb: str
) -> None:
    ticket = town.wait(product, fault, lambda ticket: ticket["score"] is not None)

    assert ticket["state"] == "healed"
    assert verbs_sent(ticket) == [verb]
    assert {"finding", "diagnosis", "move", "command", "answer", "outcome", "message", "rating"} <= kinds(ticket)
    assert {entry["actor"] for entry in ticket["story"]} <= {"agent", "device", "owner"}


@pytest.mark.parametrize(
    ("product", "fault", "verb"),
    [
        ("frost-200", "setpoint_corrupted", "set_config"),
        ("bean-9", "brew_temp_corrupted", "set_config"),
        ("therm-40", "flow_sensor_drift", "recalibrate"),
        ("volt-12", "soc_drift", "recalibrate"),
    ],
)
def test_a_remedy_that_waits_for_a_person_heals_once_approved(town: Town, product: str, fault: str, verb: str) -> None:
    waiting = town.wait(product, fault, lambda ticket: "approve" in ticket["can"])
    assert verbs_sent(waiting) == []

    def healed_once_approved(ticket: Any) -> bool:
        if ticket["number"] == waiting["number"] and "approve" in ticket["can"]:
            # "Not now" holds for staff too, and a machine in use may refuse: then they are asked again.
            answer = town.api.post(f"/tickets/{ticket['number']}/approve")
            assert answer.status_code in {HTTPStatus.OK, HTTPStatus.CONFLICT}, answer.text
        return bool(ticket["state"] == "healed")

    healed = town.wait(product, fault, healed_once_approved)
    assert healed["number"] == waiting["number"]
    assert verbs_sent(healed, but="rejected") == [verb]


@pytest.mark.parametrize(
    ("product", "fault"),
    [
        ("frost-200", "fan_bearing_wear"),
        ("bean-9", "pump_scaled"),
        ("therm-40", "circulation_pump_wear"),
        ("volt-12", "dying_cell"),
    ],
)
def test_what_the_device_cannot_mend_gets_a_visit_and_no_command(town: Town, product: str, fault: str) -> None:
    ticket = town.wait(product, fault, lambda ticket: {"visit", "message"} <= kinds(ticket))

    visits = town.get("/appointments")["items"]
    assert any(visit["ticket"] == ticket["number"] for visit in visits)
    assert verbs_sent(ticket) == []


@pytest.mark.parametrize(("product", "fault"), [("frost-200", "door_left_open"), ("bean-9", "water_empty")])
def test_what_the_owner_can_put_right_is_told_and_closed_once_it_is(town: Town, product: str, fault: str) -> None:
    ticket = town.wait(product, fault, lambda ticket: ticket["state"] == "closed")

    assert "message" in kinds(ticket)
    assert verbs_sent(ticket) == []
    assert "put right by hand" in ticket["resolution"]


@pytest.mark.parametrize(
    ("product", "fault"),
    [
        ("frost-200", "heat_wave"),
        ("bean-9", "new_router"),
        ("therm-40", "new_router"),
        ("volt-12", "heat_wave"),
    ],
)
def test_what_only_looks_like_a_fault_is_left_alone_and_nobody_hears_of_it(
    town: Town, product: str, fault: str
) -> None:
    ticket = town.wait(product, fault, lambda ticket: ticket["state"] == "closed")

    assert ticket["resolution"] == "It is no fault, and nothing needs doing."
    tickets = town.tickets_of(product, fault)
    assert not any(ticket["commands"] or "message" in kinds(ticket) for ticket in tickets)


@pytest.mark.parametrize("product", ["frost-200", "bean-9", "therm-40", "volt-12"])
def test_a_device_that_is_off_on_purpose_is_left_in_peace(town: Town, product: str) -> None:
    town.wait("frost-200", "evaporator_iced", lambda ticket: ticket["score"] is not None)  # late enough to judge

    tickets = town.tickets_of(product, "off_on_purpose")
    assert not any(ticket["commands"] or "message" in kinds(ticket) for ticket in tickets)
    assert [ticket for ticket in tickets if ticket["state"] in {"with_person", "awaiting_approval"}] == []
