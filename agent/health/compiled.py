"""How the model's code is compiled, once a machine (shell: reads the sources of the parts, makes a folder).

Division by zero gives infinity as in numpy, because a check at every division costs more than the division. The parts
are inlined into one loop, and take whole arrays and unsigned places in them: a view of an array costs more to make and
hand on than most of the parts, and a signed place is checked for its sign at every use. What goes through the metrics
is written without branches, so that the compiler takes eight at once; ``tests/agent/health/test_compiled.py`` holds
that it does.

Numba's own cache follows only the file of the function that is called, not the parts inlined into it. So compiled code
is kept in a folder named by a checksum of all the parts: after an edit it is another folder, and compiled anew. It lies
in ``NUMBA_CACHE_DIR`` where that is set, else beside the source, else, where that is read-only, under the user's cache.
Where none can be written, every start compiles, which takes half a minute.
"""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numba
from llvmlite import binding
from numba import config, njit

PARTS: Final = (
    "ahead",
    "anchor",
    "asking",
    "compiled",
    "entering",
    "forecast",
    "kernel",
    "kinship",
    "memory",
    "metric",
    "novelty",
    "rarity",
    "relation",
    "settle",
    "shares",
    "sheet",
    "surprise",
)
"""Files whose text decides what the compiled loop does."""
ELSEWHERE: Final = ("advance", "budget", "device_clock", "frames", "plain", "scan", "texts")
"""The same of what ``agent/listen`` compiles."""
_HERE: Final = Path(__file__).parent
_CONFIG: Final[Any] = config  # its settings are made when it is imported, unseen by type checkers


binding.set_option("", "--vectorizer-min-trip-count=8")  # else eight metrics are thought too few to be worth it


def checksum() -> str:
    """Return what the parts and the compiler are, as a short name."""
    whole = hashlib.sha256(numba.__version__.encode())
    for part in PARTS:
        whole.update((_HERE / f"{part}.py").read_bytes())
    for part in ELSEWHERE:
        whole.update((_HERE.parent / "listen" / f"{part}.py").read_bytes())
    return whole.hexdigest()[:16]


def first_writable(candidates: tuple[Path, ...]) -> Path | None:
    """Make and return the first folder that can be written; ``None``: none can."""
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except (OSError, RuntimeError):
            continue
    return None


def _candidates() -> tuple[Path, ...]:
    name = f"compiled-{checksum()}"
    if _CONFIG.CACHE_DIR:
        return (Path(_CONFIG.CACHE_DIR) / name,)
    return (_HERE / "__pycache__" / name, Path("~/.cache/amends").expanduser() / name)


def _compiled(**options: Any) -> Any:  # noqa: ANN401 - what numba's decorator takes and gives
    """Return ``njit`` with the cache in our folder; numba reads where that is when a function is decorated."""

    def decorate(function: Callable[..., object]) -> object:
        usual, _CONFIG.CACHE_DIR = _CONFIG.CACHE_DIR, str(FOLDER or "")
        try:
            return njit(cache=FOLDER is not None, error_model="numpy", **options)(function)
        finally:
            _CONFIG.CACHE_DIR = usual

    return decorate


FOLDER: Final = first_writable(_candidates())
"""Where compiled code is kept; ``None``: nowhere."""
part = _compiled(forceinline=True)
sums = _compiled(fastmath={"reassoc", "contract", "nsz"})
"""For sums that may be reordered so that they vectorise; NaN keeps its meaning."""
block = _compiled(forceinline=True, fastmath={"contract", "nsz"})
"""For what goes through eight metrics at a time: multiplying and adding is one step; NaN keeps its meaning."""
loop = _compiled(nogil=True)
