"""API keys: shown once, kept as a hash, each with its scopes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Engine, insert, select, update

from truce.clock import Clock
from truce.errors import BadInput, Denied, Unknown
from truce.store.engine import Turn, reading, writing
from truce.store.tables import keys as table

SCOPES = ("events:write", "truces:write", "models:admin", "webhooks:admin")

# A key carries 256 bits of chance, so nobody guesses it however fast the hash is: the cheapest cost keeps a request
# quick.
_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_DECOY = _HASHER.hash("no key has this secret")


@dataclass(frozen=True, slots=True)
class Key:
    """What may be told of a key."""

    id: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """The table of keys."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def create(self, scopes: Sequence[str]) -> tuple[str, str]:
        """Make a key; returns its id and its full text, which is shown this once. Raises BadInput for an unknown scope."""
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            raise BadInput(f"scopes are {', '.join(SCOPES)}; not {', '.join(unknown) or 'none'}", code="bad_scope")
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        row = {
            "id": key_id, "hash": _HASHER.hash(secret), "scopes": " ".join(dict.fromkeys(scopes)), "created_at": self._clock(),
            "revoked_at": None,
        }  # fmt: skip
        with writing(self._engine, Turn.NONE) as connection:
            connection.execute(insert(table), [row])
        return key_id, f"tc_{key_id}_{secret}"

    def list(self) -> list[Key]:
        """Every key, oldest first, without its secret."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.created_at)).all()
        return [Key(row.id, tuple(row.scopes.split()), row.created_at, row.revoked_at) for row in rows]

    def revoke(self, key_id: str) -> datetime:
        """Take a key out of use for good; the moment from which it is, which was earlier if it had been before. Raises Unknown."""
        with writing(self._engine, Turn.NONE) as connection:
            row = connection.execute(select(table.c.revoked_at).where(table.c.id == key_id)).first()
            if row is None:
                raise Unknown(f"no key {key_id!r}: `trucecast keys list` shows them", code="unknown_key")
            if row.revoked_at is not None:
                return row.revoked_at  # type: ignore[no-any-return]
            now = self._clock()
            connection.execute(update(table).where(table.c.id == key_id).values(revoked_at=now))
            return now

    def authenticate(self, text: str | None, scope: str) -> str:
        """The id of the key whose text this is, if it may do what ``scope`` says.

        Raises:
            Denied: missing_key, bad_key, revoked_key or missing_scope.
        """
        key = self.authenticate_any(text)
        if scope not in key.scopes:
            raise Denied(f"this key lacks the scope {scope}", code="missing_scope")
        return key.id

    def authenticate_any(self, text: str | None) -> Key:
        """The key whose text this is, whatever it may do. Takes as long for an unknown id as for a wrong secret.

        Raises:
            Denied: missing_key, bad_key or revoked_key.
        """
        if not text:
            raise Denied("this needs a key: Authorization: Bearer KEY", code="missing_key")
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.id == key_id)).first()
        if not _matches(_DECOY if row is None else row.hash, secret) or row is None or prefix != "tc":
            raise Denied("no such key", code="bad_key")
        if row.revoked_at is not None:
            raise Denied("this key has been revoked", code="revoked_key")
        return Key(row.id, tuple(row.scopes.split()), row.created_at, row.revoked_at)


def _matches(hashed: str, secret: str) -> bool:
    try:
        return _HASHER.verify(hashed, secret)
    except (VerifyMismatchError, InvalidHashError):
        return False
