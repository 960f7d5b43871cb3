"""How fast one asker may ask: a token bucket for each address and each key, in the memory of one worker."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from truce.settings import Rate, Window

_MOST_BUCKETS = 10_000
"""The askers remembered; the one that was silent longest is forgotten first, and starts again with a full bucket."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a bucket holds after a request: whether it may pass, how many more may, and the seconds until it is full, or has one."""

    allowed: bool
    limit: int
    remaining: int
    full_in: int
    retry_in: int

    def headers(self) -> dict[str, str]:
        """As response headers."""
        told = {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.full_in),
        }
        return told if self.allowed else {**told, "retry-after": str(self.retry_in)}


class Buckets:
    """A bucket of tokens for each name: full at first, filled steadily, emptied by one a request."""

    def __init__(self, rate: Rate, tick: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._tick = tick
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> Left:
        """Take one token from the bucket of ``name``."""
        now, most = self._tick(), float(self._rate.requests)
        per_second = most / self._rate.seconds
        with self._lock:
            tokens, last = self._held.pop(name, (most, now))
            tokens = min(most, tokens + (now - last) * per_second)
            allowed = tokens >= 1
            tokens -= allowed
            self._held[name] = (tokens, now)
            if len(self._held) > _MOST_BUCKETS:
                self._held.popitem(last=False)
        full_in, retry_in = math.ceil((most - tokens) / per_second), max(1, math.ceil((1 - tokens) / per_second))
        return Left(allowed, self._rate.requests, int(tokens), full_in, retry_in)


class Limits:
    """The limits of one window: on addresses and on keys. Who asks from this machine itself is not limited unless that is set."""

    def __init__(self, window: Window, tick: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._buckets = None if window.rate is None else Buckets(window.rate, tick)

    def address(self, host: str | None) -> Left | None:
        """Count a request from an address; None where there is no limit."""
        if self._buckets is None or (not self._window.rate_at_home and _is_home(host)):
            return None
        return self._buckets.take(f"address {host}")

    def key(self, key_id: str, host: str | None) -> Left | None:
        """Count a request by a key that was checked; None where there is no limit."""
        if self._buckets is None or (not self._window.rate_at_home and _is_home(host)):
            return None
        return self._buckets.take(f"key {key_id}")


def _is_home(host: str | None) -> bool:
    try:
        return host is None or ip_address(host).is_loopback
    except ValueError:
        return False
