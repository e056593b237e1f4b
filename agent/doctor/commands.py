"""``amends doctor`` (shell): looks at everything, one line each, and says what to mend."""

import asyncio
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from agent.doctor.broker import check_broker
from agent.doctor.check import Check, Grade, is_well
from agent.doctor.clock import check_clock
from agent.doctor.queues import check_queues
from agent.doctor.records import check_records
from agent.doctor.storage import check_storage
from agent.errors import AgentError
from agent.house import House, enter_house
from agent.logs import set_up_logs
from agent.settings import SettingsError, read_settings
from broker.errors import BrokerError

_FAILED, _WRONG_USAGE = 1, 2
_STYLES: Final = {Grade.OK: "green", Grade.WARN: "yellow", Grade.FAIL: "bold red"}


def doctor(
    data: Annotated[Path | None, typer.Option("--data", help="The data directory.", show_default="amends-data")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print facts as JSON.")] = False,
) -> None:
    """Look at broker, storage, records, clock and queues, and say what to mend. Exit code 1 when something must be."""
    set_up_logs(level=logging.ERROR)  # what is passed over is a line of ours
    try:
        house = enter_house(read_settings(data=data))
        try:
            checks = asyncio.run(examine_house(house))
        finally:
            house.database.close()
    except SettingsError as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_WRONG_USAGE) from error
    except (AgentError, BrokerError) as error:
        typer.echo(f"amends: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    if as_json:
        facts = {"well": is_well(checks), "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(facts, indent=2))
    else:
        _show(checks)
    if not is_well(checks):
        raise typer.Exit(_FAILED)


async def examine_house(house: House) -> tuple[Check, ...]:
    """Return all there is to say, part by part. Takes some seconds."""

    def here() -> tuple[Check, ...]:
        queues = check_queues(house.settings.console_url)
        return (*check_storage(house), *check_records(house), *check_clock(house), *queues)

    return (*await check_broker(house), *await asyncio.to_thread(here))


def _show(checks: tuple[Check, ...]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for check in checks:
        line = Text(check.line())
        line.stylize(_STYLES[check.grade], 0, len(check.grade))
        console.print(line)
    bad = sum(check.grade is Grade.FAIL for check in checks)
    warned = sum(check.grade is Grade.WARN for check in checks)
    console.print("Nothing to mend." if not bad + warned else f"{bad} to mend, {warned} to look at.")
