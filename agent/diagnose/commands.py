"""``amends playbook`` (shell): checks playbook files and says where to mend them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from agent.diagnose.playbook import Playbook
from agent.diagnose.playbook_file import Reading, files_in, none_in, read_files

app = typer.Typer(help="Work with playbooks: what is known about each product.", no_args_is_help=True)


@app.callback()
def playbook() -> None:
    """Work with playbooks: what is known about each product."""


@app.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(help="Playbooks to check, or directories of them.", exists=True, readable=True, metavar="FILE…"),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Check playbooks; each complaint names file, line and field. Exit code 1 when there is any.

    They are checked as if they lay in one directory: two for one product are a mistake.
    """
    read = dict(_read(files))
    if as_json:
        typer.echo(json.dumps([_facts(path, reading) for path, reading in read.items()], indent=2))
    else:
        for path, reading in read.items():
            _say(path, reading)
    if any(not isinstance(reading, Playbook) for reading in read.values()):
        raise typer.Exit(1)


def _read(given: Sequence[Path]) -> Iterator[tuple[Path, Reading]]:
    """Give every playbook and what it holds; a file that was given twice comes once."""
    inside = {path: files_in(path) if path.is_dir() else (path,) for path in given}
    yield from read_files({path.resolve(): path for paths in inside.values() for path in paths}.values()).items()
    for folder, paths in inside.items():
        if not paths:
            yield folder, (none_in(folder),)


def _say(path: Path, reading: Reading) -> None:
    if isinstance(reading, Playbook):
        known = f"{len(reading.metrics)} metrics, {len(reading.faults)} faults, {len(reading.remedies)} remedies"
        typer.echo(f"{path}: fine: {reading.product} {reading.version}, {known}")
        return
    for complaint in reading:
        typer.echo(str(complaint), err=True)


def _facts(path: Path, reading: Reading) -> dict[str, object]:
    if isinstance(reading, Playbook):
        return {
            "file": str(path),
            "ok": True,
            "product": reading.product,
            "version": reading.version,
            "faults": [fault.name for fault in reading.faults],
            "remedies": [remedy.name for remedy in reading.remedies],
            "problems": [],
        }
    problems = [
        {"line": found.problem.line, "field": found.problem.field, "problem": found.problem.text} for found in reading
    ]
    return {"file": str(path), "ok": False, "problems": problems}
