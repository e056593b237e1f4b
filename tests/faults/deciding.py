"""The deciding part of the agent as a process of its own, for tests that kill it.

``python -m tests.faults.deciding DATABASE_URL DEVICES NOON`` looks at what is due, a minute after the other, with every
device off its normal, until it is ended. The clock goes on from what the database tells of last.
"""

import sys
from datetime import datetime

from sqlmodel import col, select

from agent.act.departures import claim
from agent.store.database import open_database
from agent.store.tables import StoryRow
from tests.agent.desk.office import Office
from tests.builders import MINUTE
from tests.faults.guarded_fleet import GuardedFleet
from tests.faults.test_guards import NEVER_ONE_CAUSE


def decide(database_url: str, devices: int, noon: datetime) -> None:
    """Work, a minute after the other; what is decided leaves at once, and nobody ever answers."""
    office = Office(open_database(database_url), policy=NEVER_ONE_CAUSE)
    with office.database.reading() as session:
        told = session.exec(select(StoryRow.at).order_by(col(StoryRow.at).desc()).limit(1)).first()
    office.clock.at = told or noon
    fleet = GuardedFleet(office, [f"frost-{number:04}" for number in range(1, devices + 1)])
    while True:
        fleet.later(MINUTE)
        with office.database.transaction() as session:
            claim(session, office.clock.at)
        sys.stdout.write(f"{office.clock.at.isoformat()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    decide(sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
