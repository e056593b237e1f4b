"""The sending part of the agent as a process of its own, for tests that kill it.

``python -m tests.faults.sending DATABASE_URL BROKER_URL`` sends whatever is queued until it is ended.
"""

import asyncio
import sys

from agent.act.sender import Sender
from agent.clock import RealClock
from agent.store.database import open_database
from broker.address import parse_address
from broker.sessions import Session


async def send(database_url: str, broker_url: str) -> None:
    """Run a session and a sender on it."""
    database = open_database(database_url)
    session = Session(parse_address(broker_url), "agent-commands")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run(), name="session")
        tasks.create_task(Sender(database, session, RealClock()).run(), name="sender")


if __name__ == "__main__":
    asyncio.run(send(sys.argv[1], sys.argv[2]))
