from datetime import UTC, datetime, timedelta

from agent.desk.ticket import Story, StoryKind, Ticket, TicketState
from agent.scorecard.ledger import Ledger, Tale
from agent.scorecard.stories import stories
from device_sim.ailments import Ended, Lived
from device_sim.faults import FaultKind
from device_sim.truth import Deed, Visited
from tests.agent.scorecard.told import Told

DAY_S = 86_400.0
BEGAN_S = datetime(2026, 1, 15, tzinfo=UTC).timestamp()
ENDS_S = BEGAN_S + 10 * DAY_S


def a_trouble(how: Ended = Ended.REPAIRED, *, noticed_s: float | None = None) -> Lived:
    return Lived(
        "pump_worn", FaultKind.HEALABLE, BEGAN_S, noticed_s, BEGAN_S + 2 * DAY_S, how, would_notice_s=BEGAN_S + DAY_S
    )


def a_tale(*hours: float, device_id: str = "d-1") -> Tale:
    at = [datetime.fromtimestamp(BEGAN_S, UTC) + timedelta(hours=hour) for hour in hours]
    ticket = Ticket(7, device_id, "heat-6", "flow_meter_off", 0.9, TicketState.CLOSED, at[0], at[-1], "1")
    said = (Story(nth, 7, when, StoryKind.NOTE, "agent", f"hour {hours[nth]:g}") for nth, when in enumerate(at))
    return Tale(ticket, tuple(said))


def test_a_fault_that_was_felt_is_told_with_what_its_tickets_said_meanwhile() -> None:
    felt = a_trouble(noticed_s=BEGAN_S + DAY_S)
    ledger = Ledger(tales=[a_tale(3, 100), a_tale(4, device_id="d-2")])

    told = stories(Told(felt), ledger, ENDS_S)

    assert "## Not put right in time: 1" in told
    assert "d-1: pump_worn (healable) from 01-15 00:00" in told
    assert "hour 3" in told
    assert "hour 100" not in told  # long after it was over
    assert "hour 4" not in told  # of another device


def test_what_went_right_is_not_told() -> None:
    right = Deed("d-1", BEGAN_S + 60, "restart", "pump_worn", right=True, acted=True, harmed=False, repeated=False)
    mended = Visited("d-1", BEGAN_S + 60, "pump_worn", mended=True)

    told = stories(Told(a_trouble(), deeds=[right], visited=[mended]), Ledger(tales=[a_tale(3)]), ENDS_S)

    assert told.count(": 0\n") == 5
    assert "hour 3" not in told


def test_a_wrong_command_says_what_was_truly_the_matter_even_if_nothing_was() -> None:
    during = Deed(
        "d-1", BEGAN_S + DAY_S, "set_config", "pump_worn", right=False, acted=True, harmed=True, repeated=False
    )
    after = Deed("d-1", BEGAN_S + 3 * DAY_S, "restart", None, right=False, acted=True, harmed=False, repeated=False)

    one = stories(Told(a_trouble(), deeds=[during]), Ledger(), ENDS_S)
    other = stories(Told(a_trouble(), deeds=[after]), Ledger(), ENDS_S)

    assert "d-1: set_config at 01-16 00:00; truly pump_worn (healable)" in one
    assert "## Commands that did harm: 1" in one
    assert "d-1: restart at 01-18 00:00; truly nothing; last pump_worn (healable) until 01-17 00:00" in other


def test_matters_are_told_whole_and_in_order_calls_about_no_ticket_included() -> None:
    ledger = Ledger(tales=[a_tale(3, 200)], touched={"T-7", "call about d-1 at 2026-01-16"})

    told = stories(Told(), ledger, ENDS_S)

    assert "## Matters a person had to touch: 2" in told
    assert told.index("T-7, opened at 01-15 03:00; truly nothing") < told.index("call about d-1")
    assert "hour 200" in told
