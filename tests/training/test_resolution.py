"""The register under a rule, its sums, and the comparison of rules in one report."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from tests.examples import a_truce, an_event
from tests.training.conftest import small_world
from training import jobs, resolution
from training.jobs import Asked
from truce.breakdown import rules
from truce.clock import end_of, system_clock
from truce.errors import BadInput, Refused
from truce.settings import Settings
from truce.store import open_store
from truce.store.matches import Match
from truce.vocabulary import Event, Outcome, Truce

START = date(2010, 3, 1)


def a_fight(day: int, deaths: int, dyad: str = "7") -> Event:
    on = START + timedelta(days=day)
    return an_event(
        f"ged:{dyad}:{day}", occurred_on=on, known_at=end_of(date(on.year + 1, 6, 30)), source="ucdp-ged",
        deaths=deaths, ids=(f"ucdp_dyad:{dyad}",),
    )  # fmt: skip


def settled(home: Path, truces: list[Truce], events: list[Event]) -> Settings:
    settings = Settings.from_environment(home, {})
    with open_store(settings) as store:
        store.truces.put(truces, known_at=system_clock(), source="test", written_by="test")
        store.events.put(events, written_by="test")
    return settings


@pytest.fixture
def fought(tmp_path: Path) -> Settings:
    """Three truces of one dyad: one breaks after 3 days, one after 40, one is never broken in the data."""
    starts = {"soon": 0, "late": 400, "never": 700, "elsewhere": 0}
    truces = [
        a_truce(name, effective_date=START + timedelta(days=k), ucdp_dyad=("99" if name == "elsewhere" else "7",))
        for name, k in starts.items()
    ]
    fights = [a_fight(-10, 1), a_fight(3, 9), a_fight(440, 6), a_fight(900, 1, "8")]
    return settled(tmp_path, truces, fights)


def test_the_sums_of_a_fighting_rule_are_those_of_its_rows(fought: Settings) -> None:
    body = resolution.resolved(fought, "ged-5d-1", None).as_json()
    rows = {row["truce_id"]: (row["outcome"], row["end_date"], row["evidence"]) for row in body["truces"]}
    assert rows == {
        "soon": ("broke", "2010-03-04", "ged:7:3"),
        "late": ("broke", "2011-05-15", "ged:7:440"),
        "never": ("ongoing", None, ""),
        "elsewhere": ("void", None, ""),
    }
    summary = body["summary"]
    assert (summary["truces"], summary["decided"]) == (4, 3)
    assert summary["outcomes"] == {"broke": 2, "ongoing": 1, "void": 1}
    shares = {share["days"]: (share["n"], share["followed"]) for share in summary["first_day_of_deaths"]["within"]}
    assert shares == {7: (1, 3), 30: (1, 3), 90: (2, 3), 365: (2, 2)}
    assert summary["first_day_of_deaths"]["at_least"] == 5


def test_a_register_of_an_earlier_day_knows_less(fought: Settings) -> None:
    body = resolution.resolved(fought, "ged-5d-1", "2011-12-31").as_json()
    assert body["summary"]["outcomes"] == {"broke": 1, "ongoing": 1, "void": 1}, (
        "the release that holds 2011 came in 2012"
    )
    assert body["summary"]["decided"] == 1, "of the ongoing one nothing was seen"


def test_a_matched_truce_is_counted_once_or_asked_for_by_its_register(tmp_path: Path) -> None:
    own = a_truce("own", ucdp_dyad=("7",), outcome=Outcome.BROKE, end_date=date(2015, 2, 1))
    other = a_truce("ccd-1-1", coding="ccd", outcome=Outcome.EXPIRED, end_date=date(2015, 1, 20))
    home = settled(tmp_path, [own, other], [])
    with open_store(home) as store:
        store.matches.put([Match("ccd-1-1", "own", "same-id-1", 1.0)], written_by="test")
    assert [(r.truce_id, r.outcome) for r in resolution.resolved(home, "chronicle-1", None).found] == [
        ("own", Outcome.BROKE)
    ]
    assert [(r.truce_id, r.outcome) for r in resolution.resolved(home, "ccd-1", None).found] == [
        ("own", Outcome.EXPIRED)
    ]
    assert [r.truce_id for r in resolution.resolved(home, "ccd-1", None, "ccd").found] == ["ccd-1-1"]
    with pytest.raises(BadInput, match="pax"):
        resolution.resolved(home, "ccd-1", None, "pax")


def test_a_rule_that_decides_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = settled(tmp_path, [a_truce()], [])
    resolution.show_resolved(resolution.resolved(home, "ged-5d-1", None))
    assert "decides none of them: no dyad of it is in the ucdp-ged data" in capsys.readouterr().out


def test_rules_are_compared_in_one_report(tmp_path: Path) -> None:
    home = settled(tmp_path / "home", small_world(), [])
    out = tmp_path / "out"
    asked = Asked("2009-01-01", None, "182d", ["aalen-johansen"], None, "all")
    jobs.backtest(home, asked, out)
    body = json.loads((out / "rules.json").read_text())
    assert set(body["rates"]) == set(rules())
    assert set(body["skill"]) == {"chronicle-1", "chronicle-nominal-1"}
    assert set(body["refused"]) == set(rules()) - set(body["skill"]), "no feed, no fights and no statements are there"
    assert json.loads((out / "chronicle-1" / "metrics.json").read_text())["rules"] == body["rates"]
    page = (out / "report.html").read_text()
    assert all(rule in page for rule in rules())
    with pytest.raises(Refused):
        jobs.backtest(home, Asked("2009-01-01", None, "182d", ["aalen-johansen"], None, "ged-5d-1"), out)


def test_the_incidence_is_the_one_of_a_library() -> None:
    rng = np.random.default_rng(3)
    times, causes = rng.permutation(60) + 1, rng.integers(0, 3, 60)
    oracle = AalenJohansenFitter(calculate_variance=False).fit(times, causes, event_of_interest=1)
    told = resolution.incidence(times.tolist(), causes.tolist())
    curve = oracle.cumulative_density_.iloc[:, 0]
    for days in (1, 7, 30, 59):
        assert told(days) == pytest.approx(float(curve[curve.index <= days].iloc[-1]))
    assert resolution.incidence([5, 9], [0, 0])(30) == 0.0
