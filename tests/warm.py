"""Imported once by the process that the killed ones are forked from: it makes a forecast, so that theirs are quick from the first."""

from __future__ import annotations

import tempfile
from pathlib import Path

from service.forecasting import Forecaster
from service.recall import Recall
from service.shelf import Shelf
from tests.examples import a_truce
from tests.service.conftest import NOON, TRUCE, publish
from truce.clock import system_clock
from truce.settings import Settings
from truce.store import open_store

with tempfile.TemporaryDirectory() as _folder, open_store(Settings.from_environment(Path(_folder), {})) as _store:
    _store.truces.put([a_truce(TRUCE, observed_to=None)], known_at=NOON, source="truces", written_by="cli")
    publish(_store, "1")
    _shelf = Shelf()
    _shelf.refresh(_store)
    Forecaster(_store, Recall(_store), system_clock).one(_shelf.model(), TRUCE, "2015-02-01", None)
