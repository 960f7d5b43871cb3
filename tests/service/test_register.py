"""Truces written over HTTP: new ones, corrections and ends."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.requests import TRUCE_EXAMPLE, TruceIn
from tests.service.conftest import NOON, TRUCE, Hands
from truce.store import Store

A_TRUCE: dict[str, Any] = {
    "truce_id": "aaa-2015-05-desk", "iso3": ["AAA"], "side_a": ["Government of A"], "side_b": ["S Army"], "effective_date": "2015-05-01",
}  # fmt: skip
END = {"outcome": "broke", "end_date": "2015-06-14", "why": "shelling resumed", "source": "desk"}


@pytest.fixture
def writer(store: Store) -> dict[str, str]:
    return {"Authorization": f"Bearer {store.keys.create(['truces:write'])[1]}"}


def test_a_truce_sent_is_stored_and_forecast_and_a_replay_changes_nothing(
    client: TestClient, writer: dict[str, str]
) -> None:
    assert client.post("/v1/truces", json=A_TRUCE, headers=writer).json()["new"] == 1
    assert client.post("/v1/truces", json=[A_TRUCE], headers=writer).json()["unchanged"] == 1
    shown = client.get(f"/v1/truces/{A_TRUCE['truce_id']}").json()
    assert (shown["conflict"], shown["start_known_at"], shown["name"]) == ("aaa", "2015-05-03", A_TRUCE["truce_id"])
    assert client.get(f"/v1/truces/{A_TRUCE['truce_id']}/forecast").status_code == 200


def test_the_same_id_with_other_content_is_409_and_nothing_of_the_array_is_stored(
    client: TestClient, writer: dict[str, str]
) -> None:
    client.post("/v1/truces", json=A_TRUCE, headers=writer)
    batch = [{**A_TRUCE, "truce_id": "aaa-new"}, {**A_TRUCE, "side_b": ["R Front"]}]
    answer = client.post("/v1/truces", json=batch, headers=writer)
    assert (answer.status_code, answer.json()["code"]) == (409, "clash")
    assert client.get("/v1/truces/aaa-new").status_code == 404
    twice = [{**A_TRUCE, "truce_id": "twice"}, {**A_TRUCE, "truce_id": "twice", "notes": "other"}]
    assert client.post("/v1/truces", json=twice, headers=writer).status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"effective_date": "2015-06-16"},
        {"effective_date": "1994-02-31"},
        {"outcome": "broke"},
        {"end_date": "2015-05-02"},
        {"scheduled_end": "2015-04-01"},
        {"iso3": []},
        {"iso3": ["Iraq"]},
        {"side_a": ["A\x00"]},
        {"form": "shouted"},
        {"start_known_at": "2099-01-01"},
        {"truce_id": "../../etc"},
        {"mood": "dark"},
        {"name": None},
        *({day: "9999-12-31"} for day in ("scheduled_end", "first_violation", "observed_to", "effective_date")),
        *({day: "2015-06-17"} for day in ("first_violation", "observed_to")),
    ],
    ids=str,
)
def test_a_truce_that_cannot_be_is_422_and_not_stored(
    client: TestClient, writer: dict[str, str], change: dict[str, Any]
) -> None:
    answer = client.post("/v1/truces", json={**A_TRUCE, **change}, headers=writer)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert client.get(f"/v1/truces/{A_TRUCE['truce_id']}").status_code == 404


def test_an_end_is_known_from_now_on_and_not_earlier(client: TestClient, writer: dict[str, str], hands: Hands) -> None:
    said = client.patch(f"/v1/truces/{TRUCE}", json=END, headers=writer).json()
    assert (said["outcome"], said["end_known_at"]) == ("broke", "2015-06-15T12:00:30Z")
    hands.on(minutes=1)
    path = f"/v1/truces/{TRUCE}/forecast"
    assert client.get(path).json()["code"] == "after_end"
    assert client.get(path, params={"as_of": "2015-06-14"}).status_code == 200, "nobody had told us then"
    assert client.patch(f"/v1/truces/{TRUCE}", json=END, headers=writer).status_code == 200
    other = client.patch(f"/v1/truces/{TRUCE}", json={**END, "end_date": "2015-06-01"}, headers=writer)
    assert (other.status_code, other.json()["code"]) == (409, "clash")


def test_a_correction_moves_no_forecast_made_of_earlier(
    client: TestClient, writer: dict[str, str], hands: Hands, store: Store
) -> None:
    path = f"/v1/truces/{TRUCE}/forecast"
    then = client.get(path, params={"as_of": "2015-06-14"}).json()
    hands.on(minutes=1)
    assert client.patch(f"/v1/truces/{TRUCE}", json={"sidedness": "unilateral"}, headers=writer).status_code == 200
    assert store.truces.get(TRUCE).sidedness == "unilateral"
    assert client.get(path, params={"as_of": "2015-06-14"}).json() == then
    assert store.truces.as_known(NOON)[0].sidedness == "mutual"


def test_an_end_needs_its_reason_and_its_source(client: TestClient, writer: dict[str, str]) -> None:
    for change in ({"outcome": "broke"}, {**END, "why": None}, {"scheduled_end": "2014-01-01"}, {"name": None}):
        assert client.patch(f"/v1/truces/{TRUCE}", json=change, headers=writer).status_code == 422
    assert client.patch("/v1/truces/nobody", json=END, headers=writer).status_code == 404


def test_it_can_be_told_how_far_a_truce_was_watched(client: TestClient, writer: dict[str, str], store: Store) -> None:
    client.post("/v1/truces", json={**A_TRUCE, "observed_to": "2015-05-10"}, headers=writer)
    path = f"/v1/truces/{A_TRUCE['truce_id']}"
    for day in ("2015-05-20", None):
        assert client.patch(path, json={"observed_to": day}, headers=writer).json()["observed_to"] == day
    for impossible in ("2999-01-01", "2015-04-30", "soon"):
        answer = client.patch(path, json={"observed_to": impossible}, headers=writer)
        assert (answer.status_code, answer.json()["status"]) == (422, 422)
    assert store.truces.get(A_TRUCE["truce_id"]).observed_to is None


def test_the_example_of_a_truce_is_one() -> None:
    assert TruceIn.model_validate(TRUCE_EXAMPLE).truce_id == TRUCE_EXAMPLE["truce_id"]


def test_a_clock_that_was_put_back_changes_no_forecast_that_was_given(
    client: TestClient, writer: dict[str, str], hands: Hands, store: Store
) -> None:
    path = f"/v1/truces/{TRUCE}"
    said = client.get(f"{path}/forecast", params={"as_of": "2015-06-14"}).json()
    hands.on(days=-10)
    refused = client.patch(path, json={"scheduled_end": "2015-12-31"}, headers=writer)
    assert (refused.status_code, refused.json()["code"]) == (503, "store_trouble")
    assert "set the clock right" in refused.json()["detail"]
    assert len(store.truces.versions_of(TRUCE)) == 1
    hands.on(days=10, minutes=-5)  # a small step is bridged
    assert client.patch(path, json={"scheduled_end": "2015-12-31"}, headers=writer).status_code == 200
    assert store.truces.versions()[TRUCE][-1][0] == NOON
    hands.on(days=1)
    assert client.get(f"{path}/forecast", params={"as_of": "2015-06-14"}).json() == said
