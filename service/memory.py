"""What the C library does with memory: a worker stays as small as it was. Libraries that do not know these wishes go on as they do."""

from __future__ import annotations

import ctypes

_ARENA_MAX = -8
"""glibc's M_ARENA_MAX, of malloc.h."""


def of_one_arena() -> None:
    """Let all threads take memory from one place, before there are any: glibc would give each its own, and keep what a batch left in them."""
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_ARENA_MAX, 1)


def give_back() -> None:
    """Give the memory of a batch that is over back to the system: glibc would keep it, in every worker, for a batch to come."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
