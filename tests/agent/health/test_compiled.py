"""What the compiled model's cache hangs on."""

import ast
from pathlib import Path

from agent.health import compiled

FOLDER = Path(compiled.__file__).parent


def imported(part: str) -> set[str]:
    nodes = ast.walk(ast.parse((FOLDER / f"{part}.py").read_text(encoding="utf-8")))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.removeprefix("agent.health.") for name in names if name.startswith("agent.")}


def test_every_file_whose_text_is_compiled_is_in_the_checksum() -> None:
    compiling = {path.stem for path in FOLDER.glob("*.py") if "compiled" in imported(path.stem)}

    assert compiling | set().union(*(imported(part) for part in compiling)) <= set(compiled.PARTS)
    assert set(compiled.PARTS) <= compiling | {"compiled", "memory"}


def test_where_nothing_can_be_written_the_next_place_is_taken(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")

    assert compiled.first_writable((blocked / "below", tmp_path / "free")) == tmp_path / "free"
    assert compiled.first_writable((blocked / "below",)) is None
