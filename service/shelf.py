"""The model in use: taken from the store, swapped whole when a newer champion is there.

Until the first promotion the reference model that ships with the project is used; it is put into the store, so that what it said can
be replayed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from models import reference
from models.artifact import Artifact, dumps, loads, numbers_digest
from truce.errors import NoModel, TrucecastError
from truce.store import Store
from truce.store.models import Published

CHAMPION = "champion"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A loaded model and what the store says of it."""

    artifact: Artifact
    run_id: str | None
    digest: str
    published_at: datetime


class Shelf:
    """Holds one model. Whoever asks gets a whole one: the old or the new, never half of each."""

    def __init__(self, fallback: Callable[[], str] | None = reference.text) -> None:
        """``fallback`` gives the JSON of the model to use while nothing is promoted; None leaves the shelf empty then."""
        self._fallback = fallback
        self._shelved: Shelved | None = None
        self._move = 0
        self._lock = threading.Lock()
        self.trouble: str | None = None
        """Why the last refresh failed; None when it did not."""

    def model(self) -> Shelved:
        """The model in use. Raises NoModel."""
        if self._shelved is None and self.trouble is not None:
            raise NoModel(f"no model could be loaded: {self.trouble}")
        if self._shelved is None:
            raise NoModel("no model has been promoted yet: `make demo`, or `trucecast train` and `trucecast promote`")
        return self._shelved

    def version(self) -> str | None:
        """The version of the model in use; None while there is none."""
        return None if self._shelved is None else self._shelved.artifact.version

    def refresh(self, store: Store) -> bool:
        """Look for a newer champion and swap it in; True when there was one. A failure keeps the old one and is remembered."""
        with self._lock:
            try:
                move, version = store.models.stamp(CHAMPION)
                if version is None and self._shelved is None and self._fallback is not None:
                    version = _kept(store, self._fallback())
                elif version is None or move == self._move:
                    self.trouble = None
                    return False
                row = store.models.get(version)
                artifact = loads(row.body)
                self._shelved = Shelved(artifact, row.run_id, numbers_digest(artifact), row.published_at)
                self._move, self.trouble = move, None
            except TrucecastError as error:
                self.trouble = error.detail
                return False
            return True


def _kept(store: Store, body: str) -> str:
    """Put a model of no run into the store, once; its version."""
    version = reference.version_of(body)
    model = replace(loads(body), version=version)
    store.models.publish(
        Published(
            version=version, name=model.name, family=model.family, rule=model.rule, feature_set=model.feature_set,
            trained_to=model.trained_to, run_id=None, body=dumps(model), published_at=store.clock(),
        )
    )  # fmt: skip
    return version


def shelved_refit(artifact: Artifact, as_of: date, now: datetime) -> Shelved:
    """A model fitted for one past day, named after it."""
    named = replace(artifact, version=f"refit-{as_of}")
    return Shelved(named, None, numbers_digest(artifact), now)
