"""create_app: wiring, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from service import openapi, problems
from service.alarms import Alarms
from service.doorstep import Doorstep
from service.forecasting import Forecaster, watch_of
from service.limits import Limits
from service.messenger import Messenger
from service.meter import Meter
from service.page import Page
from service.recall import Recall
from service.routes import (
    events,
    forecasts,
    health,
    invocations,
    models,
    page,
    reasons,
    scoreboard,
    texts,
    truces,
    webhooks,
)
from service.scoreboard import Board
from service.shelf import Shelf
from service.turns import Turns
from service.watching import watching
from service.wiring import Parts, known_parameters
from truce.clock import Clock, system_clock
from truce.settings import Settings, Window
from truce.store import Store, open_store

THREADS = 8


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
        # Answers are arithmetic in one interpreter: more threads would only wait for one another, and fill the memory.
        current_default_thread_limiter().total_tokens = THREADS
        with await run_in_threadpool(open_store, settings, clock) as store:
            app.state.parts = await run_in_threadpool(_wired, settings, clock, store, shelf or Shelf(), limits)
            app.state.board = Board(store, clock)
            app.state.meter = meter
            with Page(app.state.parts, app.state.board) as app.state.page:
                async with watching(app.state.parts):
                    yield

    app = FastAPIOffline(
        redoc_url=None,
        title="trucecast",
        version="1",
        summary="How likely is a truce to break down within 7, 30, 90, 180 and 365 days?",
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    problems.install(app)
    _meet(app, settings.window, limits, meter)
    for room in (truces, forecasts, reasons, events, texts, models, webhooks, scoreboard):
        app.include_router(room.router, dependencies=[Depends(known_parameters)])
    for room in (invocations, health, page):  # asked by machines that add parameters of their own
        app.include_router(room.router)
    openapi.describe(app)
    return app


def _meet(app: FastAPI, window: Window, limits: Limits, meter: Meter) -> None:
    """Let requests in by the doorstep, those of other web pages only where that is set."""
    app.add_middleware(Doorstep, window=window, limits=limits, meter=meter)
    if window.origins:
        app.add_middleware(CORSMiddleware, allow_origins=window.origins, allow_methods=["*"], allow_headers=["*"])


def _wired(settings: Settings, clock: Clock, store: Store, shelf: Shelf, limits: Limits) -> Parts:
    """The parts over an open store, with the champion on the shelf."""
    shelf.refresh(store)
    forecaster = Forecaster(store, Recall(store), clock, watch_of(settings))
    alarms = Alarms(store, shelf, forecaster, clock)
    messenger = Messenger(store.webhooks, clock, private=settings.window.private_hooks)
    return Parts(settings, clock, store, shelf, forecaster, limits, alarms, messenger, Turns())
