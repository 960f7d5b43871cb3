"""Who may come in, how fast, and what is told of it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.limits import Buckets, Limits
from service.logs import ACCESS, JsonLines
from tests.service.conftest import TRUCE, Hands, publish
from tests.service.test_forecasts import ATTACK
from truce.errors import BadInput
from truce.settings import Rate, Settings, Window
from truce.store import Store


@contextmanager
def served(home: Settings, hands: Hands, **window: Any) -> Iterator[TestClient]:
    changed = replace(home, window=replace(home.window, **window))
    with TestClient(create_app(changed, clock=hands), raise_server_exceptions=False) as client:
        yield client


def test_a_revoked_key_is_refused_at_the_next_request(client: TestClient, store: Store) -> None:
    key_id, text = store.keys.create(["events:write"])
    headers = {"Authorization": f"Bearer {text}"}
    assert client.post("/v1/events", json=ATTACK, headers=headers).status_code == 200
    store.keys.revoke(key_id)
    answer = client.post("/v1/events", json=ATTACK, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "revoked_key")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_is_checked_in_a_few_milliseconds_and_kept_as_a_salted_hash(store: Store) -> None:
    _, text = store.keys.create(["events:write"])
    best = min(_seconds(lambda: store.keys.authenticate(text, "events:write")) for _ in range(20))
    assert best < 0.02
    with store._engine.connect() as connection:
        (hashed,) = connection.exec_driver_sql("SELECT hash FROM keys").scalars().all()
    assert hashed.startswith("$argon2id$")
    assert text.split("_", 2)[-1] not in hashed  # the secret itself may hold an underscore


def _seconds(act: Any) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def test_an_address_that_asks_too_fast_is_told_when_to_come_back(home: Settings, hands: Hands, store: Store) -> None:
    publish(store, "1")
    with served(home, hands, rate=Rate(3, 3600)) as client:
        answers = [client.get("/livez") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["2", "1", "0", "0"]
    last = answers[-1]
    assert (last.headers["content-type"], last.json()["code"]) == ("application/problem+json", "rate_limited")
    assert 1190 <= int(last.headers["retry-after"]) <= 1200


def test_a_key_has_a_bucket_of_its_own_whatever_the_address(
    home: Settings, hands: Hands, store: Store, key: dict[str, str]
) -> None:
    ticks = [0.0]
    limits = Limits(Window(rate=Rate(2, 60)), lambda: ticks[0])
    assert [limits.key("a", f"203.0.113.{k}").allowed for k in range(3)] == [True, True, False]  # type: ignore[union-attr]
    assert limits.key("b", "203.0.113.1").allowed  # type: ignore[union-attr]
    ticks[0] = 30.0
    assert limits.key("a", "203.0.113.9").allowed, "one token every thirty seconds"  # type: ignore[union-attr]
    publish(store, "1")
    with served(home, hands, rate=Rate(3, 3600)) as client:
        codes = [client.post("/v1/events", json=ATTACK, headers=key).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


def test_who_asks_from_this_machine_is_not_limited_unless_that_is_set() -> None:
    assert Limits(Window()).address("127.0.0.1") is None
    assert Limits(Window()).address("::1") is None
    assert Limits(Window()).address("203.0.113.1") is not None
    assert Limits(Window(rate_at_home=True)).address("127.0.0.1") is not None
    assert Limits(Window(rate=None)).address("203.0.113.1") is None


def test_buckets_are_forgotten_so_that_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.limits._MOST_BUCKETS", 10)
    buckets = Buckets(Rate(1, 3600))
    for k in range(50):
        buckets.take(str(k))
    assert len(buckets._held) == 10


def test_a_body_beyond_the_limit_is_413_said_or_not(
    home: Settings, hands: Hands, store: Store, key: dict[str, str]
) -> None:
    publish(store, "1")

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    with served(home, hands, most_bytes=1000) as client:
        for path in ("/v1/events", "/v1/texts", "/v1/forecasts", "/invocations"):
            for content in (b" " * 1001, chunks()):
                headers = {**key, "Content-Type": "application/json"}
                answer = client.post(path, content=content, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (413, "too_large"), path
        lines = client.post("/v1/forecasts", content=chunks(), headers={"Content-Type": "application/x-ndjson"})
        assert lines.status_code == 413


def test_other_origins_get_permission_only_where_that_is_set(home: Settings, hands: Hands, store: Store) -> None:
    publish(store, "1")
    with served(home, hands, origins=("https://desk.example",)) as client:
        for origin, allowed in (("https://desk.example", "https://desk.example"), ("https://elsewhere.example", None)):
            answer = client.get("/v1/truces", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed


def test_the_environment_sets_the_window_and_nonsense_is_refused(home: Settings) -> None:
    told = {
        "TRUCECAST_RATE": "10/second", "TRUCECAST_MAX_BODY": "5000", "TRUCECAST_CORS": "https://a.example, https://b.example",
        "TRUCECAST_PRIVATE_WEBHOOKS": "yes", "TRUCECAST_ALARM_SECONDS": "5", "TRUCECAST_RATE_AT_HOME": "true",
    }  # fmt: skip
    window = Settings.from_environment(home.home, told).window
    assert window == Window(
        Rate(10, 1),
        rate_at_home=True,
        most_bytes=5000,
        origins=("https://a.example", "https://b.example"),
        private_hooks=True,
        alarm_seconds=5,
    )
    assert Settings.from_environment(home.home, {"TRUCECAST_RATE": "off"}).window.rate is None
    for name, value in (
        ("TRUCECAST_RATE", "fast"),
        ("TRUCECAST_MAX_BODY", "-1"),
        ("TRUCECAST_PRIVATE_WEBHOOKS", "maybe"),
        ("TRUCECAST_STALE", "x"),
    ):
        with pytest.raises(BadInput, match=name):
            Settings.from_environment(home.home, {name: value})


def test_metrics_count_requests_by_route_and_tell_model_sources_and_archive(client: TestClient) -> None:
    client.get(f"/v1/truces/{TRUCE}/forecast", params={"as_of": "2015-04-01"})
    client.get("/v1/truces/nobody/forecast")
    client.get("/no/such/path")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    route = "/v1/truces/{truce_id}/forecast"
    for line in (
        f'trucecast_requests_total{{method="GET",route="{route}",status="200"}} 1.0',
        f'trucecast_requests_total{{method="GET",route="{route}",status="404"}} 1.0',
        'trucecast_requests_total{method="GET",route="none",status="404"} 1.0',
        'trucecast_model_age_days{family="weibull",version="1"} 134.0',
        'trucecast_source_stale{source="test"} 1.0',
        'trucecast_archived_forecasts{kind="replay"} 1.0',
        "trucecast_ready 1.0",
    ):
        assert line in answer.text.splitlines(), line


def test_metrics_are_told_without_a_model_too(empty_client: TestClient) -> None:
    assert "trucecast_ready 0.0" in empty_client.get("/metrics").text


def test_a_log_line_is_one_json_object_with_its_time() -> None:
    access = logging.LogRecord(ACCESS, logging.INFO, "f", 1, json.dumps({"request_id": "r", "status": 200}), None, None)
    other = logging.LogRecord("uvicorn.error", logging.INFO, "f", 1, "started %s\nnow", ("x",), None)
    told = [json.loads(JsonLines().format(record)) for record in (access, other)]
    assert told[0].keys() == {"at", "level", "logger", "request_id", "status"}
    assert told[1]["message"] == "started x\nnow"


def test_a_fault_of_ours_is_logged_with_its_request_and_counted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("service.forecasting.Forecaster.one", broken)
    with caplog.at_level(logging.INFO):
        answer = client.get(f"/v1/truces/{TRUCE}/forecast")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    (line,) = [json.loads(r.message) for r in caplog.records if r.name == ACCESS]
    assert (line["status"], line["request_id"]) == (500, answer.json()["request_id"])
    assert any(answer.json()["request_id"] in r.message for r in caplog.records if r.name == "trucecast.faults")
