"""Short answers are worked out a few at a time: in one interpreter more threads at once would only take it from one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import Semaphore
from starlette.concurrency import run_in_threadpool

T = TypeVar("T")

AT_ONCE = 2
"""One computes while the other waits for the database or the disk. Long answers take no turn, so that nobody waits for them."""


class Turns:
    """A queue before the threads, made for one event loop."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = Semaphore(at_once)

    async def take(self, work: Callable[..., T], *given: Any) -> T:
        """What ``work`` returns, or raises, done in a thread once it is its turn."""
        async with self._free:
            return await run_in_threadpool(work, *given)
