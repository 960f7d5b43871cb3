"""What stands behind the page, over HTTP: it says what the API says, archives nothing, and lets nothing else in."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.ranking import _KEPT, GOOD_FOR
from tests.examples import a_truce, an_event
from tests.service.conftest import TRUCE, Hands, an_artifact, publish, publish_artifact
from tests.service.web.world import scored_board
from truce.clock import end_of
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store
from truce.vocabulary import TruceRole

WEB = Path(__file__).resolve().parents[3] / "service" / "web"


def ranked(client: TestClient, as_of: str = "") -> dict[str, Any]:
    """The list, once it has been reckoned."""
    for _ in range(50):
        found: dict[str, Any] = client.get("/web/truces", params={"as_of": as_of} if as_of else {}).json()
        if not found["pending"]:
            return found
    raise AssertionError("the list is never ready")


def test_the_page_brings_its_own_files_under_a_strict_policy(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    named = re.findall(r'(?:href|src)="(/page/[^"]+)"', page.text)
    scripts = [f"/page/{path.relative_to(WEB)}" for path in WEB.rglob("*.js")]
    assert len(scripts) > 10
    for path in (*named, *scripts):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
    tag = client.get("/page/style.css").headers["etag"]
    assert client.get("/page/style.css", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["nothing.js", "../app.py", "%2e%2e/app.py", "vendor", ""])
def test_nothing_but_the_page_s_files_is_given_out(client: TestClient, name: str) -> None:
    answer = client.get(f"/page/{name}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_the_page_s_own_routes_are_no_part_of_the_api(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert not [path for path in paths if path == "/" or path.startswith(("/web", "/page"))]


def test_vendored_files_are_those_of_the_list(client: TestClient) -> None:
    told = (WEB / "vendor" / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|", told))
    there = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (WEB / "vendor").iterdir() if p.name != "README.md"}  # fmt: skip
    assert listed == there


def test_an_installed_wheel_holds_the_page(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=WEB.parents[1], check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
    assert {f"service/web/{p.relative_to(WEB)}" for p in WEB.rglob("*") if p.is_file()} <= held


def test_no_file_of_the_page_is_longer_than_a_module_of_ours() -> None:
    own = [p for p in WEB.glob("*") if p.is_file()]
    assert [p.name for p in own if len(p.read_text(encoding="utf-8").splitlines()) > 300] == []


def test_the_list_says_what_the_api_says_and_archives_nothing(client: TestClient, store: Store) -> None:
    found = ranked(client)
    assert not list(store.forecasts.find())
    assert {row["truce_id"] for row in found["truces"]} == {TRUCE, "aaa-2015-06-late"}
    for row in found["truces"]:
        said = client.get(f"/v1/truces/{row['truce_id']}/forecast?horizons=30").json()
        assert row["horizon"] == said["horizons"][0]
        assert row["reliability"] == said["reliability"]
        assert row["age_days"] == said["age_days"]
    late = next(row for row in found["truces"] if row["truce_id"] == "aaa-2015-06-late")
    assert late["change"] is None
    assert "took effect on 2015-06-10" in late["change_note"]
    assert [(row["truce_id"], row["code"]) for row in found["refused"]] == [("bbb-2015-03-unknown", "unknown_fate")]


def test_the_change_is_since_the_same_minute_a_week_ago(client: TestClient) -> None:
    row = next(row for row in ranked(client)["truces"] if row["truce_id"] == TRUCE)
    week = client.get(f"/v1/truces/{TRUCE}/forecast?as_of=2015-06-08T12:00Z&horizons=30").json()
    assert row["change"] == pytest.approx(row["horizon"]["p_breakdown"] - week["horizons"][0]["p_breakdown"])


def test_a_list_is_kept_until_something_is_stored_or_ten_minutes_have_passed(
    client: TestClient, hands: Hands, key: dict[str, str]
) -> None:
    first = ranked(client)
    hands.on(minutes=5)
    assert ranked(client)["as_of"] == first["as_of"]
    hands.on(seconds=GOOD_FOR.total_seconds())
    second = ranked(client)
    assert second["as_of"] > first["as_of"]
    event = {"type": "assault", "modality": "actual", "occurred_on": "2015-06-14", "known_at": "2015-06-14", "source": "desk",
             "actor": "R Front", "target": "Government of A", "iso3": ["AAA"]}  # fmt: skip
    assert client.post("/v1/events", json=event, headers=key).is_success
    before, after = (
        {r["truce_id"]: r["horizon"]["p_breakdown"] for r in f["truces"]} for f in (second, ranked(client))
    )
    assert after[TRUCE] > before[TRUCE]


def test_when_sources_are_silent_everything_is_refused_for_now_and_nothing_for_the_past(
    home: Settings, store: Store, hands: Hands
) -> None:
    store.events.put([an_event("news", source="current-events")], written_by="test")
    publish(store, "1")
    strict = Settings.from_environment(home.home, {})
    with TestClient(create_app(strict, clock=hands)) as client:
        now, past = ranked(client), ranked(client, "2015-06-14")
        assert {row["code"] for row in now["refused"]} == {"stale", "unknown_fate"}
        assert now["truces"] == []
        assert len(past["truces"]) == 2
        assert client.get(f"/web/truces/{TRUCE}").json()["refusal"]["code"] == "stale"


def test_a_truce_is_shown_as_the_api_forecasts_it_with_charts_and_archives_nothing(client: TestClient, store: Store) -> None:  # fmt: skip
    shown = client.get(f"/web/truces/{TRUCE}?as_of=2015-03-01").json()
    assert not list(store.forecasts.find())
    said = client.get(f"/v1/truces/{TRUCE}/forecast?as_of=2015-03-01").json()
    changing = ("issued_at", "archived")
    assert {k: v for k, v in shown["forecast"].items() if k not in changing} == {
        k: v for k, v in said.items() if k not in changing
    }
    assert shown["forecast"]["archived"] is False
    assert shown["charts"]["incidence"]["spec"]["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")
    assert "truce age alone" in shown["charts"]["incidence"]["spec"]["description"]


@pytest.mark.parametrize(
    ("truce_id", "code", "days"),
    [
        ("aaa-2015-02-ended", "after_end", {"first": "2015-02-01", "last": "2015-02-28"}),
        ("bbb-2015-03-unknown", "unknown_fate", {"first": "2015-03-01", "last": "2015-06-15"}),
    ],
)
def test_a_truce_without_a_forecast_is_shown_with_the_reason(
    client: TestClient, truce_id: str, code: str, days: dict[str, str]
) -> None:
    shown = client.get(f"/web/truces/{truce_id}").json()
    assert shown["forecast"] is None
    assert shown["refusal"]["code"] == code
    assert shown["days"] == days
    course = client.get(f"/web/truces/{truce_id}/course").json()
    assert course["gaps"]
    assert client.get("/web/truces/nobody").json()["code"] == "unknown_truce"


def test_hindsight_is_told_apart_and_only_where_it_is_hindsight(client: TestClient) -> None:
    then = client.get("/web/truces/aaa-2015-02-ended?as_of=2015-02-10").json()
    assert then["truce"]["outcome"] == "ongoing"
    assert then["truce"]["end_date"] is None
    assert then["since_then"] == {"outcome": "broke", "end_date": "2015-03-01"}
    assert client.get("/web/truces/aaa-2015-02-ended").json()["since_then"] is None


@pytest.fixture
def corrected(home: Settings, store: Store, hands: Hands) -> Iterator[TestClient]:
    """A truce whose terms, and one of whose events, the world corrected while it was in force."""
    publish(store, "1")
    changed = a_truce(TRUCE, observed_to=None, scheduled_end=date(2015, 9, 1), iso3=("AAA", "BBB"))
    store.truces.put([changed], known_at=end_of(date(2015, 3, 10)), source="truces", written_by="test")
    late = an_event("e2", occurred_on=date(2015, 2, 1), known_at=end_of(date(2015, 4, 2)))
    wrong = an_event("e3", occurred_on=date(2015, 2, 5), retracted_at=end_of(date(2015, 5, 1)))
    store.events.put([late, wrong], written_by="test")
    with TestClient(create_app(home, clock=hands)) as client:
        yield client


def test_the_course_says_of_every_day_what_the_timeline_says(corrected: TestClient) -> None:
    course = corrected.get(f"/web/truces/{TRUCE}/course?as_of=2015-06-14").json()
    assert len(course["points"]) > 50
    assert course["events"]["shown"] > 0
    for point in course["points"][::4]:
        said = corrected.get(f"/v1/truces/{TRUCE}/forecast?as_of={point['as_of']}&horizons=30").json()["horizons"][0]
        for key in ("p_breakdown", "p_baseline", "interval"):
            assert point[key] == pytest.approx(said[key]), point["as_of"]
    moved = {point["p_breakdown"] for point in course["points"]}
    assert len(moved) > 3, "a course that never moves proves nothing"


def test_under_a_rule_that_goes_by_evidence_list_and_course_say_what_the_api_says(
    home: Settings, store: Store, hands: Hands
) -> None:
    days = [date(2014, 12, 1), date(2015, 6, 14)]
    elsewhere: dict[str, Any] = {"actor": "Z Front", "target": None, "iso3": ("ZZZ",), "truce_role": TruceRole.BREAK}
    told = [
        an_event(f"n{k}", occurred_on=day, known_at=end_of(day), source_ref=f"n{k}", **elsewhere)
        for k, day in enumerate(days)
    ]
    store.events.put(told, written_by="test")
    publish_artifact(store, replace(an_artifact("1"), rule="repudiation-1"))
    with TestClient(create_app(home, clock=hands)) as client:
        found = ranked(client)
        assert found["truces"]
        for row in found["truces"]:
            said = client.get(f"/v1/truces/{row['truce_id']}/forecast?horizons=30").json()
            assert row["horizon"] == said["horizons"][0]
        truce_id = found["truces"][0]["truce_id"]
        course = client.get(f"/web/truces/{truce_id}/course").json()
        assert course["points"]
        for point in course["points"][::9]:
            api = client.get(f"/v1/truces/{truce_id}/forecast?as_of={point['as_of']}&horizons=30").json()["horizons"][0]
            assert point["p_breakdown"] == pytest.approx(api["p_breakdown"])


def test_the_address_of_mlflow_s_pages_is_an_address(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="TRUCECAST_MLFLOW_UI"):
        Settings.from_environment(tmp_path, {"TRUCECAST_MLFLOW_UI": "javascript:alert(1)"})
    assert (
        Settings.from_environment(tmp_path, {"TRUCECAST_MLFLOW_UI": "https://lab.example/mlflow/"}).mlflow_ui
        == "https://lab.example/mlflow"
    )


def test_what_a_closed_service_shows_needs_a_key(home: Settings, store: Store, hands: Hands) -> None:
    publish(store, "1")
    _, text = store.keys.create(["events:write"])
    with TestClient(create_app(replace(home, public_read=False), clock=hands)) as client:
        assert client.get("/").status_code == 200
        for path in ("truces", f"truces/{TRUCE}", f"truces/{TRUCE}/course", "scoreboard", "models"):
            assert client.get(f"/web/{path}").status_code == 401
            assert client.get(f"/web/{path}", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_the_scoreboard_draws_what_is_enough_and_says_why_the_rest_is_not(client: TestClient, home: Settings) -> None:
    empty = client.get("/web/scoreboard").json()
    assert empty["charts"]["reliability"]["refused"]["code"] == "too_few_breaks"
    full = scored_board(replace(home, database_url=f"sqlite:///{home.home / 'another.db'}"))
    drawn = full["charts"]["reliability"]
    assert "30 days: 60 rows, 27 broke, 27 distinct breakdowns" in drawn["spec"]["description"]
    assert "7 days" not in drawn["spec"]["description"], "nobody broke within 7 days: no curve"
    skill = next(row for row in full["board"]["horizons"] if row["days"] == 30)["latest"]["skill"]
    told = next(row for row in full["charts"]["skill"]["table"]["rows"] if row[1] == "30 d")
    assert float(told[2]) == pytest.approx(skill, abs=5e-5)
    assert "to" in told[3], "the interval"
    assert len(full["charts"]["skill"]["table"]["rows"]) == 1, "nobody broke within 7 days: no skill"
    assert full["board"]["misses"]


def test_the_models_view_names_who_answers_and_where_mlflow_is(client: TestClient) -> None:
    found = client.get("/web/models").json()
    assert found["model"]["version"] == "1"
    assert found["aliases"]["champion"] == "1"
    assert found["mlflow"] == "http://127.0.0.1:5000"
    assert found["backtest"]["refused"]["code"] == "nothing_to_draw"


def test_lists_that_nobody_asks_for_any_more_are_not_reckoned(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranking, goes_on = client.app.state.page.ranking, threading.Event()  # type: ignore[attr-defined]
    reckoned, begun = ranking._reckoned, []

    def slowly(shelved: Any, moment: Any) -> Any:
        begun.append(moment)
        goes_on.wait(20)
        return reckoned(shelved, moment)

    monkeypatch.setattr(ranking, "_reckoned", slowly)
    asked = [f"2015-06-{day:02}" for day in range(1, 15)]
    shelved = client.app.state.parts.shelf.model()  # type: ignore[attr-defined]
    assert all(ranking.at(shelved, day, patience=0)["pending"] for day in asked)
    goes_on.set()
    assert ranking.at(shelved, asked[-1], patience=20)["pending"] is False
    assert len(begun) == 1 + _KEPT, "the one at work when the others came, and those that are kept"
