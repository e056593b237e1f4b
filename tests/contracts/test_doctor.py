"""The doctor on a real house with a real broker and a real agent: well when it is, and each damage found by name."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.desk.ticket import StoryKind
from agent.house import House, open_house, read_secret
from agent.settings import read_settings
from agent.store.devices import know_device
from agent.store.outbox import EffectKind, put
from agent.store.tickets import Line, open_ticket, tell
from broker.configuration import CONFIG_FILE
from tests.conftest import RealBroker
from tests.faults.agent_process import an_agent, free_port

pytestmark = pytest.mark.slow


def ask(data: Path, **settings: object) -> tuple[int, list[dict[str, Any]]]:
    """Run ``amends doctor`` and return its exit code and what it found."""
    given = {f"AMENDS_{name.upper()}": str(value) for name, value in settings.items()}
    answer = subprocess.run(
        [sys.executable, "-m", "agent", "doctor", "--json", "--data", str(data)],
        env={**os.environ, "AMENDS_CONSOLE_PORT": str(free_port()), **given},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.stdout, answer.stderr
    return answer.returncode, json.loads(answer.stdout)["checks"]


def failures(checks: list[dict[str, Any]]) -> list[str]:
    return [check["says"] for check in checks if check["grade"] == "fail"]


@contextmanager
def a_house(broker: RealBroker) -> Iterator[House]:
    """Make a house of the data directory the broker runs on."""
    house = open_house(read_settings(data=broker.folder.parent))
    house.data.chmod(0o700)
    read_secret(house.data)
    try:
        yield house
    finally:
        house.database.close()


async def test_a_running_agent_is_well_and_its_queues_are_looked_at(own_broker: RealBroker, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with an_agent(data, own_broker.agent_address) as agent:
        await agent.start()

        code, checks = ask(data, broker_url=own_broker.agent_address.url_with_password(), console_port=agent.port)

    assert failures(checks) == []
    assert code == 0
    queues = [check["says"] for check in checks if check["part"] == "queues"]
    assert "0 messages wait for the models" in queues
    assert {check["part"] for check in checks} == {"broker", "storage", "records", "clock", "queues"}


async def test_our_own_broker_is_compared_with_what_is_needed(own_broker: RealBroker) -> None:
    with a_house(own_broker) as house:
        assert failures(ask(house.data)[1]) == []

        config = own_broker.folder / CONFIG_FILE
        config.write_text(config.read_text().replace("max_queued_messages 0", "max_queued_messages 1000"))
        code, checks = ask(house.data)

    assert code == 1
    assert any("max_queued_messages is 1000" in says for says in failures(checks))


def open_to_all(house: House) -> None:
    (house.data / "secret.key").chmod(0o644)


def bits_flipped_in_the_journal(house: House) -> None:
    segments = sorted((house.data / "journal").glob("*"))
    damaged = bytearray(segments[0].read_bytes() if segments else b"")
    damaged[:8] = b"no such!"
    segments[0].write_bytes(damaged)


def snapshots_cut_short(house: House) -> None:
    for path in (house.data / "snapshots").glob("*.snapshot"):
        path.write_bytes(path.read_bytes()[:-10])


def a_record_of_tomorrow(house: House) -> None:
    now = house.clock.now() + timedelta(days=1)
    with house.database.transaction() as session:
        know_device(session, "frost-0001", now=now)
        ticket = open_ticket(session, device_id="frost-0001", product="", playbook_version="1", now=now)
        tell(session, ticket.id, Line(now, StoryKind.NOTE, "Written tomorrow."))


def mail_of_yesterday(house: House) -> None:
    with house.database.transaction() as session:
        due_at = house.clock.now() - timedelta(days=1)
        put(session, kind=EffectKind.MAIL, key="mail:T-1:fixed", payload={}, due_at=due_at)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (open_to_all, "others may read"),
        (bits_flipped_in_the_journal, "the journal cannot be read"),
        (snapshots_cut_short, "no snapshot of the models can be read"),
        (a_record_of_tomorrow, "the clock went back"),
        (mail_of_yesterday, "1 messages wait to be sent"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_each_damage_is_found_and_named(
    own_broker: RealBroker, damage: Callable[[House], None], words: str
) -> None:
    with a_house(own_broker) as house:
        async with an_agent(house.data, own_broker.agent_address, database_url=house.settings.database) as agent:
            await agent.start()
            assert await agent.stop() == 0
        damage(house)

        code, checks = ask(house.data)

    assert code == 1
    assert any(words in says for says in failures(checks))
    assert all(check["advice"] for check in checks if check["grade"] == "fail")


async def test_a_broker_that_does_not_run_is_a_failure(own_broker: RealBroker) -> None:
    with a_house(own_broker) as house:
        await own_broker.mosquitto.stop()

        code, checks = ask(house.data)

    assert code == 1
    assert "no broker runs on this data directory" in failures(checks)
