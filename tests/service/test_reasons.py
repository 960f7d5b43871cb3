from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifact import Artifact
from models.standardise import Scale
from models.support import Seen, Support
from models.weibull import Weibull
from service import ledger
from service.explaining import stand
from service.grounds import parts
from tests.examples import EVENTS, MOMENTS, TRUCES, a_truce
from tests.service.conftest import NOON, TRUCE, Hands, an_artifact, attack_watcher, publish, publish_artifact
from truce.clock import end_of
from truce.columns import EventColumns
from truce.features import features_at
from truce.history import History
from truce.store import Store
from truce.tallies import Tallies
from truce.vocabulary import Event, Truce

COLUMNS = (
    "attacks_sides_90", "attacks_deaths_country_30", "attacks_since_sides", "threats_by_side_365", "record_conflict", "unilateral",
    "unilateral_x_log_age", "log_time_left", "talks_country_7",
)  # fmt: skip
OWN = a_truce(observed_to=None)


def a_model(seed: int, own: float = 0.6) -> Artifact:
    """A model that reads many columns, with weights drawn by lot."""
    rng = np.random.default_rng(seed)
    scale = Scale(COLUMNS, rng.uniform(0, 0.5, len(COLUMNS)), rng.uniform(0.5, 2, len(COLUMNS)))
    model = Weibull(scale, rng.normal(size=len(COLUMNS)), attack_watcher().other_ends, -4.0, own)
    artifact = an_artifact("1")
    return Artifact(**{**{n: getattr(artifact, n) for n in Artifact.__slots__}, "model": model})


@settings(max_examples=25)
@given(EVENTS, TRUCES, MOMENTS.filter(lambda m: m >= end_of(OWN.effective_date)), st.integers(0, 200))
def test_the_ledger_of_any_history_adds_up(
    events: list[Event], others: list[Truce], then: datetime, passed: int
) -> None:
    now, days = then + timedelta(days=passed), (7, 90)
    model, before = a_model(1), a_model(2, own=0.9)
    whole = EventColumns.of(events)
    known, today = (History.known_at(moment, [OWN, *others], whole) for moment in (then, now))
    stands = [
        stand(model, history, OWN.truce_id, features_at(history, OWN.truce_id, moment), days)
        for history, moment in ((today, now), (today.hindsight(then), then), (known, then))
    ]
    spoke = before.model.reasons(stands[2].table, days).log_odds[0]
    for horizon in ledger.split(stands[0], stands[1], stands[2], spoke):
        total = sum(part["log_odds"] for part in horizon["parts"])
        assert total == pytest.approx(horizon["log_odds_now"] - horizon["log_odds_then"], abs=1e-7)
        assert horizon["change"] == pytest.approx(total, abs=1e-7)
        said = model.model.cumulative_incidence(stands[0].table, days)[0, :, 0]
        assert horizon["p_now"] == pytest.approx(float(np.clip(said[days.index(horizon["days"])], 1e-6, 1 - 1e-6)))


@settings(max_examples=25)
@given(EVENTS, MOMENTS.filter(lambda m: m >= end_of(OWN.effective_date)))
def test_parts_add_up_and_so_do_the_events_of_a_part(events: list[Event], moment: datetime) -> None:
    model = a_model(3)
    history = History.known_at(moment, [OWN], EventColumns.of(events))
    row = features_at(history, OWN.truce_id, moment)
    found = parts(model, [OWN], [Tallies(history.events)], row, (30,))[0]
    chance = model.model.cumulative_incidence(row, (30,))[0, 0, 0]
    assert sum(float(p.log_odds[0]) for p in found) == pytest.approx(float(np.log(chance / (1 - chance))), abs=1e-7)
    for part in found:
        if part.events:  # without its events the part is what the model says of a row that counts none
            values = row.values.copy()
            values[0, row.names.index(part.feature)] = np.log1p(1000.0) if "since" in part.feature else 0.0
            none = model.model.reasons(type(row)(row.names, values, row.age_days, row.truce_ids, row.as_of, "x"), (30,))
            added = part.log_odds[0] - none.values[0, 0, none.names.index(part.feature)]
            assert sum(float(v[0]) for v in part.events.values()) == pytest.approx(float(added), abs=1e-9)


