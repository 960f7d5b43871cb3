"""Dead feeds are said to be dead, and forecasts for now are refused, widened or given, as the home is set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.desk import answer, print_answer
from tests.examples import an_event
from tests.service.conftest import NOON, TRUCE, Hands, publish
from truce.clock import end_of
from truce.errors import BadInput
from truce.liveness import Cadences, Watch, WhenStale, declared, widened
from truce.settings import Settings
from truce.store import Store
from truce.vocabulary import EventType

PATH = f"/v1/truces/{TRUCE}/forecast"


@contextmanager
def served(home: Settings, hands: Hands, when_stale: WhenStale) -> Iterator[TestClient]:
    with TestClient(create_app(replace(home, when_stale=when_stale), clock=hands)) as client:
        yield client


@pytest.fixture
def strict(home: Settings, hands: Hands, store: Store) -> Iterator[TestClient]:
    publish(store, "1")
    with served(home, hands, WhenStale.REFUSE) as client:
        yield client


def test_a_forecast_for_now_is_refused_when_every_source_has_been_silent_for_twice_its_cadence(
    strict: TestClient, store: Store
) -> None:
    refused = strict.get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (503, "stale")
    assert "test's of 2015-01-10" in refused.json()["detail"]
    assert strict.get(PATH, params={"as_of": "2015-06-14"}).status_code == 200, "the past is not now"
    assert store.forecasts.counts() == {"replay": 1}


def test_news_of_any_source_that_is_counted_bring_it_back_and_a_dead_one_stays_named(
    strict: TestClient, store: Store, hands: Hands
) -> None:
    day = date(2015, 6, 1)
    store.events.put([an_event("g", source="gdelt", occurred_on=day, known_at=end_of(day))], written_by="test")
    assert strict.get(PATH).status_code == 503, "no feature reads this feed"
    store.events.put([an_event("n", source="desk", occurred_on=day, known_at=end_of(day))], written_by="test")
    assert [(s["name"], s["stale"]) for s in strict.get(PATH).json()["sources"]] == [
        ("desk", False), ("gdelt", True), ("test", True),
    ]  # fmt: skip
    hands.on(days=1)
    assert strict.get(PATH).json()["code"] == "stale"


def test_a_feed_with_nothing_to_tell_says_so_by_an_event_of_type_none(
    strict: TestClient, key: dict[str, str], hands: Hands
) -> None:
    nothing = {
        "type": "none",
        "modality": "actual",
        "occurred_on": "2015-06-15",
        "known_at": "2015-06-15",
        "source": "test",
    }
    before = strict.get(PATH, params={"as_of": "2015-06-15T11:00:00Z"}).json()["horizons"]
    assert strict.post("/v1/events", json=nothing, headers=key).status_code == 200
    hands.on(minutes=1)
    now = strict.get(PATH).json()
    assert now["sources"] == [{"name": "test", "last_known_at": "2015-06-15T12:00:30Z", "age_days": 0, "stale": False}]
    assert now["horizons"][0]["p_breakdown"] == pytest.approx(before[0]["p_breakdown"], rel=1e-2)


def test_the_service_s_state_and_a_forecast_for_now_see_the_same_minute(
    strict: TestClient, store: Store, hands: Hands
) -> None:
    hands.on(seconds=20)
    store.events.put([an_event("beat", occurred_on=NOON.date(), known_at=hands.now)], written_by="test")
    seen = []
    for _ in range(2):
        seen.append((strict.get("/readyz").json()["silence"] is None, strict.get(PATH).status_code == 200))
        hands.on(minutes=1)
    assert seen == [(False, False), (True, True)]


def test_a_home_without_any_source_is_no_dead_feed(home: Settings, hands: Hands, store: Store) -> None:
    publish(store, "1")
    watch = Watch(declared(), WhenStale.REFUSE)
    assert watch.admit(watch.pulses([], NOON)) is True


def test_widening_reaches_to_truce_age_alone(home: Settings, hands: Hands, store: Store) -> None:
    publish(store, "1")
    with served(home, hands, WhenStale.WIDEN) as client:
        for horizon in client.get(PATH).json()["horizons"]:
            low, high = horizon["interval"]
            assert low <= min(horizon["p_breakdown"], horizon["p_baseline"])
            assert high >= max(horizon["p_breakdown"], horizon["p_baseline"])
    with served(home, hands, WhenStale.IGNORE) as client:
        hands.on(minutes=1)
        assert client.get(PATH).json()["sources"][0]["stale"] is True
    kept = widened({"p_breakdown": 0.3, "p_baseline": 0.1, "interval": [0.2, 0.5]})
    assert kept["interval"] == [0.1, 0.5]


def test_batches_refuse_what_is_asked_for_now_and_answer_the_rest(strict: TestClient) -> None:
    items = [{"truce_id": TRUCE}, {"truce_id": TRUCE, "as_of": "2015-04-01"}]
    body = strict.post("/v1/forecasts", json={"items": items}).json()
    assert ([r["code"] for r in body["refused"]], len(body["forecasts"])) == (["stale"], 1)
    alone = strict.post("/v1/forecasts", json={"items": items[:1]})
    assert (alone.status_code, alone.json()["code"]) == (503, "stale")


def test_the_command_line_refuses_all_in_one_line_that_names_the_cures(
    home: Settings, hands: Hands, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(store, "1")
    refusing = replace(home, when_stale=WhenStale.REFUSE)
    found = answer(refusing, None, None, None, clock=hands)
    print_answer(found, "table")
    lines = [line for line in capsys.readouterr().out.splitlines() if "(stale)" in line]
    assert (found.forecasts, len(lines)) == ([], 1)
    assert "2 truces" in lines[0]
    for cure in ("Import newer news", "as of 2015-01-10", "TRUCECAST_STALE=ignore"):
        assert cure in lines[0]
    print_answer(answer(refusing, [TRUCE, "nobody"], None, None, clock=hands), "json")
    refused = {one["truce_id"]: one["code"] for one in json.loads(capsys.readouterr().out)["refused"]}
    assert refused == {TRUCE: "stale", "nobody": "unknown_truce"}


def test_cadences_come_from_the_code_and_a_home_s_own_file_goes_before_them(tmp_path: Path) -> None:
    (tmp_path / "trucecast.toml").write_text(
        'stale = "widen"\ndefault = 30\n[cadence]\ndesk = 1\n"current-events" = "none"\n'
    )
    settings = Settings.from_environment(tmp_path, {})
    assert [settings.cadences.of(name) for name in ("desk", "current-events", "acled", "texts/coder-3", "else")] == [
        1,
        None,
        7,
        30,
        30,
    ]
    assert settings.when_stale is WhenStale.WIDEN
    assert Settings.from_environment(tmp_path, {"TRUCECAST_STALE": "ignore"}).when_stale is WhenStale.IGNORE


@pytest.mark.parametrize(
    "text", ['stale = "perhaps"', "default = 0", "default = true", "[cadence]\ndesk = 1.5", "cadence = 3", "=", "\x00"]
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "trucecast.toml").write_text(text)
    with pytest.raises(BadInput):
        Settings.from_environment(tmp_path, {})


def test_a_source_is_stale_after_twice_its_cadence_and_not_at_it() -> None:
    watch = Watch(Cadences(7, {}), WhenStale.REFUSE)
    at, past = (watch.pulses([("x", NOON - timedelta(days=14, seconds=s))], NOON)[0].stale for s in (0, 1))
    assert (at, past) == (False, True)


def test_no_feature_counts_an_event_of_type_none() -> None:
    from truce.families import EVENT_FAMILIES

    assert all(EventType.NONE not in family.types for family in EVENT_FAMILIES)
