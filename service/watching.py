"""What a worker does by itself, beside answering: look for a newer champion, look for alarms, deliver messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool

from service import logs
from service.wiring import Parts

REFRESH_SECONDS = 2.0
DELIVER_SECONDS = 2.0
faults = logging.getLogger(logs.FAULTS)


@asynccontextmanager
async def watching(parts: Parts) -> AsyncIterator[None]:
    """While the block runs, so do the watches."""

    def newer() -> None:
        try:
            parts.shelf.refresh(parts.store)
        except Exception as error:
            # Whatever it was, the old model goes on and the next look may succeed; /readyz says why this one did not.
            parts.shelf.trouble = repr(error)
            raise

    watches = [
        asyncio.create_task(_again_and_again(seconds, act))
        for seconds, act in (
            (REFRESH_SECONDS, newer),
            (float(parts.settings.window.alarm_seconds), parts.alarms.look),
            (DELIVER_SECONDS, parts.messenger.deliver),
        )
    ]
    try:
        yield
    finally:
        for watch in watches:
            watch.cancel()
        for watch in watches:
            with suppress(asyncio.CancelledError):
                await watch


async def _again_and_again(seconds: float, act: Callable[[], object]) -> None:
    """A failure is logged and never ends a watch."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await run_in_threadpool(act)
        except Exception as error:  # noqa: BLE001 - the next round may succeed
            faults.error("a watch failed: %r", error)
