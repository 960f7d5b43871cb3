from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from service import memory

WORK = """
import ctypes, threading
from service import memory
{first}
held, gate = [], threading.Barrier(4)
def work():
    gate.wait()
    held.extend(bytes(10_000) for _ in range(200))
    gate.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
held.clear()
memory.give_back()
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="the C library is not glibc")
def test_threads_take_memory_from_one_place_once_that_is_wished() -> None:
    assert places(WORK.format(first="memory.of_one_arena()")) == 1
    assert places(WORK.format(first="")) > 1


def test_another_c_library_goes_on_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory.of_one_arena()
    memory.give_back()


def places(program: str) -> int:
    """In how many arenas a program has memory at its end."""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return done.stderr.count("Arena ")
