from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.service.conftest import TRUCE
from tests.service.test_forecasts import ATTACK
from tests.service.test_register import A_TRUCE
from truce.settings import Window

MAX_BODY = Window().most_bytes

FORECAST = f"/v1/truces/{TRUCE}/forecast"


@dataclass(frozen=True)
class Provoke:
    """A way to be refused: the request, and the status and code that answer it."""

    name: str
    method: str
    path: str
    status: int
    code: str
    body: Any = None
    key: bool = False
    raw: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


def sent(name: str, status: int, code: str, **change: Any) -> Provoke:
    return Provoke(name, "POST", "/v1/events", status, code, {**ATTACK, **change}, key=True)


PROBLEMS = [
    Provoke("no such page", "GET", "/nothing/here", 404, "not_found"),
    Provoke("wrong method", "DELETE", "/v1/truces", 405, "method_not_allowed"),
    Provoke("unknown truce", "GET", "/v1/truces/nobody/forecast", 404, "unknown_truce"),
    Provoke("unknown truce, detail", "GET", "/v1/truces/nobody", 404, "unknown_truce"),
    Provoke("unknown forecast", "GET", "/v1/forecasts/nothing", 404, "unknown_forecast"),
    Provoke("before the start", "GET", f"{FORECAST}?as_of=2014-12-30", 422, "before_start"),
    Provoke("after the end", "GET", "/v1/truces/aaa-2015-02-ended/forecast", 422, "after_end"),
    Provoke("unknown fate", "GET", "/v1/truces/bbb-2015-03-unknown/forecast", 422, "unknown_fate"),
    Provoke("in the future", "GET", f"{FORECAST}?as_of=2015-06-16", 422, "as_of_in_future"),
    Provoke("no date", "GET", f"{FORECAST}?as_of=1994-02-31", 422, "bad_date"),
    Provoke("no date at all", "GET", f"{FORECAST}?as_of=soon", 422, "bad_date"),
    Provoke("beyond the calendar", "GET", f"{FORECAST}?as_of=9999-12-31", 422, "bad_date"),
    Provoke("horizon too long", "GET", f"{FORECAST}?horizons=7,366", 422, "bad_horizon"),
    Provoke("horizon zero", "GET", f"{FORECAST}?horizons=0", 422, "bad_horizon"),
    Provoke("horizon no number", "GET", f"{FORECAST}?horizons=week", 422, "bad_horizon"),
    Provoke("misspelt parameter", "GET", f"{FORECAST}?asof=2015-06-14", 422, "unknown_parameter"),
    Provoke("parameter where there is none", "GET", "/v1/scoreboard?days=7", 422, "unknown_parameter"),
    Provoke("page too long", "GET", "/v1/truces?limit=100000", 422, "invalid_request"),
    Provoke("no key", "POST", "/v1/events", 401, "missing_key", ATTACK),
    Provoke("stolen key", "POST", "/v1/events", 401, "bad_key", ATTACK, headers=(("Authorization", "Bearer tc_x_y"),)),
    Provoke("other scheme", "POST", "/v1/events", 401, "bad_key", ATTACK, headers=(("Authorization", "Basic eDp5"),)),
    Provoke("missing scope", "POST", "/v1/models/refresh", 403, "missing_scope", key=True),
    Provoke("broken JSON", "POST", "/v1/events", 422, "bad_json", raw=b'{"type": ', key=True),
    Provoke("not a number", "POST", "/v1/events", 422, "bad_json", raw=b'{"deaths": NaN}', key=True),
    Provoke("no text", "POST", "/v1/events", 422, "bad_json", raw=b"\xff\xfe", key=True),
    Provoke("nested without end", "POST", "/v1/events", 422, "bad_json", raw=b"[" * 100_000, key=True),
    Provoke("nothing sent", "POST", "/v1/events", 422, "bad_rows", raw=b"[]", key=True),
    Provoke("too large", "POST", "/v1/events", 413, "too_large", raw=b" " * (MAX_BODY + 1), key=True),
    sent("no such type", 422, "bad_event", type="gossip"),
    sent("impossible day", 422, "bad_event", occurred_on="1994-02-31"),
    sent("happens later", 422, "bad_event", occurred_on="2015-06-16"),
    sent("known later", 422, "bad_event", known_at="2099-01-01"),
    sent("unknown field", 422, "bad_event", mood="dark"),
    sent("control characters", 422, "bad_event", actor="R\x00Front"),
    sent("negative deaths", 422, "bad_event", deaths=-1),
    sent("unknown truce in event", 422, "bad_event", truce_id="nobody"),
    sent("country in words", 422, "bad_event", iso3=["Iraq"]),
    sent("began after it occurred", 422, "bad_event", began_on="2015-06-15"),
    sent("began on no day", 422, "bad_event", began_on="1994-02-31"),
    sent("no such truce role", 422, "bad_event", truce_role="pause"),
    sent("id without a scheme", 422, "bad_event", ids=["411"]),
    sent("id with a blank", 422, "bad_event", ids=["ucdp_dyad:4 1"]),
    sent("id that is a list", 422, "bad_event", ids=["ucdp_dyad:411;gw:645"]),
    sent("id too long", 422, "bad_event", ids=["ucdp_dyad:" + "4" * 61]),
    sent("too many ids", 422, "bad_event", ids=[f"ucdp_dyad:{k}" for k in range(21)]),
    Provoke("retract nothing", "POST", "/v1/events/nobody/retractions", 404, "unknown_event", {"why": "-"}, key=True),
    Provoke("no format", "POST", "/invocations", 422, "bad_format", {"rows": []}),
    Provoke("columns missing", "POST", "/invocations", 422, "bad_columns", {"dataframe_split": {"columns": ["age_days"], "data": [[1]]}}),
    Provoke("no JSON for the model", "POST", "/invocations", 422, "bad_json", raw=b"{", key=True),
    Provoke("no batch", "POST", "/v1/forecasts", 422, "bad_item", {"items": []}),
    Provoke("batch of nothing known", "POST", "/v1/forecasts", 422, "bad_item", {"truces": ["x"]}),
    Provoke("batch that is no JSON", "POST", "/v1/forecasts", 422, "bad_item", raw=b"[1,"),
    Provoke("control characters in a path", "GET", "/v1/forecasts/%00", 422, "bad_path"),
    Provoke("control characters in a query", "GET", "/v1/events?truce_id=%0a", 422, "bad_path"),
    Provoke("out of the folder", "GET", "/v1/truces/..%2f..%2fetc%2fpasswd", 404, "not_found"),
    Provoke("out of the folder, id", "GET", "/v1/forecasts/..", 404, "not_found"),
    Provoke("timeline backwards", "GET", f"/v1/truces/{TRUCE}/timeline?from=2015-03-01&to=2015-02-01", 422, "bad_period"),
    Provoke("timeline without end", "GET", f"/v1/truces/{TRUCE}/timeline?from=2010-01-01&every=1d", 422, "bad_period"),
    Provoke("timeline of nobody", "GET", "/v1/truces/nobody/timeline", 404, "unknown_truce"),
    Provoke("cursor from nowhere", "GET", f"/v1/truces/{TRUCE}/events?cursor=nothing", 422, "bad_cursor"),
    Provoke("archive in no format", "GET", "/v1/forecasts?format=xml", 422, "invalid_request"),
    Provoke("truce without the scope", "POST", "/v1/truces", 403, "missing_scope", {**A_TRUCE}, key=True),
    Provoke("truce without a key", "PATCH", f"/v1/truces/{TRUCE}", 401, "missing_key", {"notes": "-"}),
    Provoke("ragged rows", "POST", "/invocations", 422, "bad_columns", {"instances": [[1, 2, 3]]}),
]  # fmt: skip


