"""The demo (shell): a scaled clock that survives restarts, and the simulated fleet as a child process.

The fleet is another program that speaks MQTT, opens web pages and reads its mail; nothing of the agent knows
that it is simulated. What the demo's staff would have done on their first day is done here: they
imported their customers and promoted some remedies.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from agent.care.customer_file import parse_people
from agent.care.enrol import enrol
from agent.clock import Clock, ScaledClock
from agent.decide.permit import deed_of
from agent.diagnose.playbook import Autonomy
from agent.errors import AgentError
from agent.house import House
from agent.store.autonomy import Grant, permits_of, record_grant
from agent.work import Worker

SPEED = 120.0
DEMO_DATA = Path("amends-demo")  # apart from real data, whose clock and owners are others
_CLOCK_FILE = "demo-clock.json"
MORNING = timedelta(hours=8)  # the demo opens on a working morning, not in anybody's quiet hours
TUESDAY = 1  # nor before a weekend, when no technician is free
# What the demo's staff have promoted; everything else waits for a person, as a new playbook does.
PROMOTED: Mapping[tuple[str, str], Autonomy] = {
    ("frost-200", "restart"): Autonomy.ACT,
    ("frost-200", "defrost"): Autonomy.ACT_IF_REVERSIBLE,
    ("bean-9", "restart"): Autonomy.ACT,
    ("bean-9", "rinse"): Autonomy.ACT_IF_REVERSIBLE,
    ("therm-40", "restart"): Autonomy.ACT,
    ("therm-40", "defrost"): Autonomy.ACT_IF_REVERSIBLE,
    ("volt-12", "restart"): Autonomy.ACT,
    ("volt-12", "balance"): Autonomy.ACT_IF_REVERSIBLE,
    ("volt-12", "restore_charge_limit"): Autonomy.ASK,
    ("frost-200", "restore_setpoint"): Autonomy.ASK,
    ("bean-9", "restore_brew_temp"): Autonomy.ASK,
    ("therm-40", "restore_curve"): Autonomy.ASK,
}

log = structlog.get_logger()


class DemoError(AgentError):
    """The simulated fleet could not be started; what it said last is in the message."""

    def __init__(self, said: str) -> None:
        super().__init__(f"the simulated fleet did not start: {said}")
        self.said = said


@dataclass(frozen=True, slots=True)
class DemoFleet:
    """Which fleet to simulate. ``seed`` fixes devices, owners and faults; ``speed`` is the clock's."""

    scenario: str
    devices: int
    seed: int
    speed: float = SPEED


@dataclass(frozen=True, slots=True)
class DemoClock:
    """The demo's clock and where it is kept between runs."""

    path: Path
    clock: ScaledClock

    def save(self) -> None:
        """Write down how late it is, so that the next start goes on from here."""
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps({"now": self.clock.now().isoformat()}), encoding="utf-8")
        beside.replace(self.path)

    async def keep(self) -> None:
        """Save every second, until cancelled."""
        while True:
            await asyncio.to_thread(self.save)
            await asyncio.sleep(1)


def is_demo(data: Path) -> bool:
    """Tell whether a demo ran on this data directory."""
    return (data / _CLOCK_FILE).exists()


def start_clock(data: Path, speed: float) -> DemoClock:
    """Return the demo's clock: from last Tuesday's morning, or from where an earlier run stopped."""
    path = data / _CLOCK_FILE
    wall = time.time()
    try:
        origin = datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["now"])
    except (FileNotFoundError, ValueError, KeyError):  # never there, or cut off by a power failure
        today = datetime.fromtimestamp(wall, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        origin = today - timedelta(days=(today.weekday() - TUESDAY) % 7) + MORNING
    return DemoClock(path, ScaledClock(origin, wall, speed))


def _clock_words(clock: Clock) -> list[str]:
    if not isinstance(clock, ScaledClock):
        return []
    return [
        *("--origin", clock.origin.isoformat()),
        *("--wall-origin", repr(clock.wall_origin_s)),
        *("--speed", repr(clock.speed)),
    ]


async def import_households(fleet: DemoFleet, house: House) -> None:
    """Import the simulated owners, their devices and consents, and the technicians' free time.

    Raises:
        DemoError: the simulator could not name them.
    """
    words = ["households", fleet.scenario, "--devices", str(fleet.devices), "--seed", str(fleet.seed)]
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "device_sim", *words, "--origin", house.clock.now().isoformat()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    if child.returncode != 0:
        raise DemoError(err.decode(errors="replace").strip()[-500:])
    with house.database.transaction() as session:
        enrol(session, parse_people(out, Path("the simulated households")), house.clock.now())


def promote_remedies(worker: Worker) -> None:
    """Let the agent go as far as the demo's staff allow, unless somebody has decided otherwise since."""
    with worker.database.transaction() as session:
        decided = {product: permits_of(session, product) for product, _ in PROMOTED}
        for product, playbook in worker.playbooks.items():
            for remedy in playbook.remedies:
                autonomy = PROMOTED.get((product, remedy.name))
                if autonomy is not None and remedy.name not in decided[product]:
                    now = worker.clock.now()
                    record_grant(session, Grant(product, remedy.name, autonomy, "demo", now, deed_of(remedy)))


async def run_fleet(fleet: DemoFleet, clock: Clock, data: Path, broker_url: str) -> None:
    """Keep the simulated fleet running until cancelled; start it again when it falls over, and say so.

    Its output goes to ``fleet.log`` in the data directory.
    """
    words = ["run", fleet.scenario, "--devices", str(fleet.devices), "--seed", str(fleet.seed)]
    words += ["--with-parent", str(os.getpid())]
    places = ["--data", str(data), "--mailbox", str(data / "mailbox"), "--broker-url", broker_url]
    while True:
        with (data / "fleet.log").open("ab") as output:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "device_sim", *words, *places, *_clock_words(clock)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                code = await child.wait()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    child.terminate()
                await child.wait()
        log.warning("demo.fleet_ended", code=code, log=str(data / "fleet.log"))
        await asyncio.sleep(2)
