"""Many questions at once, timelines, and the archive as a list."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from tests.databases import tell
from tests.service.conftest import TRUCE, Hands
from tests.service.test_forecasts import ATTACK
from tests.service.test_register import A_TRUCE
from truce.settings import Settings
from truce.store import Store

LATE = "aaa-2015-06-late"
LINES = {"Content-Type": "application/x-ndjson"}


def asked(client: TestClient, *items: dict[str, Any], **rest: Any) -> dict[str, Any]:
    answer = client.post("/v1/forecasts", json={"items": list(items), **rest})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_batch_of_stored_truces_and_dates_says_what_each_alone_would_say(client: TestClient, store: Store) -> None:
    items: list[dict[str, Any]] = [
        {"truce_id": TRUCE},
        {"truce_id": LATE},
        {"truce_id": TRUCE, "as_of": "2015-04-01", "horizons": [7]},
        {"truce_id": TRUCE},
    ]
    body = asked(client, *items, as_of="2015-06-14")
    alone = [
        client.get(f"/v1/truces/{TRUCE}/forecast?as_of=2015-06-14").json(),
        client.get(f"/v1/truces/{LATE}/forecast?as_of=2015-06-14").json(),
        client.get(f"/v1/truces/{TRUCE}/forecast?as_of=2015-04-01&horizons=7").json(),
    ]
    assert body == {"forecasts": [*alone, alone[0]], "refused": []}
    assert sum(store.forecasts.counts().values()) == 3, "archived, each once"


def test_forecasts_that_are_stored_together_are_read_one_by_one_and_a_spoilt_archive_is_our_fault(
    client: TestClient, home: Settings
) -> None:
    days = [f"2015-04-{day:02d}" for day in range(1, 31)]
    said = asked(client, *({"truce_id": TRUCE, "as_of": day} for day in days))["forecasts"]
    for forecast in said:
        assert client.get(f"/v1/forecasts/{forecast['forecast_id']}").json() == forecast
    tell(home, "UPDATE bundles SET bodies = features")
    for path in (f"/v1/forecasts/{said[7]['forecast_id']}", "/v1/forecasts"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_trouble")
        assert "is gone or was changed: restore a backup" in answer.json()["detail"]


def test_what_has_no_forecast_is_refused_in_its_place_and_stops_no_other(client: TestClient) -> None:
    items: list[dict[str, Any]] = [
        {"truce_id": "nobody"}, {"truce_id": TRUCE}, {"truce_id": "bbb-2015-03-unknown"}, {"truce_id": TRUCE, "as_of": "2014-01-01"},
        {"truce_id": TRUCE, "as_of": "2099-01-01"}, {"truce_id": TRUCE, "events": [ATTACK]}, {},
    ]  # fmt: skip
    body = asked(client, *items)
    assert [f["truce_id"] for f in body["forecasts"]] == [TRUCE]
    assert [(r["n"], r["code"]) for r in body["refused"]] == [
        (0, "unknown_truce"), (2, "unknown_fate"), (3, "before_start"), (4, "as_of_in_future"), (5, "bad_item"), (6, "bad_item"),
    ]  # fmt: skip


def test_a_truce_sent_with_its_events_is_forecast_and_nothing_is_stored(client: TestClient, store: Store) -> None:
    calm, alarmed, beside = asked(
        client,
        {"truce": A_TRUCE},
        {"truce": A_TRUCE, "events": [{**ATTACK, "actor": "S Army", "known_at": "2015-06-14"}]},
        {"truce": A_TRUCE, "beside": "stored"},
        as_of="2015-06-14",
    )["forecasts"]
    assert alarmed["horizons"][1]["p_breakdown"] > 1.5 * calm["horizons"][1]["p_breakdown"]
    assert [f["archived"] for f in (calm, alarmed, beside)] == [False] * 3
    assert (calm["sources"], alarmed["sources"][0]["name"], beside["sources"][0]["name"]) == ([], "desk", "test")
    assert client.get(f"/v1/truces/{A_TRUCE['truce_id']}").status_code == 404
    assert store.forecasts.counts() == {}
    assert len(client.get("/v1/events").json()["events"]) == 1


def test_an_inline_event_not_known_yet_moves_nothing(client: TestClient) -> None:
    with_event = {"truce": A_TRUCE, "events": [{**ATTACK, "actor": "S Army"}]}
    first, second = asked(client, {"truce": A_TRUCE}, with_event, as_of="2015-06-13")["forecasts"]
    assert first["horizons"] == second["horizons"]


def test_an_inline_truce_that_is_over_or_impossible_is_refused(client: TestClient) -> None:
    over = {**A_TRUCE, "outcome": "broke", "end_date": "2015-05-10", "end_known_at": "2015-05-11"}
    wrong = {**ATTACK, "occurred_on": "2016-01-01"}
    refused = asked(
        client,
        {"truce": over},
        {"truce": {**A_TRUCE, "effective_date": "2015-06-30"}},
        {"truce": A_TRUCE, "events": [wrong]},
    )["refused"]
    assert [r["code"] for r in refused] == ["after_end", "bad_input", "bad_event"]
    assert "event 0" in refused[2]["detail"]


def test_lines_come_back_as_lines_in_order_and_a_bad_one_stops_no_other(client: TestClient) -> None:
    lines = [
        json.dumps({"truce_id": TRUCE, "as_of": "2015-04-01"}),
        "{",
        '{"truce_id": 7}',
        json.dumps({"truce_id": "nobody"}),
        "",
    ]
    answer = client.post("/v1/forecasts", content="\n".join(lines), headers=LINES)
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert told[0] == client.get(f"/v1/truces/{TRUCE}/forecast?as_of=2015-04-01").json()
    assert [(line["n"], line["code"]) for line in told[1:]] == [(1, "bad_item"), (2, "bad_item"), (3, "unknown_truce")]


def test_ten_thousand_lines_are_answered_and_one_more_is_not(client: TestClient) -> None:
    line = json.dumps({"truce_id": TRUCE, "as_of": "2015-04-01", "horizons": [30]}) + "\n"
    answer = client.post("/v1/forecasts", content=line * 10_000, headers=LINES)
    assert answer.text.count("\n") == 10_000
    assert len(set(answer.text.splitlines())) == 1
    assert client.post("/v1/forecasts", content=line * 10_001, headers=LINES).json()["code"] == "bad_rows"
    assert client.post("/v1/forecasts", content="\n", headers=LINES).json()["code"] == "bad_rows"


def test_a_timeline_is_what_each_day_s_forecast_says_and_archives_nothing(client: TestClient, store: Store) -> None:
    path = f"/v1/truces/{TRUCE}/timeline"
    body = client.get(path, params={"from": "2014-12-28", "to": "2015-01-31", "every": "7d", "horizons": "30"}).json()
    assert [r["code"] for r in body["refused"]] == ["before_start"]
    assert [f["as_of"] for f in body["forecasts"]] == ["2015-01-04", "2015-01-11", "2015-01-18", "2015-01-25"]
    assert store.forecasts.counts() == {}
    alone = client.get(f"/v1/truces/{TRUCE}/forecast", params={"as_of": "2015-01-11", "horizons": "30"}).json()
    assert body["forecasts"][1] == {**alone, "archived": False}


def test_the_archive_is_paged_filtered_and_exported(client: TestClient, hands: Hands) -> None:
    for as_of in ("2015-01-15", "2015-04-01", "2015-05-01"):
        client.get(f"/v1/truces/{TRUCE}/forecast", params={"as_of": as_of})
    client.get(f"/v1/truces/{LATE}/forecast")
    first = client.get("/v1/forecasts", params={"limit": 3}).json()
    rest = client.get("/v1/forecasts", params={"limit": 3, "cursor": first["next"]}).json()
    listed = first["forecasts"] + rest["forecasts"]
    assert [f["kind"] for f in listed] == ["hindcast", "replay", "replay", "issued"]
    assert rest["next"] is None
    for query, count in (
        ({"truce_id": LATE}, 1), ({"kind": "replay"}, 2), ({"from": "2015-04-01", "to": "2015-04-30"}, 1), ({"version": "2"}, 0),
    ):  # fmt: skip
        assert len(client.get("/v1/forecasts", params=query).json()["forecasts"]) == count, query
    rows = list(csv.DictReader(io.StringIO(client.get("/v1/forecasts?format=csv").text)))
    table = pq.read_table(io.BytesIO(client.get("/v1/forecasts?format=parquet").content))
    assert (len(rows), table.num_rows) == (20, 20)
    assert table.column("p_breakdown").to_pylist() == [float(row["p_breakdown"]) for row in rows]
    assert rows[0]["p_breakdown"] == repr(listed[0]["horizons"][0]["p_breakdown"])


def test_the_hubverse_export_is_one_pmf_a_forecast_and_horizon(client: TestClient) -> None:
    for as_of in ("2015-04-01", "2015-04-01T10:00Z"):
        client.get(f"/v1/truces/{TRUCE}/forecast", params={"as_of": as_of})
    assert client.get("/v1/forecasts?format=hub").text.count("\n") == 1, "nothing was issued"
    rows = list(csv.DictReader(io.StringIO(client.get("/v1/forecasts?format=hub&kind=replay").text)))
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        assert (row["reference_date"], row["output_type"]) == ("2015-04-01", "pmf")
        sums[row["horizon"]] += float(row["value"])
    assert sums == pytest.approx(dict.fromkeys(("7", "30", "90", "180", "365"), 1.0), abs=3e-6)


def test_a_hub_gets_what_was_issued_once_a_day(client: TestClient, hands: Hands) -> None:
    client.get(f"/v1/truces/{TRUCE}/forecast", params={"as_of": "2015-04-01"})
    for horizons in ("7,30", "7,30", "7,90"):
        hands.on(minutes=1)
        client.get(f"/v1/truces/{TRUCE}/forecast", params={"horizons": horizons})
    rows = list(csv.DictReader(io.StringIO(client.get("/v1/forecasts?format=hub").text)))
    keys = [(row["reference_date"], row["horizon"], row["output_type_id"]) for row in rows]
    assert len(keys) == len(set(keys)) == 12
    assert {key[1] for key in keys} == {"7", "30", "90"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/forecasts?truce_id=nobody", 404, "unknown_truce"), ("/v1/forecasts?truce_id=nobody&format=csv", 404, "unknown_truce"),
        ("/v1/events?truce_id=nobody", 404, "unknown_truce"), ("/v1/events?from=2015-02-01&to=2015-01-01", 422, "bad_period"),
        ("/v1/forecasts?from=2015-02-01&to=2015-01-01", 422, "bad_period"),
    ],
)  # fmt: skip
def test_a_list_of_nothing_there_could_be_is_refused(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_events_of_a_truce_page_backwards_from_the_newest(
    client: TestClient, key: dict[str, str], hands: Hands
) -> None:
    days = [f"2015-06-0{k}" for k in range(1, 8)]
    client.post("/v1/events", json=[{**ATTACK, "occurred_on": day, "known_at": day} for day in days], headers=key)
    seen: list[str] = []
    cursor = None
    while True:
        page = client.get(
            f"/v1/truces/{TRUCE}/events", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen = [event["occurred_on"] for event in page["events"]] + seen
        if (cursor := page["next"]) is None:
            break
    assert seen == ["2015-01-10", *days]


def test_an_idempotency_key_answers_the_same_write_once_and_refuses_another(
    client: TestClient, key: dict[str, str]
) -> None:
    named = {**key, "Idempotency-Key": "my-write-1"}
    first = client.post("/v1/events", json=ATTACK, headers=named)
    assert first.json()["new"] == 1
    assert client.post("/v1/events", json=ATTACK, headers=named).content == first.content
    other = client.post("/v1/events", json={**ATTACK, "deaths": 3}, headers=named)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_clash")
    assert client.post("/v1/events", json=ATTACK, headers={**key, "Idempotency-Key": "a b"}).status_code == 422
    assert len(client.get("/v1/events").json()["events"]) == 2


def test_a_write_that_failed_leaves_no_answer_behind(client: TestClient, key: dict[str, str]) -> None:
    named = {**key, "Idempotency-Key": "my-write-2"}
    assert client.post("/v1/events", json={**ATTACK, "truce_id": "nobody"}, headers=named).status_code == 422
    assert client.post("/v1/events", json=ATTACK, headers=named).json()["new"] == 1


def test_lines_of_events_part_at_line_feeds_only(client: TestClient, key: dict[str, str]) -> None:
    event = json.dumps({**ATTACK, "actor": "a\u2028b"}, ensure_ascii=False)
    answer = client.post("/v1/events", content=f"{event}\r\n{event}\n".encode(), headers={**key, **LINES})
    assert (answer.json()["new"], answer.json()["unchanged"]) == (1, 1)
