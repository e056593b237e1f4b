"""The deciding part of the agent as a process of its own, for tests that kill it.

``python -m tests.faults.deciding DATABASE_URL DEVICES NOON BEGAN_S`` looks at what is due, again and again and with
every device off its normal, until it is ended. It is ``NOON`` at ``BEGAN_S``, in Unix seconds, and a minute passes in a
second: all such processes have one clock, as those of one machine do.
"""

import sys
import time
from datetime import datetime, timedelta

from agent.act.departures import claim
from agent.store.database import open_database
from tests.agent.desk.office import Office
from tests.faults.guarded_fleet import GuardedFleet
from tests.faults.test_guards import NEVER_ONE_CAUSE

PAUSE_S = 0.2


def decide(database_url: str, devices: int, noon: datetime, began_s: float) -> None:
    """Work, again and again; what is decided leaves at once, and nobody ever answers."""
    office = Office(open_database(database_url), policy=NEVER_ONE_CAUSE)
    fleet = GuardedFleet(office, [f"frost-{number:04}" for number in range(1, devices + 1)])

    def now() -> datetime:
        return noon + timedelta(minutes=time.time() - began_s)

    while True:
        office.clock.at = now()
        fleet.see()
        office.work()
        with office.database.transaction() as session:
            claim(session, now())
        sys.stdout.write(f"{office.clock.at.isoformat()}\n")
        sys.stdout.flush()
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    decide(sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), float(sys.argv[4]))