def get(client: TestClient, path: str = "explanation", **query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/truces/{TRUCE}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_forecast_names_what_drives_it_down_to_the_event(client: TestClient) -> None:
    with_attack = get(client, "forecast", as_of="2015-01-20")
    (driver,) = with_attack["drivers"]
    assert driver["feature"] == "attacks_sides_90"
    assert driver["value"] == pytest.approx(np.log(2))
    assert [event["event_id"] for event in driver["events"]] == ["e1"]
    assert driver["events"][0]["log_odds"] == pytest.approx(driver["log_odds"]), "the mean is none here"
    assert get(client, "forecast", as_of="2015-06-01")["drivers"] == [], "its window has passed"


def test_an_explanation_adds_up_to_the_forecast_and_is_not_archived(client: TestClient, store: Store) -> None:
    said, why = get(client, "forecast", as_of="2015-01-20"), get(client, as_of="2015-01-20")
    assert why["archived"] is False
    assert why["ledger"] is None
    for h, horizon in zip(said["horizons"], why["horizons"], strict=True):
        assert {k: horizon[k] for k in h} == h
        p = h["p_breakdown"]
        assert sum(part["log_odds"] for part in horizon["parts"]) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)
    assert why["events"]["e1"]["type"] == "assault"
    assert store.forecasts.counts() == {"hindcast": 1}


def test_the_ledger_says_that_an_attack_entered(client: TestClient) -> None:
    (month,) = get(client, as_of="2015-01-20", since="2015-01-05", horizons="30")["ledger"]["horizons"]
    moved = {part["part"]: part for part in month["parts"]}
    assert moved["attacks"]["events"] == [
        {"event_id": "e1", "change": "entered", "log_odds": moved["attacks"]["log_odds"]}
    ]
    assert month["p_now"] > month["p_then"]
    (gone,) = get(client, as_of="2015-06-01", since="2015-01-20", horizons="30")["ledger"]["horizons"]
    moved = {part["part"]: part for part in gone["parts"]}
    assert moved["attacks"]["events"][0]["change"] == "left"


def test_what_was_learned_late_is_a_revision_and_a_new_champion_is_the_model(
    client: TestClient, store: Store, hands: Hands, key: dict[str, str]
) -> None:
    attack = {
        "type": "assault", "modality": "actual", "occurred_on": "2015-06-14", "known_at": "2015-06-16T12:00:00Z", "iso3": ["AAA"],
        "actor": "R Front", "target": "Government of A", "source": "desk", "event_id": "told-late",
    }  # fmt: skip
    hands.on(days=1)
    assert client.post("/v1/events", json=attack, headers=key).status_code == 200
    since = "2015-06-15T20:00:00Z"
    spoke = get(client, "forecast", as_of=since, horizons="30")["horizons"][0]["p_breakdown"]
    publish(store, "2", intercept=-4.0)
    client.app.state.parts.shelf.refresh(store)  # type: ignore[attr-defined]
    speaks = get(client, "forecast", as_of=since, horizons="30")["horizons"][0]["p_breakdown"]
    hands.on(minutes=2)
    told = get(client, since=since, horizons="30")["ledger"]
    moved = {part["part"]: part for part in told["horizons"][0]["parts"]}
    assert told["model_then"]["compared"] is True
    assert told["horizons"][0]["p_then"] == pytest.approx(spoke)
    assert moved["model"]["log_odds"] == pytest.approx(np.log(speaks / (1 - speaks)) - np.log(spoke / (1 - spoke)))
    (late,) = moved["revision"]["of"]
    assert late["part"] == "attacks"
    assert late["events"][0]["event_id"] == "told-late"
    assert "attacks" not in moved or not moved["attacks"]["events"]


