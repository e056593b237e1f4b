"""The mail server gone for an hour: what is to be said waits, and goes out once when it is back."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Final

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from agent.care.mail import Mail
from agent.service.invitation import Person
from agent.store.database import open_database
from agent.store.outbox import EffectKind, put
from tests.conftest import RealBroker
from tests.faults.agent_process import an_agent, free_port
from tests.faults.conftest import Effort
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

HOUR_S: Final = 3_600.0


class PostOffice:
    """Keeps the id of every mail it takes."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        self.taken.append(str(message_from_bytes(envelope.original_content or b"")["Message-ID"]))
        return "250 OK"


@asynccontextmanager
async def serving(office: PostOffice, port: int) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(office, hostname="localhost", loop=loop), "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 2)


@pytest.mark.fault("NET-2", "the mail server down for an hour of a quick clock, while mails go on being decided")
async def test_mail_waits_for_its_server_and_goes_out_once(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    speed, count = effort.of(quick=900, full=120), effort.of(quick=20, full=200)
    port, office = free_port(), PostOffice()
    settings = {
        "smtp_url": f"smtp://127.0.0.1:{port}",
        "clock_origin": datetime.now(UTC).isoformat(),
        "clock_wall_origin_s": time.time(),
        "clock_speed": speed,
    }
    async with an_agent(tmp_path / "data", own_broker.agent_address, **settings) as agent:
        await agent.start()
        database = open_database(f"sqlite:///{tmp_path / 'data' / 'amends.sqlite3'}")
        down_s, most_waiting = HOUR_S / speed, 0.0
        for number in range(count):
            at = datetime.now(UTC)
            mail = Mail(f"T-{number}", Person("Zoë", "zoe@example.org"), "en", "Good news", "text", "<p>html</p>", at)
            with database.transaction() as session:
                payload = msgspec.to_builtins(mail)
                put(session, kind=EffectKind.MAIL, key=f"mail:T-{number}", payload=payload, due_at=at)
            await asyncio.sleep(down_s / count)
            figures = agent.figures()
            most_waiting = max(most_waiting, figures["outbox_waiting"])
        database.close()
        while_down = len(office.taken)
        failing = agent.figures()["outbox_failing"]
        async with serving(office, port):
            began_s = time.monotonic()
            await agent.until(lambda: len(office.taken) >= count, 120 + 2 * down_s)
            drained_s = time.monotonic() - began_s
            await asyncio.sleep(2)
        waiting = agent.figures()["outbox_waiting"]
        ready = agent.is_ready()
        assert await agent.stop() == 0

    verdict.measure("down", HOUR_S / 60, "minutes of the agent's clock", least=60)
    verdict.measure("mails decided meanwhile", count)
    verdict.measure("taken while it was down", while_down, most=0)
    verdict.measure("most due and not sent", most_waiting, least=1)
    verdict.measure("tried before, at the end", failing)
    verdict.measure("drained within", drained_s * speed / 60, "minutes of the agent's clock", most=120)
    verdict.measure("waiting at the end", waiting, most=0)
    verdict.measure("never came", count - len(set(office.taken)), most=0)
    verdict.measure("came twice", sum(times - 1 for times in Counter(office.taken).values()), most=0)
    verdict.measure("ready all the while", ready, least=1)
    verdict.note(f"the agent's clock runs {speed} times as fast; the server's ends of connections are real")
    verdict.note("there is no sender of webhooks and no login provider yet: nothing of theirs can be down")
