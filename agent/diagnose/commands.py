"""``amends playbook`` (shell): checks playbook files and says where to mend them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from agent.diagnose.playbook import Playbook
from agent.diagnose.playbook_file import Complaint, PlaybookError, read_playbook

app = typer.Typer(help="Work with playbooks: what is known about each product.", no_args_is_help=True)


@app.callback()
def playbook() -> None:
    """Work with playbooks: what is known about each product."""


@app.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(help="Playbooks to check.", exists=True, dir_okay=False, readable=True, metavar="FILE…"),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Check playbooks; each complaint names file, line and field. Exit code 1 when there is any."""
    checked = [_checked(path) for path in files]
    if as_json:
        typer.echo(json.dumps([_facts(path, result) for path, result in zip(files, checked, strict=True)], indent=2))
    else:
        for path, result in zip(files, checked, strict=True):
            _say(path, result)
    if any(not isinstance(result, Playbook) for result in checked):
        raise typer.Exit(1)


def _checked(path: Path) -> Playbook | tuple[Complaint, ...]:
    try:
        return read_playbook(path)
    except PlaybookError as error:
        return error.complaints


def _say(path: Path, result: Playbook | tuple[Complaint, ...]) -> None:
    if isinstance(result, Playbook):
        known = f"{len(result.metrics)} metrics, {len(result.faults)} faults, {len(result.remedies)} remedies"
        typer.echo(f"{path}: fine: {result.product} {result.version}, {known}")
        return
    for complaint in result:
        typer.echo(str(complaint), err=True)


def _facts(path: Path, result: Playbook | tuple[Complaint, ...]) -> dict[str, object]:
    if isinstance(result, Playbook):
        return {
            "file": str(path),
            "ok": True,
            "product": result.product,
            "version": result.version,
            "faults": [fault.name for fault in result.faults],
            "remedies": [remedy.name for remedy in result.remedies],
            "problems": [],
        }
    problems = [
        {"line": found.problem.line, "field": found.problem.field, "problem": found.problem.text} for found in result
    ]
    return {"file": str(path), "ok": False, "problems": problems}
