"""One ticket of each kind, and the moment at which the sample stands still."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.desk.ticket import TicketState
from agent.diagnose.playbook_file import default_dir, read_playbooks

NOW = datetime(2026, 9, 21, 14, 40, tzinfo=UTC)
PLAYBOOKS = read_playbooks(default_dir())
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket of the sample; instants are counted back from ``NOW``."""

    id: int
    device_id: str
    product: str
    fault: str | None
    probability: float
    state: TicketState
    opened: timedelta
    changed: timedelta
    explanation: str = ""
    fails_in: timedelta | None = None
    resolution: str = ""


CASES = (
    Case(1001, "frost-0003", "frost-200", "evaporator_iced", 0.91, TicketState.HEALED, 7 * HOUR, 2 * HOUR,
          "Ice on the evaporator is likely: it is colder at the evaporator, warmer inside, and the fan turns slower."),
    Case(1002, "bean-0002", "bean-9", "brew_temp_corrupted", 0.86, TicketState.AWAITING_APPROVAL, 50 * MINUTE,
          34 * MINUTE, "The brewing temperature setting was probably lost: water and boiler are colder.",
          26 * HOUR),
    Case(1003, "therm-0001", "therm-40", "circulation_pump_wear", 0.78, TicketState.VISIT_BOOKED, 9 * HOUR, 8 * HOUR,
          "The circulation pump is probably worn: less water flows, and supply and return drift apart.", 68 * HOUR),
    Case(1004, "volt-0001", "volt-12", "cells_unbalanced", 0.83, TicketState.VERIFYING, 3 * HOUR, 41 * MINUTE,
          "The cells are probably out of balance: the difference between them has grown."),
    Case(1005, "frost-0007", "frost-200", None, 0.0, TicketState.WITH_PERSON, 5 * HOUR, 4 * HOUR,
          "Nothing the playbook knows explains this: the fan current is higher, everything else is as usual."),
    Case(1006, "bean-0004", "bean-9", "water_empty", 0.94, TicketState.WITH_OWNER, 2 * HOUR, 2 * HOUR,
          "The water tank is very probably empty."),
    Case(1007, "frost-0002", "frost-200", "memory_leak", 0.97, TicketState.HEALED, 30 * HOUR, 27 * HOUR,
          "The controller was running out of memory."),
    Case(1008, "volt-0003", "volt-12", "soc_drift", 0.88, TicketState.HEALED, 52 * HOUR, 50 * HOUR,
          "The charge reading had drifted away from the voltage."),
    Case(1009, "frost-0001", "frost-200", "temp_sensor_drift", 0.55, TicketState.NOTICED, 6 * MINUTE, 4 * MINUTE,
          "A thermometer that is off is possible; another look comes in ten minutes."),
    Case(1010, "bean-0001", "bean-9", "group_clogged", 0.81, TicketState.CLOSED, 80 * HOUR, 70 * HOUR,
          resolution="Rinsed twice by the owner; flow is as it was in spring."),
    Case(1011, "bean-0003", "bean-9", "memory_leak", 0.95, TicketState.HEALED, 22 * HOUR, 21 * HOUR,
          "The controller was running out of memory."),
)  # fmt: skip
