from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.mlflow_formats import COLUMNS
from service.schemas import EventIn
from tests.examples import a_truce, an_event
from tests.service.conftest import NOON, TRUCE, Hands, an_artifact, publish
from tests.service.test_forecasts import ATTACK
from truce.clock import end_of
from truce.features import NAMES
from truce.settings import Settings
from truce.store import Store


def test_the_list_pages_through_every_truce_that_had_begun(client: TestClient) -> None:
    seen, cursor = [], None
    while True:
        page = client.get("/v1/truces", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        seen += [truce["truce_id"] for truce in page["truces"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == 4
    early = client.get("/v1/truces", params={"as_of": "2015-02-10"}).json()["truces"]
    assert [t["truce_id"] for t in early] == [TRUCE, "aaa-2015-02-ended"]


def test_the_list_filters_by_country_and_by_what_is_in_force(client: TestClient) -> None:
    found = client.get("/v1/truces", params={"in_force": "true", "country": "AAA"}).json()["truces"]
    assert [t["truce_id"] for t in found] == [TRUCE, "aaa-2015-06-late"]


def test_a_truce_is_shown_as_it_was_known(client: TestClient) -> None:
    path = "/v1/truces/aaa-2015-02-ended"
    assert client.get(path).json()["outcome"] == "broke"
    then = client.get(path, params={"as_of": "2015-03-04"}).json()
    assert (then["outcome"], then["end_date"]) == ("ongoing", None)


def test_the_events_of_a_truce_come_by_scope_and_as_known(client: TestClient) -> None:
    path = f"/v1/truces/{TRUCE}/events"
    assert [e["event_id"] for e in client.get(path).json()["events"]] == ["e1"]
    assert client.get(path, params={"as_of": "2015-01-09"}).json()["events"] == []


def test_each_event_of_a_truce_says_why_it_bears_on_it(client: TestClient) -> None:
    event = client.get(f"/v1/truces/{TRUCE}/events", params={"scope": "sides"}).json()["events"][0]
    assert event["link"] == {
        "scope": "sides",
        "why": "R Front and Government of A stand on opposite sides of the truce",
        "weight": 1.0,
    }


def test_events_come_one_by_one_in_bulk_and_as_lines(client: TestClient, key: dict[str, str]) -> None:
    days = [f"2015-06-0{k}" for k in range(1, 8)]
    one, two, *rest = ({**ATTACK, "occurred_on": day, "known_at": day} for day in days)
    lines = "\n".join(json.dumps(event) for event in rest)
    headers = {**key, "Content-Type": "application/x-ndjson"}
    assert client.post("/v1/events", json=one, headers=key).json()["new"] == 1
    assert client.post("/v1/events", json=[one, two], headers=key).json()["unchanged"] == 1
    assert client.post("/v1/events", content=lines, headers=headers).json()["new"] == 5
    listed = client.get("/v1/events", params={"from": "2015-06-02", "to": "2015-06-04", "type": "assault"}).json()
    assert [event["occurred_on"] for event in listed["events"]] == days[1:4]


def test_a_span_of_days_a_truce_role_and_ids_come_back_as_they_were_sent(
    client: TestClient, key: dict[str, str]
) -> None:
    told = {"began_on": "2015-06-01", "truce_role": "violation", "ids": ["ucdp_dyad:411", "gw:645"]}
    sent = {**ATTACK, "event_id": "spanning", "occurred_on": "2015-06-03", "known_at": "2015-06-04", **told}
    assert client.post("/v1/events", json=sent, headers=key).json()["new"] == 1
    assert client.post("/v1/events", json=sent, headers=key).json()["unchanged"] == 1
    (listed,) = client.get("/v1/events", params={"from": "2015-06-03", "to": "2015-06-03"}).json()["events"]
    assert {name: listed[name] for name in told} == told


def test_the_event_list_pages_by_cursor(client: TestClient, key: dict[str, str]) -> None:
    client.post("/v1/events", json=[{**ATTACK, "actor": f"band {k}"} for k in range(5)], headers=key)
    first = client.get("/v1/events", params={"limit": 4}).json()
    second = client.get("/v1/events", params={"limit": 4, "cursor": first["next"]}).json()
    assert len({e["event_id"] for e in first["events"] + second["events"]}) == 6
    assert second["next"] is None


def feature_rows() -> list[dict[str, Any]]:
    row: dict[str, Any] = dict.fromkeys(NAMES, 0.0)
    return [{"age_days": 3, **row, "days_to_scheduled_end": None}, {"age_days": 40, **row, "attacks_sides_90": 2.0}]


def test_invocations_answers_all_four_formats_of_mlflow_alike(client: TestClient) -> None:
    rows = feature_rows()
    matrix = [[row[name] for name in COLUMNS] for row in rows]
    bodies = [
        {"dataframe_records": rows},
        {"dataframe_split": {"columns": list(COLUMNS), "data": matrix}},
        {"instances": rows},
        {"instances": matrix},
        {"inputs": {name: [row[name] for row in rows] for name in COLUMNS}},
    ]
    answers = [client.post("/invocations", json=body).json() for body in bodies]
    assert all(answer == answers[0] for answer in answers)
    predictions = answers[0]["predictions"]
    assert predictions[1]["p_breakdown_30"] > predictions[0]["p_breakdown_30"]
    assert list(predictions[0]) == [f"p_breakdown_{h}" for h in (7, 30, 90, 180, 365)]


def test_reading_can_be_closed_and_any_good_key_opens_it(
    home: Settings, hands: Hands, store: Store, key: dict[str, str]
) -> None:
    publish(store, "1")
    closed = replace(home, public_read=False)
    with TestClient(create_app(closed, clock=hands)) as client:
        for path in ("/v1/truces", f"/v1/truces/{TRUCE}/forecast", "/v1/events"):
            assert client.get(path).status_code == 401
            assert client.get(path, headers=key).status_code == 200


def test_an_answer_that_the_asker_has_already_is_304(client: TestClient) -> None:
    first = client.get(f"/v1/truces/{TRUCE}")
    again = client.get(f"/v1/truces/{TRUCE}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_request_id_is_echoed_or_made_and_a_strange_one_replaced(client: TestClient) -> None:
    assert client.get("/livez", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/livez", headers={"X-Request-Id": "a b\tc"}).headers["x-request-id"] != "a b\tc"


def test_the_log_names_the_request_and_never_the_key(
    client: TestClient, key: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.post("/v1/events", json=ATTACK, headers=key)
    lines = [json.loads(r.message) for r in caplog.records if r.name == "trucecast.access"]
    assert lines[0].keys() == {"request_id", "method", "path", "status", "ms"}
    assert key["Authorization"].split("_", 2)[-1] not in caplog.text


def test_other_origins_get_no_permission(client: TestClient) -> None:
    answer = client.get("/v1/truces", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_readyz_tells_the_model_and_the_age_of_its_sources(client: TestClient) -> None:
    body = client.get("/readyz").json()
    assert body["model"]["version"] == "1"
    assert body["sources"] == [
        {
            "name": "test",
            "last_known_at": "2015-01-10",
            "age_days": 155,
            "stale": True,
            "cadence_days": 7,
            "counted": True,
        }
    ]
    assert "no source of events has reported" in body["silence"]
    assert body["when_stale"] == "ignore"


def test_models_and_their_aliases_are_listed(client: TestClient) -> None:
    body = client.get("/v1/models").json()
    assert body["aliases"] == {"champion": "1", "challenger": None, "previous": None}
    assert body["models"][0]["family"] == an_artifact("1").family


def test_the_description_is_openapi_and_its_event_example_is_an_event(client: TestClient) -> None:
    body = client.get("/openapi.json").json()
    assert "/v1/truces/{truce_id}/forecast" in body["paths"]
    example = body["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert EventIn.model_validate(example).source == "desk"


def test_rows_that_are_not_ours_to_pass_on_are_named_and_not_shown(client: TestClient, store: Store) -> None:
    store.events.put([an_event("acled-row", source="acled", deaths=4)], written_by="test")
    listed = {event["event_id"]: event for event in client.get("/v1/events?limit=1000").json()["events"]}
    row = listed["acled-row"]
    assert row["withheld"].startswith("acled rows are not passed on")
    assert {name for name, value in row.items() if value is not None} == {"event_id", "source", "withheld"}


def test_a_feed_that_no_feature_counts_moves_no_forecast(client: TestClient, store: Store) -> None:
    path = f"/v1/truces/{TRUCE}/forecast?as_of=2015-06-01"
    before = client.get(path).json()["horizons"]
    fields = {"occurred_on": date(2015, 5, 20), "known_at": end_of(date(2015, 5, 21))}
    store.events.put([an_event(f"g{k}", source="gdelt", **fields) for k in range(9)], written_by="test")
    assert client.get(path).json()["horizons"] == before
    assert len(client.get(f"/v1/truces/{TRUCE}/events?scope=sides").json()["events"]) == 10, (
        "people may still read them"
    )
    store.events.put([an_event("own", source="desk", **fields)], written_by="test")
    assert client.get(path).json()["horizons"] != before


def test_truces_and_events_carry_the_ids_of_the_field(client: TestClient, store: Store) -> None:
    store.truces.put(
        [a_truce("iraq", iso3=("IRQ",), ucdp_dyad=("524",), ccd="645-9")], known_at=NOON, source="t", written_by="t"
    )
    assert client.get("/v1/truces/iraq").json()["registers"] == [
        "ccd:645-9",
        "ucdp_dyad:524",
        "gw:645",
        "views_month:421",
    ]
    placed = an_event("placed", iso3=("IRQ",), ids=("ucdp_actor:234",), latitude=33.355813, longitude=43.786124)
    store.events.put([placed], written_by="test")
    found = {event["event_id"]: event["registers"] for event in client.get("/v1/events?limit=1000").json()["events"]}
    assert found["placed"] == ["ucdp_actor:234", "gw:645", "views_month:421", "priogrid:177568"]
