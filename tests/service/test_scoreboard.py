from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from service import database, desk, export
from tests.service.conftest import NOON, TRUCE, Hands
from truce.clock import end_of
from truce.errors import BadInput, StoreTrouble, WrongFile
from truce.settings import Settings
from truce.store import Store
from truce.store.matches import Match
from truce.vocabulary import Outcome
from trucecast import app

LATE = "aaa-2015-06-late"
FUNNEL = ("issued", "matured", "resolved", "void", "scored")


def ask(client: TestClient, truce_id: str = TRUCE, **query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/truces/{truce_id}/forecast", params={"horizons": "7,30", **query})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def board(client: TestClient) -> dict[str, Any]:
    answer = client.get("/v1/scoreboard")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def row(client: TestClient, days: int) -> dict[str, Any]:
    (found,) = (row for row in board(client)["horizons"] if row["days"] == days)
    return dict(found)


def funnel(client: TestClient, days: int) -> tuple[int, ...]:
    return tuple(row(client, days)[step] for step in FUNNEL)


def breaks(store: Store, truce_id: str, day: date, known_at: datetime, outcome: Outcome = Outcome.BROKE) -> None:
    ended = replace(store.truces.get(truce_id), outcome=outcome, end_date=day, end_known_at=known_at)
    store.truces.put([ended], known_at=known_at, source="cli", written_by="cli")


def test_nothing_is_scored_before_its_scheduled_horizon_however_early_the_truce_broke(
    client: TestClient, store: Store, hands: Hands
) -> None:
    ask(client)
    assert funnel(client, 7) == (1, 0, 0, 0, 0)
    hands.on(days=2)
    breaks(store, TRUCE, date(2015, 6, 16), hands.now)
    hands.on(days=4, hours=23)
    assert funnel(client, 7) == (1, 0, 0, 0, 0)
    hands.on(hours=1)
    assert funnel(client, 7) == (1, 1, 1, 0, 1)
    assert funnel(client, 30) == (1, 0, 0, 0, 0)


def test_scores_are_those_of_the_stored_chances_and_of_the_stored_chances_of_age_alone(
    client: TestClient, store: Store, hands: Hands
) -> None:
    said = [ask(client, name)["horizons"][0] for name in (TRUCE, LATE)]
    breaks(store, TRUCE, date(2015, 6, 16), end_of(date(2015, 6, 16)))
    hands.on(days=8)
    latest = row(client, 7)["latest"]
    assert (latest["n"], latest["truces"], latest["breaks"]) == (2, 2, 1)
    brier, baseline = (((said[0][p] - 1) ** 2 + said[1][p] ** 2) / 2 for p in ("p_breakdown", "p_baseline"))
    assert latest["brier"] == pytest.approx(brier)
    assert latest["brier_baseline"] == pytest.approx(baseline)
    assert latest["skill"] == pytest.approx(1 - brier / baseline)


def test_an_end_that_was_learned_late_counts_in_the_latest_vintage_alone(
    client: TestClient, store: Store, hands: Hands
) -> None:
    ask(client)
    hands.on(days=8)
    assert row(client, 7)["declared"]["n"] == 0, "its vintage has not come"
    assert row(client, 7)["declared"]["reason"]
    hands.on(days=30)
    assert (row(client, 7)["declared"]["n"], row(client, 7)["declared"]["breaks"]) == (1, 0)
    breaks(store, TRUCE, date(2015, 6, 16), hands.now)
    found = row(client, 7)
    assert (found["latest"]["breaks"], found["declared"]["breaks"]) == (1, 0)
    assert found["declared"]["brier"] < found["latest"]["brier"]


def test_a_truce_that_had_ended_before_is_void_and_one_nobody_watched_any_more_is_not_resolved(
    client: TestClient, store: Store, hands: Hands
) -> None:
    ask(client)
    ask(client, LATE)
    hands.on(days=8)
    breaks(store, TRUCE, date(2015, 6, 14), hands.now)
    unwatched = replace(store.truces.get(LATE), observed_to=date(2015, 6, 17))
    store.truces.put([unwatched], known_at=hands.now, source="truces", written_by="cli")
    assert funnel(client, 7) == (2, 2, 1, 1, 0)


def test_of_a_truce_a_day_and_a_horizon_the_first_forecast_counts_however_often_it_is_asked(
    client: TestClient, hands: Hands
) -> None:
    ask(client)
    for _ in range(3):
        hands.on(minutes=1)
        ask(client, horizons="7,8,30")
    ask(client, LATE)
    assert [row(client, days)["issued"] for days in (7, 8, 30)] == [2, 1, 2]
    assert board(client)["archive"]["issued"] == 5
    hands.on(days=1)
    ask(client)
    assert row(client, 7)["issued"] == 3


def test_replays_and_hindcasts_never_enter(client: TestClient, hands: Hands) -> None:
    for as_of in ("2015-04-01", "2015-01-15"):
        ask(client, as_of=as_of)
    hands.on(days=40)
    found = board(client)
    assert {row["issued"] for row in found["horizons"]} == {0}
    assert found["archive"] == {"issued": 0, "replay": 1, "hindcast": 1}


def test_misses_are_named_with_what_was_said(client: TestClient, store: Store, hands: Hands, home: Settings) -> None:
    first = ask(client)
    hands.on(minutes=5)
    ask(client)
    ask(client, LATE)
    breaks(store, TRUCE, date(2015, 6, 16), end_of(date(2015, 6, 16)))
    hands.on(days=31)
    misses = board(client)["misses"]
    assert {(miss["truce_id"], miss["days"], miss["outcome"]) for miss in misses} == {
        (TRUCE, 7, "broke"),
        (TRUCE, 30, "broke"),
    }
    said = {h["days"]: h["p_breakdown"] for h in first["horizons"]}
    assert all(miss["p_breakdown"] <= said[miss["days"]] for miss in misses)
    assert [miss["log_score"] for miss in misses] == sorted((miss["log_score"] for miss in misses), reverse=True)
    assert desk.score(home, clock=hands)["misses"] == misses
    desk.show_score(desk.score(home, clock=hands))


def test_a_forecast_declares_its_vintage_when_it_is_issued(client: TestClient, store: Store) -> None:
    ask(client)
    assert [vintage for _, vintage in store.forecasts.issued()] == [30]


def test_the_database_is_checked_backed_up_and_restored_by_command(
    client: TestClient, home: Settings, tmp_path: Path
) -> None:
    ask(client)
    assert database.check(home) == {"database": "sqlite", "revision": database.upgrade(home)["revision"]}
    file = tmp_path / "b.gz"
    written = database.backup(home, file, clock=lambda: NOON)
    other = Settings.from_environment(tmp_path / "other", {})
    with pytest.raises(StoreTrouble, match="db upgrade"):
        database.check(other)
    restored = database.restore(other, file)
    assert restored["rows"] == written["rows"]
    assert restored["archive"] == database.verified(home) == database.verified(other, restored["archive"]["newest"])
    assert restored["archive"]["checked"] == 1
    with pytest.raises(WrongFile):
        database.backup(home, file)


def test_a_match_that_is_declared_later_takes_no_declared_outcome_back(
    client: TestClient, store: Store, hands: Hands
) -> None:
    ask(client)
    hands.on(days=2)
    breaks(store, TRUCE, date(2015, 6, 16), hands.now)
    hands.on(days=40)
    before = row(client, 7)["declared"]
    assert (before["n"], before["breaks"]) == (1, 1)
    store.matches.put([Match(TRUCE, LATE, "reviewed", 1.0)], written_by="cli")
    hands.on(minutes=2)
    assert row(client, 7)["declared"] == before
    assert row(client, 7)["latest"]["breaks"] == 0, "as which truce it is listed now"


def test_a_backup_of_a_broken_archive_says_so_and_is_written(
    client: TestClient, home: Settings, tmp_path: Path
) -> None:
    ask(client)
    engine = create_engine(home.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE forecasts SET body = replace(body, 'age_days', 'age')"))
    engine.dispose()
    file = tmp_path / "b.gz"
    done = CliRunner().invoke(app, ["--home", str(home.home), "db", "backup", str(file)])
    assert done.exit_code == 1
    assert "broken at" in done.output
    assert file.exists()


def test_the_skill_has_an_interval_where_enough_conflicts_are_scored(
    client: TestClient, store: Store, hands: Hands
) -> None:
    """Five conflicts, of which two broke: the interval holds the skill; of four there is none."""
    names = [f"c{k}" for k in range(5)]
    alike = store.truces.get(TRUCE)
    truces = [replace(alike, truce_id=name, conflict=name) for name in names]
    store.truces.put(truces, known_at=hands.now, source="truces", written_by="cli")
    hands.on(minutes=1)
    for name in names[:4]:
        ask(client, name)
    for name in names[:2]:
        breaks(store, name, date(2015, 6, 16), end_of(date(2015, 6, 16)))
    hands.on(days=8)
    assert row(client, 7)["latest"]["n"] == 4
    assert row(client, 7)["latest"]["skill_ci"] is None
    ask(client, names[4])
    hands.on(days=8)
    found = row(client, 7)["latest"]
    assert (found["n"], found["breaks"]) == (5, 2)
    low, high = found["skill_ci"]
    assert low <= found["skill"] <= high
    said = [json.loads(body)["horizons"][0]["p_breakdown"] for body, _ in store.forecasts.issued()]
    assert found["observed_expected"] == pytest.approx(2 / sum(said))


def test_what_was_said_can_be_had_with_what_came_of_it(
    client: TestClient, store: Store, hands: Hands, home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export.write(home, "outcomes", "csv", tmp_path / "none.csv", clock=hands)
    assert "nothing has been issued yet" in capsys.readouterr().err
    said = {name: ask(client, name) for name in (TRUCE, LATE)}
    breaks(store, TRUCE, date(2015, 6, 16), end_of(date(2015, 6, 16)))

    def rows() -> dict[tuple[str, str], dict[str, str]]:
        answer = client.get("/v1/scoreboard?format=csv")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/csv")
        return {(row["truce_id"], row["horizon"]): row for row in csv.DictReader(io.StringIO(answer.text))}

    assert {row["outcome"] for row in rows().values()} == {""}
    hands.on(days=8)
    found = rows()
    assert {key: row["outcome"] for key, row in found.items()} == {
        (TRUCE, "7"): "broke", (LATE, "7"): "held", (TRUCE, "30"): "", (LATE, "30"): "",
    }  # fmt: skip
    assert found[TRUCE, "7"]["declared_outcome"] == ""
    assert float(found[LATE, "30"]["p_breakdown"]) == said[LATE]["horizons"][1]["p_breakdown"]
    hands.on(days=31)
    assert rows()[TRUCE, "7"]["declared_outcome"] == "broke"
    export.write(home, "outcomes", "csv", tmp_path / "o.csv", clock=hands)
    assert (tmp_path / "o.csv").read_text() == client.get("/v1/scoreboard?format=csv").text
    with pytest.raises(BadInput, match="outcomes as csv"):
        export.write(home, "outcomes", "parquet", tmp_path / "o.parquet", clock=hands)