def test_since_is_checked_as_an_as_of_is(client: TestClient) -> None:
    path = f"/v1/truces/{TRUCE}/explanation"
    for query, code in (
        ({"since": "2015-02-01", "as_of": "2015-01-20"}, "bad_period"),
        ({"since": "2014-02-01"}, "before_start"),
        ({"since": "soon"}, "bad_date"),
        ({"since": "2016-01-01"}, "as_of_in_future"),
    ):
        answer = client.get(path, params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert client.get("/v1/truces/nowhere/explanation").status_code == 404


ATTACK = {
    "type": "assault", "modality": "actual", "occurred_on": "2015-04-01", "iso3": ["AAA"], "actor": "R Front", "target": "Government of A",
}  # fmt: skip
SCENARIOS = f"/v1/truces/{TRUCE}/scenarios"


def backed(seen: Seen) -> Artifact:
    artifact = an_artifact("2")
    bounds = [np.array([v]) for v in (0.0, 3.0, 0.3)]
    support = Support(1000, ("attacks_sides_90",), bounds[0], bounds[1], bounds[2], {"attacks_sides_90": seen})
    return Artifact(**{**{n: getattr(artifact, n) for n in Artifact.__slots__}, "support": support})


def ask(client: TestClient, *events: dict[str, Any], as_of: str = "2015-04-05") -> Any:
    return client.post(SCENARIOS, json={"events": list(events), "as_of": as_of})


def test_a_supposed_event_does_what_the_same_event_in_the_record_does(
    client: TestClient, store: Store, key: dict[str, str]
) -> None:
    body = ask(client, ATTACK).json()
    assert body["archived"] is False
    assert "associational" in body["label"]
    counted = store.stamp()
    sent = {**ATTACK, "known_at": "2015-04-02", "source": "desk"}
    assert store.stamp() == counted, "a what-if leaves nothing behind"
    client.post("/v1/events", json=sent, headers=key)
    real = get(client, "forecast", as_of="2015-04-05")
    for asked, said in zip(body["horizons"], real["horizons"], strict=True):
        assert asked["p_after"] == pytest.approx(said["p_breakdown"], rel=1e-12)
        assert asked["p_before"] < asked["p_after"]
        assert asked["log_odds"] > 0


def test_a_what_if_says_how_many_cases_it_leans_on(client: TestClient, store: Store) -> None:
    publish_artifact(store, backed(Seen(90, 30, 12)))
    client.app.state.parts.shelf.refresh(store)  # type: ignore[attr-defined]
    body = ask(client, ATTACK).json()
    assert body["thin"] is False
    assert body["events"][0]["support"] == {
        "column": "attacks_sides_90", "rows": 90, "truces": 30, "breaks": 12, "thin": False
    }  # fmt: skip
    assert body["events"][0]["links"][0]["scope"] == "sides"


def test_a_what_if_on_thin_support_is_flagged_and_on_none_refused(client: TestClient, store: Store) -> None:
    publish_artifact(store, backed(Seen(9, 3, 1)))
    client.app.state.parts.shelf.refresh(store)  # type: ignore[attr-defined]
    assert ask(client, ATTACK).json()["thin"] is True
    publish_artifact(store, backed(Seen(0, 0, 0)), version="3")
    client.app.state.parts.shelf.refresh(store)  # type: ignore[attr-defined]
    answer = ask(client, ATTACK)
    assert (answer.status_code, answer.json()["code"]) == (422, "outside_support")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("event", "note"),
    [
        ({**ATTACK, "modality": "hypothetical"}, "no event family"),
        ({**ATTACK, "type": "election"}, "reads no column of elections"),
        ({**ATTACK, "actor": "X", "target": "Y", "iso3": ["CCC"]}, "does not bear on this truce"),
    ],
    ids=["not counted", "not read", "elsewhere"],
)
def test_an_event_that_changes_nothing_says_why(client: TestClient, event: dict[str, Any], note: str) -> None:
    body = ask(client, event).json()
    assert note in body["events"][0]["note"]
    assert [h["log_odds"] for h in body["horizons"]] == [0.0] * 5


@pytest.mark.parametrize(
    "event",
    [
        {**ATTACK, "type": "miracle"},
        {**ATTACK, "occurred_on": "2015-05-01"},
        {**ATTACK, "known_at": "2015-05-01"},
        {**ATTACK, "deaths": -1},
        {**ATTACK, "truce_id": "aaa-2015-02-ended"},
        {**ATTACK, "hope": True},
    ],
    ids=["type", "later", "known later", "deaths", "another truce", "unknown field"],
)
def test_a_supposed_event_is_checked_as_events_are(client: TestClient, event: dict[str, Any]) -> None:
    answer = ask(client, event)
    assert answer.status_code == 422, answer.text


def test_a_truce_outside_support_is_refused_with_its_reason_and_others_are_not(
    client: TestClient, store: Store
) -> None:
    old = backed(Seen(90, 30, 12))
    support = Support(1, (), np.zeros(0), np.zeros(0), np.zeros(0), {})
    publish_artifact(store, Artifact(**{**{n: getattr(old, n) for n in Artifact.__slots__}, "support": support}))
    client.app.state.parts.shelf.refresh(store)  # type: ignore[attr-defined]
    store.truces.put(
        [a_truce("aaa-2010-01-old", effective_date=datetime(2010, 1, 1, tzinfo=UTC).date(), observed_to=None)],
        known_at=NOON, source="truces", written_by="cli",
    )  # fmt: skip
    answer = client.get("/v1/truces/aaa-2010-01-old/forecast")
    assert (answer.status_code, answer.json()["code"]) == (422, "outside_support")
    assert "days old" in answer.json()["detail"]
    parts_ = client.app.state.parts  # type: ignore[attr-defined]
    found = parts_.forecaster.several(parts_.shelf.model(), None, None)
    assert [r["truce_id"] for r in found.refused if r["code"] == "outside_support"] == ["aaa-2010-01-old"]
    assert TRUCE in [f["truce_id"] for f in found.forecasts]