@pytest.mark.parametrize("provoke", PROBLEMS, ids=lambda p: p.name)
def test_every_problem_speaks_the_same_shape(client: TestClient, key: dict[str, str], provoke: Provoke) -> None:
    headers = {**(key if provoke.key else {}), **dict(provoke.headers), "Content-Type": "application/json"}
    body = {"content": provoke.raw} if provoke.raw is not None else {"json": provoke.body}
    answer = client.request(
        provoke.method, provoke.path, headers=headers, **(body if provoke.method in ("POST", "PATCH") else {})
    )
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (answer.status_code, said["status"], said["code"]) == (provoke.status, provoke.status, provoke.code)
    assert said.keys() == {"type", "title", "status", "detail", "code", "instance", "request_id"}
    assert said["request_id"] == answer.headers["x-request-id"]
    assert said["detail"]


def test_without_a_model_the_service_says_so_and_is_not_ready(empty_client: TestClient) -> None:
    for path in (FORECAST, "/ping", "/readyz"):
        answer = empty_client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "no_model")
    assert empty_client.get("/livez").status_code == 200


def test_one_bad_event_of_many_is_named_by_its_index_and_nothing_is_written(
    client: TestClient, key: dict[str, str]
) -> None:
    batch = [ATTACK, {**ATTACK, "occurred_on": "2015-06-13"}, {**ATTACK, "type": "gossip"}]
    answer = client.post("/v1/events", json=batch, headers=key)
    assert answer.status_code == 422
    assert "event 2" in answer.json()["detail"]
    assert len(client.get("/v1/events").json()["events"]) == 1


def test_the_same_id_with_other_content_is_409_and_a_replay_is_200(client: TestClient, key: dict[str, str]) -> None:
    event = {**ATTACK, "event_id": "mine"}
    assert client.post("/v1/events", json=event, headers=key).json()["new"] == 1
    assert client.post("/v1/events", json=event, headers=key).json()["unchanged"] == 1
    answer = client.post("/v1/events", json={**event, "deaths": 4}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "clash")


def test_a_fault_of_ours_is_a_problem_too_and_tells_no_secrets(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret path /root")

    monkeypatch.setattr("service.forecasting.Forecaster.one", broken)
    answer = client.get(FORECAST)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


def test_a_method_that_is_not_there_is_told_all_that_are(client: TestClient) -> None:
    for path, methods in (
        ("/v1/truces", "GET, POST"),
        (f"/v1/truces/{TRUCE}", "GET, PATCH"),
        ("/v1/events", "GET, POST"),
    ):
        assert client.delete(path).headers["allow"] == methods
