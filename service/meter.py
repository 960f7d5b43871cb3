"""What Prometheus may read of a service: requests, the model in use, the age of its sources, the archive, what is to be delivered."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from service.wiring import Parts
from truce.errors import TrucecastError

TEXT = "text/plain; version=0.0.4; charset=utf-8"
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Through this variable the library lets several workers count into one folder; any of them then tells the sum."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meter:
    """Counts what one app answers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        named = ("method", "route", "status")
        self._requests = Counter("trucecast_requests", "Requests answered.", named, registry=self._registry)
        self._seconds = Histogram(
            "trucecast_request_seconds",
            "Time to answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def count(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count an answered request under its route's own spelling, never the asked path: that has no end of values."""
        route = getattr(scope.get("route"), "path", "none")
        self._requests.labels(scope["method"], route, str(status)).inc()
        self._seconds.labels(scope["method"], route).observe(seconds)

    def tell(self, parts: Parts) -> bytes:
        """Everything in Prometheus's text format."""
        counted = self._registry
        if SHARED in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Now(parts))
        return generate_latest(counted) + generate_latest(now)


class _Now(Collector):
    """How things stand at the moment of asking."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterable[Metric]:
        """What can be told; a store that cannot be read takes the rest with it."""
        told = list(self._model())
        ready = bool(told)
        try:
            told += [*self._sources(), *self._archive()]
        except TrucecastError:
            ready = False
        yield from told
        yield _gauge("trucecast_ready", "Whether a model is loaded and the store answers.", (), [((), float(ready))])

    def _model(self) -> Iterator[Metric]:
        try:
            artifact = self._parts.shelf.model().artifact
        except TrucecastError:
            return
        age = (self._parts.clock().date() - artifact.trained_to).days
        labels = (str(artifact.version), artifact.family)
        yield _gauge(
            "trucecast_model_age_days",
            "Days since the last day the model saw.",
            ("version", "family"),
            [(labels, float(age))],
        )

    def _sources(self) -> Iterator[Metric]:
        now = self._parts.clock()
        pulses = self._parts.forecaster.pulses(now)
        ages = [((p.name,), p.age / timedelta(seconds=1)) for p in pulses]
        stale = [((p.name,), float(p.stale)) for p in pulses if p.stale is not None]
        yield _gauge("trucecast_source_age_seconds", "Since a source's latest news.", ("source",), ages)
        yield _gauge("trucecast_source_stale", "Silent for twice its cadence.", ("source",), stale)

    def _archive(self) -> Iterator[Metric]:
        counts = [((kind,), float(count)) for kind, count in self._parts.store.forecasts.counts().items()]
        yield _gauge("trucecast_archived_forecasts", "Forecasts in the archive.", ("kind",), counts)


def _gauge(name: str, what: str, labels: tuple[str, ...], samples: Sequence[tuple[Sequence[str], float]]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
