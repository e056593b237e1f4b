"""Whether this data directory's mosquitto runs, and signals to it (shell).

The child inherits a locked file and holds it as long as it lives, whatever became of its parent. So a process
id in an old file is never mistaken for mosquitto, and no stranger's process is ever signalled.
"""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Final

from broker.private_files import try_lock

CHILD_LOCK_FILE: Final = "mosquitto.lock"
KEEPER_LOCK_FILE: Final = "keeper.lock"
PID_FILE: Final = "mosquitto.pid"

_TERM_S: Final = 5.0
_KILL_S: Final = 2.0
_LOOK_EVERY_S: Final = 0.05


def running_pid(folder: Path) -> int | None:
    """Return the process id of the mosquitto that runs on this folder; ``None``: none does."""
    if not (folder / CHILD_LOCK_FILE).exists():
        return None
    held = try_lock(folder / CHILD_LOCK_FILE)
    if held is not None:
        os.close(held)
        return None
    try:
        return int((folder / PID_FILE).read_text())
    except (OSError, ValueError):
        return None


def reload_broker(folder: Path) -> bool:
    """Have a running mosquitto read passwords and access list again; False: none runs, so there is nobody to tell.

    It ends the sessions of everyone who may not be connected any more.
    """
    pid = running_pid(folder)
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGHUP)
    return True


def end_orphan(folder: Path) -> bool:
    """End a mosquitto whose parent died, and wait for it, some seconds at most; False: there was none."""
    pid = running_pid(folder)
    if pid is None:
        return False
    for kind, patience_s in ((signal.SIGTERM, _TERM_S), (signal.SIGKILL, _KILL_S)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, kind)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if running_pid(folder) is None:
                return True
            time.sleep(_LOOK_EVERY_S)
    return True
