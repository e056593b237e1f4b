"""The ``amends`` command (shell): reads what was asked, hands it to the part that does it, says how it ended.

Exit code 0 for done, 1 for a failure, 2 for wrong usage. The simulator adds its commands through an entry
point, so that the agent knows nothing of it.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated

import typer

from agent.backtest.commands import backtest
from agent.bench.commands import app as bench
from agent.care.commands import app as customers
from agent.console.commands import app as staff
from agent.demo import DEMO_DATA, SPEED, DemoFleet
from agent.diagnose.commands import app as playbooks
from agent.diagnose.playbook_file import PlaybookError
from agent.doctor.commands import doctor
from agent.errors import AgentError
from agent.heap import share_one_heap
from agent.history.commands import export_telemetry
from agent.house import House, enter_house
from agent.logs import set_up_logs
from agent.privacy.commands import erase_customer
from agent.run import Parts, run
from agent.scorecard.commands import scorecard
from agent.settings import Settings, SettingsError, read_settings
from agent.store.halts import Halt, newest_halt, record_halt
from broker.commands import app as devices
from broker.errors import BrokerError

FAILURE, WRONG_USAGE = 1, 2

app = typer.Typer(
    help="A support agent for connected devices: notices, fixes, proves the fix, tells the owner, and learns.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(staff, name="staff")
app.add_typer(customers, name="customers")
app.add_typer(playbooks, name="playbook")
app.add_typer(bench, name="bench")
app.command()(scorecard)
app.command("backtest")(backtest)
app.command("doctor")(doctor)
app.command("export")(export_telemetry)
app.command("erase")(erase_customer)
for _point in entry_points(group="amends.commands"):
    app.add_typer(_point.load(), name=_point.name)

Data = Annotated[Path | None, typer.Option("--data", help="The data directory.", show_default="amends-data")]
BrokerUrl = Annotated[str | None, typer.Option("--broker-url", help="Another broker: mqtt://user:password@host:port.")]
BrokerPort = Annotated[int | None, typer.Option("--broker-port", help="Port of our own broker.", show_default="18883")]
ConsolePort = Annotated[int | None, typer.Option("--port", help="Port of the console.", show_default="8620")]
AsJson = Annotated[bool, typer.Option("--json", help="Print facts as JSON.")]


def _show_version(asked: bool) -> None:  # noqa: FBT001 - Typer's callback signature
    if asked:
        typer.echo(f"amends {version('amends')}")
        raise typer.Exit


@app.callback()
def _everywhere(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options of the whole program."""


@contextmanager
def _said_in_a_sentence() -> Iterator[None]:
    """Turn what a person can mend into one sentence and an exit code; anything else keeps its trace."""
    try:
        yield
    except (SettingsError, PlaybookError) as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(WRONG_USAGE) from error
    except (AgentError, BrokerError) as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(FAILURE) from error


def _as_settings_say(context: typer.Context) -> None:
    """Let commands that know nothing of our settings take the data directory from there, where none is given."""
    with _said_in_a_sentence():
        data = str(read_settings().data)
    context.default_map = {context.invoked_subcommand or "": {"data": data}}


app.add_typer(devices, name="device", callback=_as_settings_say)


def _work(settings: Settings, parts: Parts) -> None:
    share_one_heap()
    set_up_logs()
    asyncio.run(run(settings, parts))


@app.command()
def up(  # noqa: PLR0913 - each is an option a person may give
    data: Data = None,
    broker_url: BrokerUrl = None,
    broker_port: BrokerPort = None,
    port: ConsolePort = None,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Add a simulated fleet with simulated owners.")] = False,
    scenario: Annotated[str, typer.Option(help="With --demo: a name from `amends sim list`.")] = "demo",
    devices: Annotated[int, typer.Option(help="With --demo: how many devices.", min=1, max=500)] = 24,
    seed: Annotated[int, typer.Option(help="With --demo: fixes devices, owners and faults.")] = 7,
    speed: Annotated[float, typer.Option(help="With --demo: how fast its clock runs.", min=1, max=2000)] = SPEED,
) -> None:
    """Start everything on this machine: broker, agent and console."""
    with _said_in_a_sentence():
        settings = read_settings(data=data, broker_url=broker_url, broker_port=broker_port, console_port=port)
        own_broker = settings.broker_url is None
        fleet = DemoFleet(scenario, devices, seed, speed) if demo else None
        if demo and "data" not in settings.model_fields_set:
            settings = settings.model_copy(update={"data": DEMO_DATA})
        _work(settings, Parts(broker=own_broker, agent=True, console=True, demo=fleet))


@app.command("agent")
def agent_alone(data: Data = None, broker_url: BrokerUrl = None) -> None:
    """Start the agent alone, beside a broker that runs already."""
    with _said_in_a_sentence():
        _work(read_settings(data=data, broker_url=broker_url), Parts(agent=True))


@app.command("console")
def console_alone(data: Data = None, port: ConsolePort = None) -> None:
    """Start the console alone, on the data directory of an agent that runs already.

    It shows records, takes ratings and halts. Live health, and so approving, needs the agent in the process.
    """
    with _said_in_a_sentence():
        _work(read_settings(data=data, console_port=port), Parts(console=True))


@app.command("broker")
def broker_alone(data: Data = None, broker_port: BrokerPort = None) -> None:
    """Start our own mosquitto alone, hardened, on the data directory."""
    with _said_in_a_sentence():
        _work(read_settings(data=data, broker_port=broker_port), Parts(broker=True))


@contextmanager
def _house(data: Path | None) -> Iterator[House]:
    with _said_in_a_sentence():
        house = enter_house(read_settings(data=data))
        try:
            yield house
        finally:
            house.database.close()


def _switch(data: Path | None, why: str, *, halted: bool, as_json: bool) -> None:
    if not why.strip():
        typer.echo("amends: say why; others will read it", err=True)
        raise typer.Exit(WRONG_USAGE)
    with _house(data) as house, house.database.transaction() as session:
        standing = newest_halt(session)
        changed = (standing is not None and standing.halted) is not halted
        if changed:
            standing = Halt(halted=halted, by="command line", why=why, at=house.clock.now())
            record_halt(session, standing)
    if as_json:
        said = {} if standing is None else {"by": standing.by, "why": standing.why, "at": standing.at.isoformat()}
        typer.echo(json.dumps({"halted": halted, "changed": changed, **said}))
        return
    state = "halted: no automatic fix is sent" if halted else "running: automatic fixes may be sent"
    typer.echo(f"{'Now' if changed else 'Already'} {state} ({house.data.absolute()}).")
    if standing is not None and not changed:
        since = f"{standing.at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"By {standing.by} since {since}: {standing.why}\nThe reason given now was not noted.")


@app.command()
def halt(
    data: Data = None,
    why: Annotated[str, typer.Option(help="The reason others will read.")] = "halted from the command line",
    *,
    as_json: AsJson = False,
) -> None:
    """Stop every automatic fix at once, across restarts, until `amends resume`."""
    _switch(data, why, halted=True, as_json=as_json)


@app.command()
def resume(
    data: Data = None,
    why: Annotated[str, typer.Option(help="The reason others will read.")] = "resumed from the command line",
    *,
    as_json: AsJson = False,
) -> None:
    """Let automatic fixes be sent again."""
    _switch(data, why, halted=False, as_json=as_json)


def main() -> None:
    """Run the command line."""
    app(prog_name="amends")


if __name__ == "__main__":
    main()
