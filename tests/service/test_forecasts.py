from __future__ import annotations

import time
from datetime import date
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from service.forecasting import Forecaster
from service.recall import Recall
from service.shelf import Shelf
from tests.service.conftest import TRUCE, Hands, an_artifact, publish
from truce.clock import end_of
from truce.features import features_at
from truce.history import History
from truce.store import Store

ATTACK: dict[str, Any] = {
    "type": "assault",
    "modality": "actual",
    "occurred_on": "2015-06-14",
    "known_at": "2015-06-15",
    "actor": "R Front",
    "target": "Government of A",
    "iso3": ["AAA"],
    "source": "desk",
}
FIELDS = {
    "forecast_id", "archived", "truce_id", "as_of", "issued_at", "age_days", "rule", "hindcast", "model", "horizons", "drivers",
    "sources", "reliability", "attribution",
}  # fmt: skip


def ask(client: TestClient, **query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/truces/{TRUCE}/forecast", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_forecast_has_every_key_and_its_four_chances_sum_to_one(client: TestClient) -> None:
    body = ask(client)
    assert body.keys() == FIELDS
    assert [h["days"] for h in body["horizons"]] == [7, 30, 90, 180, 365]
    for h in body["horizons"]:
        assert h["p_breakdown"] + h["p_expired"] + h["p_superseded"] + h["p_holds"] == pytest.approx(1, abs=1e-9)
        assert h.keys() == {"days", "p_breakdown", "interval", "p_expired", "p_superseded", "p_holds", "p_baseline"}
    assert body["model"] == {
        "name": "truce-breakdown", "version": "1", "family": "weibull", "run_id": None, "trained_to": "2015-02-01"
    }  # fmt: skip


def test_a_forecast_is_what_the_model_says_of_what_was_known(client: TestClient, store: Store) -> None:
    body = ask(client, as_of="2015-01-20", horizons="30,7")
    moment = end_of(date(2015, 1, 20))
    history = History.known_at(moment, store.truces.current(), store.events.arrays())
    chances = an_artifact("1").model.cumulative_incidence(features_at(history, TRUCE, moment), [7, 30])
    assert [h["days"] for h in body["horizons"]] == [7, 30]
    np.testing.assert_allclose([h["p_breakdown"] for h in body["horizons"]], chances[0, :, 0], rtol=1e-12)
    row = features_at(history, TRUCE, moment)
    known = [None if np.isnan(value) else value for value in row.values[0].tolist()]
    assert store.forecasts.features(body["forecast_id"]) == dict(zip(row.names, known, strict=True))


def test_as_of_now_is_cut_to_the_minute_and_a_day_means_its_end(client: TestClient) -> None:
    assert ask(client)["as_of"] == "2015-06-15T12:00:00Z"
    assert ask(client, as_of="2015-06-15")["as_of"] == "2015-06-15T12:00:00Z"
    assert ask(client, as_of="2015-04-28")["as_of"] == "2015-04-28"
    assert ask(client, as_of="2015-04-28")["age_days"] == 118


def test_the_first_landmark_is_the_start_of_the_first_day_and_has_age_zero(client: TestClient) -> None:
    assert ask(client, as_of="2015-01-01T00:00:00Z")["age_days"] == 0
    assert ask(client, as_of="2014-12-31")["age_days"] == 0
    assert ask(client, as_of="2015-01-01")["age_days"] == 1


def test_a_forecast_of_days_that_the_model_has_seen_is_a_hindcast(client: TestClient) -> None:
    assert ask(client, as_of="2015-01-31")["hindcast"] is True
    assert ask(client, as_of="2015-02-01")["hindcast"] is False


def test_a_truce_whose_end_is_not_known_yet_still_has_a_forecast(client: TestClient) -> None:
    path = "/v1/truces/aaa-2015-02-ended/forecast"
    assert client.get(path, params={"as_of": "2015-03-04"}).status_code == 200
    assert client.get(path, params={"as_of": "2015-03-05"}).json()["code"] == "after_end"


def test_what_was_answered_is_in_the_archive_and_comes_back_byte_for_byte(client: TestClient, store: Store) -> None:
    answer = client.get(f"/v1/truces/{TRUCE}/forecast", params={"as_of": "2015-04-01"})
    archived = client.get(f"/v1/forecasts/{answer.json()['forecast_id']}")
    assert archived.content == answer.content
    assert answer.json()["archived"] is True
    assert store.forecasts.verify().checked == 1


def test_the_same_question_of_the_same_data_has_one_id_and_is_stored_once(
    client: TestClient, hands: Hands, store: Store
) -> None:
    first = ask(client, as_of="2015-04-01")
    hands.on(hours=5)
    assert ask(client, as_of="2015-04-01") == first
    assert store.forecasts.counts() == {"replay": 1}


def test_issued_forecasts_replays_and_hindcasts_are_kept_apart(client: TestClient, store: Store) -> None:
    for as_of in ({}, {"as_of": "2015-04-01"}, {"as_of": "2015-01-15"}):
        ask(client, **as_of)
    assert store.forecasts.counts() == {"issued": 1, "replay": 1, "hindcast": 1}


def test_what_cannot_be_archived_is_not_answered(
    client: TestClient, home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from truce.store.engine import make_engine

    with make_engine(home.database_url).connect() as connection:
        connection.exec_driver_sql("ALTER TABLE forecasts RENAME TO hidden")
        connection.commit()
    answer = client.get(f"/v1/truces/{TRUCE}/forecast")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_trouble")


def test_an_event_moves_the_next_minute_s_forecast_but_none_made_before_it_was_known(
    client: TestClient, key: dict[str, str], hands: Hands
) -> None:
    now, before = ask(client), ask(client, as_of="2015-06-14")
    assert client.post("/v1/events", json=ATTACK, headers=key).json()["new"] == 1
    assert ask(client) == now, "as_of is cut to the minute: at 12:00 nobody knew yet"
    hands.on(minutes=1)
    assert ask(client)["horizons"][1]["p_breakdown"] > 1.5 * now["horizons"][1]["p_breakdown"]
    assert ask(client, as_of=now["as_of"]) == now
    assert ask(client, as_of="2015-06-14") == before


def test_a_retraction_takes_the_event_back_from_then_on(client: TestClient, key: dict[str, str], hands: Hands) -> None:
    calm = ask(client)["horizons"][1]["p_breakdown"]
    sent = client.post("/v1/events", json=ATTACK, headers=key).json()
    hands.on(minutes=1)
    alarmed = ask(client)
    path = f"/v1/events/{sent['event_ids'][0]}/retractions"
    assert client.post(path, json={"why": "a drill"}, headers=key).status_code == 200
    hands.on(minutes=1)
    assert ask(client)["horizons"][1]["p_breakdown"] == pytest.approx(calm, rel=1e-3)
    assert ask(client, as_of=alarmed["as_of"]) == alarmed


def test_an_event_that_was_taken_back_does_not_come_again_in_silence(client: TestClient, key: dict[str, str]) -> None:
    event = {**ATTACK, "event_id": "a-drill"}
    assert client.post("/v1/events", json=event, headers=key).json()["new"] == 1
    assert client.post("/v1/events", json=event, headers=key).json()["unchanged"] == 1
    assert client.post("/v1/events/a-drill/retractions", json={"why": "a drill"}, headers=key).status_code == 200
    again = client.post("/v1/events", json=event, headers=key)
    assert again.status_code == 409
    assert "has been retracted" in again.json()["detail"]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([{**ATTACK, "event_id": "x"}, {**ATTACK, "event_id": "x", "deaths": 4}], "event 1 has the id of event 0"),
        ([{**ATTACK, "occurred_on": "2015-06-10", "known_at": "2015-06-01"}], "event 0: known_at 2015-06-01 is before"),
    ],
)
def test_events_that_contradict_are_refused_by_their_place(
    client: TestClient, key: dict[str, str], events: list[dict[str, Any]], says: str
) -> None:
    answer = client.post("/v1/events", json=events, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_event")
    assert says in answer.json()["detail"]


def test_a_newer_champion_is_served_without_a_restart(client: TestClient, store: Store) -> None:
    first = ask(client)
    publish(store, "2", intercept=-3.0)
    deadline = time.monotonic() + 10
    while ask(client)["model"]["version"] == "1":
        assert time.monotonic() < deadline, "the service never looked"
        time.sleep(0.1)
    assert ask(client)["horizons"][0]["p_breakdown"] > first["horizons"][0]["p_breakdown"]


def test_a_broken_champion_leaves_the_old_one_in_charge_and_readyz_says_so(client: TestClient, store: Store) -> None:
    from truce.store.models import Published

    spoiled = {name: getattr(store.models.get("1"), name) for name in Published.__slots__} | {
        "version": "2",
        "body": "{}",
    }
    store.models.publish(Published(**spoiled))
    store.models.move("champion", "2", by="test", why="test")
    parts = client.app.state.parts  # type: ignore[attr-defined]
    parts.shelf.refresh(store)
    assert ask(client)["model"]["version"] == "1"
    assert "format" in client.get("/readyz").json()["refresh_trouble"]


def test_all_in_force_are_answered_and_unknown_fates_refused(store: Store, hands: Hands) -> None:
    publish(store, "1")
    shelf = Shelf()
    shelf.refresh(store)
    found = Forecaster(store, Recall(store), hands).several(shelf.model(), None, None)
    assert [f["truce_id"] for f in found.forecasts] == [TRUCE, "aaa-2015-06-late"]
    assert [(r["truce_id"], r["code"]) for r in found.refused] == [("bbb-2015-03-unknown", "unknown_fate")]
