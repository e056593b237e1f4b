"""What the compiled model's cache hangs on."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit

from agent.health import anchor, compiled, metric, warm
from agent.health.memory import LANES, new_memory
from agent.health.metric import ONE
from agent.health.sheet import SHEET, SUMS

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


@pytest.mark.slow
def test_metrics_go_through_the_loop_several_at_once() -> None:
    block: Any = njit(error_model="numpy")(metric.look.py_func)
    cells, place = new_memory(1, LANES, 1).cells[0], np.uint64(0)

    block(
        cells,
        place,
        np.zeros(SHEET, np.float32),
        place,
        np.zeros(SUMS, np.float32),
        ONE,
        stale=False,
        teach=True,
    )

    assert re.search(r"<\d+ x float> @llvm.sqrt", "".join(block.inspect_llvm().values()))


@pytest.mark.slow
def test_metrics_are_held_against_what_is_usual_several_at_once() -> None:
    block: Any = njit(error_model="numpy")(anchor.weigh.py_func)
    cells, place = new_memory(1, LANES, 1).cells[0], np.uint64(0)

    block(
        cells,
        place,
        np.zeros(SHEET, np.float32),
        place,
        np.zeros(SUMS, np.float32),
        ONE,
        warm=True,
        taught=True,
        accept=True,
        accepting=ONE,
        habit_rate=ONE,
        wear_rate=ONE,
        settled=True,
    )

    assert re.search(r"<\d+ x float> @llvm.sqrt", "".join(block.inspect_llvm().values()))


@pytest.mark.slow
def test_once_warmed_the_next_process_compiles_nothing() -> None:
    step = "from agent.health import kernel, warm; warm.warm(); print(kernel.step_rows.stats.cache_misses)"
    warm.warm()

    done = subprocess.run([sys.executable, "-c", step], capture_output=True, text=True, check=True)

    assert done.stdout.strip() in {"Counter()", "{}"}
