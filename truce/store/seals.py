"""An archived forecast, and what holds it in its place: the hash over all that it says and over the entry before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from truce.clock import write_moment
from truce.identity import canonical
from truce.store import feature_rows
from truce.store.tables import write

FIRST = "0" * 64
"""What the first row of a chain is chained to."""
SAID = (
    "forecast_id", "kind", "truce_id", "as_of", "issued_at", "model_version", "rule", "history_digest", "features", "body",
    "vintage_days",
)  # fmt: skip
"""The columns of the archive that an entry fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A forecast as it is archived. ``body`` is the whole answer, byte for byte; ``kind`` is issued, hindcast or replay.

    ``vintage_days`` declares the outcome that counts: the one known so many days after the end of a horizon. ``features`` is the row the
    forecast was made from, as ``feature_rows`` writes it, of the named ``columns``.
    """

    forecast_id: str
    kind: str
    truce_id: str
    as_of: datetime
    issued_at: datetime
    model_version: str
    rule: str
    history_digest: str
    features: str
    body: str
    vintage_days: int | None = None
    columns: tuple[str, ...] = ()

    def sealed(self, previous: str, anchors: str | None = None, said: tuple[Any, ...] | None = None) -> str:
        """The hash of this entry behind ``previous``, with the ``anchors`` it carries; ``said`` is it as ``stored``, if not as it is here."""
        if feature_rows.is_packed(self.features):
            return _sealed(said or self.stored(self.features, self.body), previous, anchors)
        return self._sealed_as_json(previous, anchors)

    def stored(self, features: str, body: str) -> tuple[Any, ...]:
        """The values of ``SAID`` as they are stored, with features and body as the archive keeps them."""
        return (
            self.forecast_id, self.kind, self.truce_id, write(self.as_of), write(self.issued_at), self.model_version, self.rule,
            self.history_digest, features, body, self.vintage_days,
        )  # fmt: skip

    def _sealed_as_json(self, previous: str, anchors: str | None) -> str:
        """As entries were sealed whose features are in words."""
        fields: list[Any] = [
            self.forecast_id, self.kind, self.truce_id, write_moment(self.as_of), write_moment(self.issued_at),
            self.model_version, self.rule, self.history_digest, self.features, self.body,
        ]  # fmt: skip
        if self.vintage_days is not None or anchors is not None:  # entries of the first revisions have neither
            fields += [self.vintage_days, anchors]
        return hashlib.sha256((previous + canonical(fields)).encode()).hexdigest()


def _sealed(said: tuple[str, ...], previous: str, anchors: str | None) -> str:
    *named, digest, features, body, vintage_days = said
    parts = [previous, anchors, *named, None if vintage_days is None else str(vintage_days), digest, features, body]
    # Each behind its length, so that no two entries are the same text.
    told = "".join(["-" if part is None else f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(told.encode()).hexdigest()


def broken(row: Any, number: int, previous: str) -> str | None:
    """Why a row, read as it is stored, does not follow the entry ``number`` of its chain; None when it does."""
    if row.writer_seq != number + 1:
        return f"entry {number + 1} of its chain is missing"
    said = {name: getattr(row, name) for name in SAID}
    try:
        said |= {name: datetime.fromisoformat(said[name]) for name in ("as_of", "issued_at")}
        datetime.fromisoformat(row.stored_at)
    except ValueError:
        return "a moment in it is none"
    entry = Entry(**said)
    if row.previous_hash != previous or row.hash != entry.sealed(previous, row.anchors):
        return "its content or its place in the chain was changed"
    return None
