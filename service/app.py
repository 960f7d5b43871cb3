"""create_app: wiring, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from service import openapi, problems
from service.doorstep import Doorstep
from service.forecasting import Forecaster, watch_of
from service.limits import Limits
from service.meter import Meter
from service.recall import Recall
from service.routes import events, forecasts, health, invocations, models, texts, truces
from service.shelf import Shelf
from service.wiring import Parts
from truce.clock import Clock, system_clock
from truce.settings import Settings
from truce.store import open_store

REFRESH_SECONDS = 2.0


def create_app(settings: Settings, *, clock: Clock = system_clock, shelf: Shelf | None = None) -> FastAPI:
    """The prediction API over one home.

    Args:
        settings: where the store is, and who may read.
        clock: the time, for tests.
        shelf: the model in use, for tests; by default the store's champion.
    """
    limits, meter = Limits(settings.window), Meter()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = open_store(settings, clock)
        held = shelf or Shelf()
        await run_in_threadpool(held.refresh, store)
        forecaster = Forecaster(store, Recall(store), clock, watch_of(settings))
        app.state.parts = Parts(settings, clock, store, held, forecaster, limits)
        app.state.meter = meter
        watch = asyncio.create_task(_watch(app.state.parts))
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            store.close()

    app = FastAPI(
        title="trucecast",
        version="1",
        summary="How likely is a truce to break down within 7, 30, 90, 180 and 365 days?",
        lifespan=lifespan,
    )
    problems.install(app)
    app.add_middleware(Doorstep, window=settings.window, limits=limits, meter=meter)
    if settings.window.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.window.origins, allow_methods=["*"], allow_headers=["*"]
        )
    for room in (truces, forecasts, events, texts, models, invocations, health):
        app.include_router(room.router)
    openapi.describe(app)
    return app


async def _watch(parts: Parts) -> None:
    """Look for a newer champion every now and then; a failure is kept for /readyz and never ends the watch."""
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            await run_in_threadpool(parts.shelf.refresh, parts.store)
        except Exception as error:  # noqa: BLE001 - whatever it was, the old model goes on and the next look may succeed
            parts.shelf.trouble = repr(error)
