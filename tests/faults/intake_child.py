"""A process that runs the hot path alone, to be killed by tests: ``python -m tests.faults.intake_child URL DIR``.

It writes a line a fact (offset, device, kind) to ``DIR/facts`` and says ``connected`` on standard output.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.clock import RealClock
from agent.health.fleet import Fleet
from agent.health.keeper import Keeper
from agent.listen.facts import Fact
from agent.listen.intake import Intake
from agent.listen.pipeline import Pipeline
from agent.logs import set_up_logs
from agent.store.journal import Journal
from agent.store.snapshots import Snapshots
from broker.address import Address, parse_address


def open_intake(
    address: Address, directory: Path, *, snapshot_every_s: float = 0.5, client_id: str = "intake"
) -> Intake:
    snapshots = Snapshots(directory / "snapshots")
    restored = snapshots.newest(lambda data: Pipeline.restore(data, Fleet()))
    journal = Journal.open(directory / "journal", no_less_than=snapshots.newest_offset())

    def take(told: Sequence[Fact]) -> None:
        with (directory / "facts").open("a", encoding="utf-8") as facts:
            facts.writelines(f"{fact.offset} {fact.device_id} {type(fact.body).__name__}\n" for fact in told)

    pipeline = Pipeline(Fleet()) if restored is None else restored.value
    keeper = Keeper(snapshots, journal, every_s=snapshot_every_s)
    return Intake(address, journal, pipeline, take, RealClock(), keeper, client_id=client_id)


async def main(address: Address, directory: Path) -> None:
    intake = open_intake(address, directory)
    running = asyncio.create_task(intake.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    connected = asyncio.create_task(intake.session.wait_connected())
    await asyncio.wait({running, connected}, return_when=asyncio.FIRST_COMPLETED)
    print("connected", flush=True)  # noqa: T201 - the test waits for it
    with contextlib.suppress(asyncio.CancelledError):
        await running


if __name__ == "__main__":
    set_up_logs()
    asyncio.run(main(parse_address(sys.argv[1]), Path(sys.argv[2])))
