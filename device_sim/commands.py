"""``amends sim`` (shell): simulated fleets, recordings, and the households behind them, from the command line."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from broker.address import Address, parse_address
from broker.errors import BadAddressError, BrokerError
from broker.limits import MAX_SAMPLES
from device_sim.brochure import facts, tables
from device_sim.clock import SimClock
from device_sim.diary import keep_diary, read_page
from device_sim.fleet import device_ids
from device_sim.labels import read_labels
from device_sim.logins import Login, own_logins, shared_logins
from device_sim.people.household import households as households_of
from device_sim.recorded import Pace, Played
from device_sim.recording import Recording, RecordingError
from device_sim.replay import Replay
from device_sim.replay_link import ReplayError
from device_sim.runner import Run, run_fleet
from device_sim.scenarios import UnknownScenarioError, scenario_named
from device_sim.story import told
from device_sim.voice import instant

app = typer.Typer(name="sim", help="Simulated appliances and their owners, over real MQTT.", no_args_is_help=True)

_DATA: Final = Path("amends-data")
_WRONG_USAGE: Final = 2
_LOOK_AT_PARENT_S: Final = 0.5

BrokerUrl = Annotated[
    str,
    typer.Option(
        "--broker-url", envvar="AMENDS_SIM_BROKER_URL", help="mqtt://host:port, or mqtts://user:password@host."
    ),
]
Data = Annotated[
    Path, typer.Option("--data", envvar="AMENDS_DATA", help="Where the broker's credentials lie, and ours.")
]
Username = Annotated[str | None, typer.Option("--username", help="One login for all devices, at a broker not ours.")]
Password = Annotated[str | None, typer.Option("--password", help="Its password.", envvar="AMENDS_SIM_PASSWORD")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same fleet, owners and faults.")]
Devices = Annotated[int | None, typer.Option("--devices", min=1, max=10_000, help="How many; else the scenario's own.")]
AsJson = Annotated[bool, typer.Option("--json", help="Facts as JSON.")]
_BROKER_URL: Final = "mqtt://127.0.0.1:18883"


@dataclass(frozen=True, slots=True)
class _Broker:
    address: Address
    data: Path

    def logins(self, ids: tuple[str, ...]) -> dict[str, Login]:
        """Return how the devices log in: by the address's own user, or by credentials made in the data directory."""
        if self.address.user is not None:
            return shared_logins(ids, self.address)
        return own_logins(ids, self.data, datetime.now(UTC))


@app.command("list")
def list_scenarios(*, as_json: AsJson = False) -> None:
    """Show what can be simulated."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(facts())).decode() + "\n")
    else:
        scenarios, faults = tables()
        Console().print(scenarios, "", faults)


@app.command()
def run(  # noqa: PLR0913 - the command line has as many options
    scenario: Annotated[str, typer.Argument(help="A name from `amends sim list`.")],
    *,
    devices: Devices = None,
    seed: Seed = 1,
    speed: Annotated[
        float, typer.Option("--speed", min=0.001, max=100_000, help="Simulated seconds in a real one.")
    ] = 1.0,
    origin: Annotated[
        str | None, typer.Option("--origin", help="Simulated instant at the wall origin, ISO 8601; else now.")
    ] = None,
    wall_origin: Annotated[float | None, typer.Option("--wall-origin", help="Unix seconds; else now.")] = None,
    broker_url: BrokerUrl = _BROKER_URL,
    data: Data = _DATA,
    username: Username = None,
    password: Password = None,
    mailbox: Annotated[Path | None, typer.Option("--mailbox", help="A Maildir the owners read, and act on.")] = None,
    run_for: Annotated[float | None, typer.Option("--for", min=0.1, help="Stop after so many real seconds.")] = None,
    with_parent: Annotated[
        int | None, typer.Option("--with-parent", help="Stop when the process that started it, this one, is gone.")
    ] = None,
) -> None:
    """Run a simulated fleet until stopped, every device on its own connection."""
    console = Console(stderr=True)
    _start_log(console)
    try:
        plan = scenario_named(scenario)
        count = devices or plan.devices
        broker = _broker(broker_url, username, password, data)
        clock = SimClock.starting(_instant(origin), wall_origin, speed)
        telling = told(plan, seed, count, clock.now(), read_page(data))
        logins = broker.logins(device_ids(plan, count))
    except (UnknownScenarioError, BadAddressError) as error:
        _fail(error, _WRONG_USAGE)
    except BrokerError as error:
        _fail(error, 1)
    job = Run(telling, broker.address, logins, clock, mailbox)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_until_stopped(job, data, console, run_for, with_parent))


@app.command()
def replay(  # noqa: PLR0913 - the command line has as many options
    telemetry: Annotated[Path, typer.Argument(help="Parquet, CSV or gzipped CSV, as `amends backtest` reads it.")],
    *,
    speed: Annotated[
        float | None, typer.Option("--speed", min=0.001, help="Recorded seconds in a real one; else full speed.")
    ] = None,
    broker_url: BrokerUrl = _BROKER_URL,
    data: Data = _DATA,
    username: Username = None,
    password: Password = None,
    context: Annotated[str, typer.Option("--context", help="Columns that tell a regime, separated by commas.")] = "",
    batch: Annotated[int, typer.Option("--batch", min=1, max=MAX_SAMPLES, help="Samples a message, as columns.")] = 1,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Also say where the labelled stretches lie after the replay.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish recorded telemetry as devices, stamped so that the last row is now."""
    names = tuple(name.strip() for name in context.split(",") if name.strip())
    try:
        broker = _broker(broker_url, username, password, data)
        with contextlib.closing(Recording(telemetry, names)) as recording:
            found = recording.devices()
            logins = broker.logins(tuple(device.device_id for device in found))
            pace = Pace.ending_now(found, round(datetime.now(UTC).timestamp() * 1000), speed)
            marked = read_labels(labels, pace.shift_ms) if labels else ()
            played = _play(Replay(recording, found, broker.address, logins, pace, batch))
    except (RecordingError, BadAddressError) as error:
        _fail(error, _WRONG_USAGE)
    except (ReplayError, BrokerError) as error:
        _fail(error, 1)
    if as_json:
        sys.stdout.write(msgspec.json.encode({**played.facts(pace), "labels": marked}).decode() + "\n")
        return
    for label in marked:
        start, end = (instant(ms / 1000).isoformat(timespec="seconds") for ms in (label.start_ms, label.end_ms))
        sys.stdout.write(f"{label.device_id}  {start} to {end}  {', '.join(label.metrics)}\n")
    sys.stdout.write(f"{played}\n")


