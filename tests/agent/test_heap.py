"""Whether threads give memory back to each other."""

import platform
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, sys, threading
from agent.heap import share_one_heap

if "shared" in sys.argv:
    assert share_one_heap()
met = threading.Barrier(4)

def work():
    kept = [bytes(1000) for _ in range(100)]
    met.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = libc.fdopen(1, b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fflush(ctypes.c_void_p(out))
"""


def heaps(*words: str) -> int:
    done = subprocess.run([sys.executable, "-c", HEAPS, *words], check=True, capture_output=True, text=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no heap for every thread")
def test_threads_have_a_heap_each_until_they_are_told_to_share_one() -> None:
    assert heaps() > 1
    assert heaps("shared") == 1
