"""The lines that keep the tree livable: who may import whom, how long a file may be, who may read a clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agent", "broker", "device_sim")
PURE_ROOMS = ("agent/decide", "agent/diagnose")
OUTSIDE = {
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "aiomqtt",
    "mqtt5",
    "paho",
    "httpx",
    "asyncio",
    "socket",
    "fastapi",
    "time",
}
CLOCK_CALLS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}
# Longer than 300 lines, each with the reason it is one idea.
LONG_FILES = {
    "agent/store/tables.py": "every table on one page, so that a migration can be read against it",
}


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: relative import"
            yield node.module or ""


def kind_of(path: Path) -> str | None:
    """Return pure, state or shell, as the first paragraph of the docstring says; ``None`` when it does not."""
    first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
    for kind in ("pure", "state", "shell"):
        if f"({kind}" in first:
            return kind
    return None


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    package = name_of(path).split("/")[0]
    forbidden = {"broker": {"agent", "device_sim"}, "agent": {"device_sim"}, "device_sim": {"agent"}}[package]

    crossed = {name for name in imports(path) if name.split(".")[0] in forbidden}

    assert not crossed


@pytest.mark.parametrize(
    "path",
    [path for path in sources() if name_of(path).startswith(PURE_ROOMS) and path.name != "commands.py"],
    ids=name_of,
)
def test_deciding_and_diagnosing_know_no_database_no_clock_and_no_network(path: Path) -> None:
    touched = {name for name in imports(path) if name.split(".")[0] in OUTSIDE or name.startswith("agent.store")}

    assert not touched


@pytest.mark.parametrize("path", [path for path in sources() if path.name != "__init__.py"], ids=name_of)
def test_every_module_says_whether_it_is_pure_state_or_shell(path: Path) -> None:
    assert kind_of(path) is not None


@pytest.mark.parametrize("path", [path for path in sources() if path.name != "__init__.py"], ids=name_of)
def test_only_shells_read_a_clock(path: Path) -> None:
    if kind_of(path) == "shell":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))

    calls = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK_CALLS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    ]

    assert not calls


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_one_idea_a_file(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= 300 or name_of(path) in LONG_FILES


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_names_say_what_a_file_knows_and_folders_go_two_deep(path: Path) -> None:
    ranks = {"manager", "helper", "helpers", "util", "utils", "common", "base", "handler", "handlers", "processor"}

    assert path.stem not in ranks
    assert len(path.relative_to(ROOT).parts) <= 3 or "migrations" in path.parts


def test_more_than_half_of_the_agent_and_three_quarters_of_the_simulator_are_free_of_input_and_output() -> None:
    def share(package: str) -> float:
        lines = {True: 0, False: 0}
        for path in sources():
            if name_of(path).startswith(f"{package}/"):
                lines[kind_of(path) != "shell"] += len(path.read_text(encoding="utf-8").splitlines())
        return lines[True] / sum(lines.values())

    assert share("agent") > 0.5
    assert share("device_sim") >= 0.75
