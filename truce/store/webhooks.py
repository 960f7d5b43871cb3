"""Webhooks, the alarms they raised, and the outbox of what is to be delivered: written in one transaction with what it tells."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, func, insert, select, update

from truce.clock import Clock
from truce.errors import Unknown
from truce.identity import digest
from truce.store.engine import reading, writing
from truce.store.window_tables import alarms, deliveries, webhooks

LEASE = timedelta(seconds=60)
"""Whoever takes a delivery has so long to make it before another may try."""
BACK_OFF = tuple(timedelta(seconds=s) for s in (30, 120, 600, 3600, 6 * 3600, 24 * 3600))
"""How long after each failure a delivery is tried again; after the last one it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Whom to tell when the chance of breakdown within ``horizon`` days reaches ``threshold``, and when that is over.

    It is over below ``threshold - hysteresis``. ``truce_id`` is None for all truces in force.
    """

    id: str
    url: str
    secret: str
    truce_id: str | None
    horizon: int
    threshold: float
    hysteresis: float
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """How the alarm of a webhook for a truce stands: the number of its last change (0 for none), and whether it is raised."""

    number: int
    raised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message that is to be delivered, has been, or was given up (neither due nor delivered)."""

    seq: int
    delivery_id: str
    webhook_id: str
    body: str
    created_at: datetime
    due_at: datetime | None
    attempts: int
    delivered_at: datetime | None
    trouble: str | None


class Webhooks:
    """The tables of webhooks, alarms and deliveries."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def create(
        self, *, url: str, truce_id: str | None, horizon: int, threshold: float, hysteresis: float, by: str
    ) -> Webhook:
        """A new webhook, with the secret that signs its messages."""
        hook = Webhook(
            id=secrets.token_hex(6), url=url, secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(), truce_id=truce_id,
            horizon=horizon, threshold=threshold, hysteresis=hysteresis, created_at=self._clock(), created_by=by,
        )  # fmt: skip
        with writing(self._engine) as connection:
            connection.execute(insert(webhooks), [{name: getattr(hook, name) for name in Webhook.__slots__}])
        return hook

    def all(self) -> list[Webhook]:
        """Those that have not been deleted, oldest first."""
        query = select(webhooks).where(webhooks.c.deleted_at.is_(None)).order_by(webhooks.c.created_at, webhooks.c.id)
        with reading(self._engine) as connection:
            return [
                Webhook(**{name: getattr(row, name) for name in Webhook.__slots__}) for row in connection.execute(query)
            ]

    def delete(self, webhook_id: str) -> None:
        """Tell it nothing more; what is still to be delivered is dropped. Raises Unknown."""
        with writing(self._engine) as connection:
            there = (webhooks.c.id == webhook_id) & webhooks.c.deleted_at.is_(None)
            if connection.execute(select(webhooks.c.id).where(there)).first() is None:
                raise Unknown(f"no webhook {webhook_id!r}", code="unknown_webhook")
            connection.execute(update(webhooks).where(there).values(deleted_at=self._clock()))
            waiting = (deliveries.c.webhook_id == webhook_id) & deliveries.c.due_at.is_not(None)
            connection.execute(update(deliveries).where(waiting).values(due_at=None, trouble="its webhook was deleted"))

    def standing(self, webhook_id: str) -> dict[str, Alarm]:
        """How the alarms of a webhook stand, by truce."""
        query = select(alarms.c.truce_id, alarms.c.number, alarms.c.raised).where(alarms.c.webhook_id == webhook_id)
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(alarms.c.number))
            return {row.truce_id: Alarm(row.number, row.raised) for row in found}

    def change(
        self, hook: Webhook, truce_id: str, was: Alarm, *, p: float, as_of: datetime, body: Callable[[str], str]
    ) -> bool:
        """Turn an alarm that stood as ``was`` to its other state, and put the message that ``body`` makes of its id into the outbox.

        False when another worker was quicker.
        """
        number, now = was.number + 1, self._clock()
        delivery_id = digest([hook.id, truce_id, number])[:32]
        told = {
            "webhook_id": hook.id, "truce_id": truce_id, "number": number, "raised": not was.raised, "p": p, "as_of": as_of,
            "stored_at": now,
        }  # fmt: skip
        message = {
            "delivery_id": delivery_id, "webhook_id": hook.id, "body": body(delivery_id), "created_at": now, "due_at": now, "attempts": 0,
        }  # fmt: skip
        last = select(func.max(alarms.c.number)).where(alarms.c.webhook_id == hook.id, alarms.c.truce_id == truce_id)
        with writing(self._engine) as connection:
            if (connection.execute(last).scalar_one() or 0) != was.number:
                return False
            connection.execute(insert(alarms), [told])
            connection.execute(insert(deliveries), [message])
        return True

    def take_due(self, most: int = 50) -> Iterator[tuple[Webhook, Delivery]]:
        """Messages that are due, each taken by this caller alone, for the length of a lease, when it comes to it.

        What lies further ahead than anything is put off was written by a clock that was wrong: it is due as well.
        """
        now, hooks = self._clock(), {hook.id: hook for hook in self.all()}
        due = (deliveries.c.due_at <= now) | (deliveries.c.due_at > now + BACK_OFF[-1])
        query = select(deliveries).join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        query = query.where(due, webhooks.c.deleted_at.is_(None)).order_by(deliveries.c.due_at).limit(most)
        with reading(self._engine) as connection:
            waiting = [_delivery(row) for row in connection.execute(query)] if hooks else []
        for delivery in waiting:
            lease = self._clock() + LEASE
            with writing(self._engine) as connection:
                mine = connection.execute(update(deliveries).where(_as_taken(delivery)).values(due_at=lease)).rowcount
            if mine == 1 and delivery.webhook_id in hooks:
                yield hooks[delivery.webhook_id], replace(delivery, due_at=lease)

    def settle(self, delivery: Delivery, trouble: str | None) -> None:
        """Write down how a delivery went: done, or to be tried again later, or given up.

        One whose lease is over, or whose webhook was deleted meanwhile, is no longer the caller's to settle.
        """
        now = self._clock()
        values: dict[str, object] = {"attempts": delivery.attempts + 1, "trouble": trouble, "due_at": None}
        if trouble is None:
            values["delivered_at"] = now
        elif delivery.attempts < len(BACK_OFF):
            values["due_at"] = now + BACK_OFF[delivery.attempts]
        with writing(self._engine) as connection:
            connection.execute(update(deliveries).where(_as_taken(delivery)).values(**values))

    def deliveries(self, webhook_id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Delivery]:
        """What was and is to be delivered to a webhook, deleted or not, oldest first. Raises Unknown."""
        query = select(deliveries).where(deliveries.c.webhook_id == webhook_id, deliveries.c.seq > after)
        with reading(self._engine) as connection:
            if connection.execute(select(webhooks.c.id).where(webhooks.c.id == webhook_id)).first() is None:
                raise Unknown(f"no webhook {webhook_id!r}", code="unknown_webhook")
            return [_delivery(row) for row in connection.execute(query.order_by(deliveries.c.seq).limit(limit))]


def _as_taken(delivery: Delivery) -> ColumnElement[bool]:
    """The row of a delivery, while nobody else has touched it."""
    return (deliveries.c.seq == delivery.seq) & (deliveries.c.due_at == delivery.due_at)


def _delivery(row: object) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in Delivery.__slots__})
