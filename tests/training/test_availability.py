"""A fighting rule judged at ideal and at real availability: the same truces, the same rule, another day of knowing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.examples import a_truce, an_event
from training import jobs
from training.intake import import_source
from training.jobs import Asked, Trained
from training.views import BOTH, IDEAL, LABELS, REAL
from truce.clock import end_of, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import open_store
from truce.vocabulary import Event, Truce

FAMILY = "landmark-logistic"
END = date(2015, 12, 31)
BAR = {"7": 0.28, "30": 0.12, "90": 0.08}
"""What the project asks of the register's ceasefires at ideal availability."""


def simmering(n: int = 150) -> tuple[list[Truce], list[Event]]:
    """Truces of a register, a third of which break within months after a few days of skirmishes with a death each; the others are quiet."""
    rng = np.random.default_rng(6)
    truces, events = [], [_fight("first", date(2006, 1, 1), 1, 0), _fight("last", END, 1, 0)]
    for k in range(n):
        start = date(2006, 6, 1) + timedelta(days=int(rng.integers(0, 3200)))
        truces.append(
            a_truce(
                f"t{k:03}",
                coding="ccd",
                effective_date=start,
                ucdp_dyad=(str(k),),
                conflict=f"c{k % 6}",
                observed_to=END,
            )
        )
        events.append(_fight(f"before{k}", start - timedelta(days=200), 1, k))
        if k % 3 == 0:
            broke = start + timedelta(days=12 + int(rng.exponential(60)))
            events += [_fight(f"skirmish{k}", broke - timedelta(days=9), 1, k), _fight(f"break{k}", broke, 9, k)]
    return truces, [event for event in events if event.occurred_on <= END]


def _fight(name: str, on: date, deaths: int, dyad: int) -> Event:
    return an_event(
        f"ged:{name}", occurred_on=on, known_at=end_of(date(on.year + 1, 6, 30)), source="ucdp-ged", deaths=deaths,
        ids=(f"ucdp_dyad:{dyad}",),
    )  # fmt: skip


@pytest.fixture(scope="module")
def fought(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = Settings.from_environment(tmp_path_factory.mktemp("fought"), {})
    truces, events = simmering()
    with open_store(home) as store:
        store.truces.put(truces, known_at=system_clock(), source="test", written_by="test")
        store.events.put(events, written_by="test")
    return home


def judged(home: Settings, out: Path, availability: str, families: Sequence[str] = (FAMILY,)) -> Trained:
    asked = Asked("2009-01-01", None, "182d", list(families), None, "ged-5d-1", coding="ccd", availability=availability)
    return jobs.backtest(home, asked, out)


@pytest.mark.slow
def test_skirmishes_foretell_a_break_only_where_they_are_known_in_time(
    fought: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(fought, tmp_path / "out", BOTH).show()
    printed = capsys.readouterr().out
    body = json.loads((tmp_path / "out" / "availability.json").read_text())
    assert list(body) == [LABELS[IDEAL], LABELS[REAL]]
    ideal, real = (body[LABELS[a]]["horizons"]["30"] for a in (IDEAL, REAL))
    assert ideal["n"] == real["n"], "the same rows"
    assert ideal["skill"] > 0.2
    assert ideal["skill"] > real["skill"] + 0.1
    assert "Skill over B1 by availability of the evidence" in printed
    metrics = json.loads((tmp_path / "out" / "ideal" / "metrics.json").read_text())
    assert (metrics["coding"], metrics["availability"]) == ("ccd", LABELS[IDEAL])
    assert "violence_events_7" in metrics["recipe"]["features"]
    recent, age_alone = (metrics["baselines"][name]["30"]["brier"] for name in ("B5", "B1"))
    assert recent < age_alone, "the baselines read the dyad's violence too"


def test_a_register_that_is_not_there_and_a_rule_without_deaths_are_refused(fought: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no truce is coded by 'pax'"):
        jobs.backtest(fought, Asked(None, None, "91d", [], None, "ged-5d-1", coding="pax"), tmp_path / "a")
    with pytest.raises(BadInput, match="goes by no deadly events"):
        jobs.backtest(fought, Asked(None, None, "91d", [], None, "chronicle-1", availability=IDEAL), tmp_path / "b")
    with pytest.raises(BadInput, match="availability is one of"):
        jobs.backtest(fought, Asked(None, None, "91d", [], None, "ged-5d-1", availability="soon"), tmp_path / "c")


@pytest.mark.slow
def test_the_register_s_ceasefires_reach_the_bar_at_ideal_availability(shared_data: Path, tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path / "home", {})
    import_source(home, "ccd", [str(shared_data / "ccd")], None)
    import_source(home, "ucdp-ged", [str(shared_data / "ucdp_ged")], None)
    asked = Asked(None, None, "91d", [FAMILY], None, "ged-5d-1", coding="ccd", availability=IDEAL)
    metrics = jobs.backtest(home, asked, tmp_path / "out").judged[FAMILY].metrics
    reached = {days: metrics["subsets"]["all"]["horizons"][days]["skill"] for days in BAR}
    assert all(reached[days] >= bar for days, bar in BAR.items()), reached