@app.command()
def households(
    scenario: Annotated[str, typer.Argument(help="A name from `amends sim list`.")],
    *,
    devices: Devices = None,
    seed: Seed = 1,
    origin: Annotated[
        str | None, typer.Option("--origin", help="Technicians are free after this, ISO 8601; else now.")
    ] = None,
) -> None:
    """Print the owners of a fleet and the technicians, as the customer file to import (JSON)."""
    try:
        count = devices or scenario_named(scenario).devices
        file = households_of(scenario, seed, count, _instant(origin) or datetime.now(UTC))
    except UnknownScenarioError as error:
        _fail(error, _WRONG_USAGE)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(file)).decode() + "\n")


async def _until_stopped(job: Run, data: Path, console: Console, seconds: float | None, parent: int | None) -> None:
    """Run the fleet until SIGTERM, Ctrl-C, the given time, or the end of the process ``parent``.

    Devices take their leave of the broker.
    """
    work = asyncio.gather(run_fleet(job, console), keep_diary(data, job.telling.story, job.clock))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    watch = asyncio.create_task(_orphaned(parent), name="sim.parent")
    watch.add_done_callback(lambda _: work.cancel())
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        async with asyncio.timeout(seconds):
            await work
    watch.cancel()


async def _orphaned(parent: int | None) -> None:
    """Return once the parent is another process than ``parent``: that one has ended; ``None``: never."""
    while parent is None or os.getppid() == parent:  # noqa: ASYNC110 - the end of a parent is no event
        await asyncio.sleep(_LOOK_AT_PARENT_S)


def _play(replay: Replay) -> Played:
    console = Console(stderr=True)
    total = sum(device.rows for device in replay.devices)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("replaying", total=total)
        return asyncio.run(replay.play(lambda rows: progress.update(task, completed=rows)))


def _broker(url: str, username: str | None, password: str | None, data: Path) -> _Broker:
    address = parse_address(url)
    if username is not None:
        address = replace(address, user=username, password=password)
    return _Broker(address, data)


def _instant(text: str | None) -> datetime | None:
    """Return the instant in ``text``, in UTC when it names no zone; ``None`` stays."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        problem = f"{text} is no ISO 8601 instant"
        raise typer.BadParameter(problem) from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _start_log(console: Console) -> None:
    shown = RichHandler(console=console, show_path=False) if console.is_terminal else logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("%(message)s"))
    logging.getLogger("device_sim").setLevel(logging.INFO)
    logging.getLogger("device_sim").addHandler(shown)


def _fail(error: Exception, code: int) -> NoReturn:
    sys.stderr.write(f"amends sim: {error}\n")
    raise typer.Exit(code)
