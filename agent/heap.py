"""How the C library gives out memory (shell): from one heap instead of one for every thread.

The agent's work goes through a handful of threads, one after the other. With a heap for each, what one thread has
given back is of no use to the next, and each keeps the room of its largest moment: measured with 5,000 devices, one
run each, 612 and 618 MB after ten minutes against 571 MB. Threads rarely wait for each other here: the
interpreter runs one at a time.
"""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8  # M_ARENA_MAX of glibc's malloc.h


def share_one_heap() -> bool:
    """Let all threads share one heap from now on; call it before they start. False: another C library."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, 1))
    except (AttributeError, OSError, TypeError):
        return False
