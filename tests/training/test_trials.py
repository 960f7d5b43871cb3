from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from models import registry
from tests.training.conftest import OBSERVED_TO
from training import tracking, trials, tried, workshop
from training.folds import TEST_FROM
from training.promotion import Gain
from training.recipes import FEATURES_OF
from truce.clock import end_of
from truce.errors import BadInput, WrongFile
from truce.features import names_of
from truce.settings import Settings
from truce.store import open_store

ROOT = Path(__file__).resolve().parents[2]
FILE = """
[[variant]]
name = "no events"
family = "discrete-hazard"
why = "do events add anything?"
without = ["attacks", "cabinet_changes", "threats_by_side_90"]

[[variant]]
name = "held harder"
family = "discrete-hazard"
why = "is the usual ridge too weak?"
ridge = {record = 400, events = 10}
with = ["monitored"]
"""


@pytest.fixture
def variants(tmp_path: Path) -> Path:
    file = tmp_path / "variants.toml"
    file.write_text(FILE)
    return file


def test_a_variant_is_its_family_s_recipe_with_what_it_names_changed(variants: Path) -> None:
    less, harder = trials.read(variants)
    usual = FEATURES_OF["discrete-hazard"]
    gone = {*names_of("attacks", "cabinet_changes"), "threats_by_side_90"}
    assert less.features == tuple(name for name in usual if name not in gone)
    assert dict(less.ridge) == {}
    assert harder.features == (*usual, "monitored")
    assert dict(harder.ridge) == {"record": 400, "events": 10}
    assert harder.changed == "with monitored; ridge record 400, events 10"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "each with a name of its own"),
        ("[[variant", "not TOML"),
        (FILE + FILE, "each with a name of its own"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nshrink=3', "shrink"),
        ('[[variant]]\nname="x"\nfamily="cox"', "why"),
        ('[[variant]]\nname="x"\nfamily="crystal-ball"\nwhy="?"\nridge={terms=1}', "no family"),
        ('[[variant]]\nname="x"\nfamily="aalen-johansen"\nwhy="?"\nridge={terms=1}', "no family"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nwithout=["tea_leaves"]', "tea_leaves"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nwithout="attacks"', "as a list"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nridge={terms=0}', "above 0"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nridge={terms="3"}', "above 0"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nwith=["partial"]', "differs in nothing"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nridge=3', "a table of"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nridge={tea=3}', "a table of"),
        ('[[variant]]\nname="x"\nfamily="linear-pool"\nwhy="?"\nweights={crystal-ball=1}', "a table of"),
        ('[[variant]]\nname="x"\nfamily="linear-pool"\nwhy="?"\nweights={linear-pool=1}', "a table of"),
        ('[[variant]]\nname="x"\nfamily="cox"\nwhy="?"\nweights={cox=1}', "a pool has weights"),
        ('[[variant]]\nname="x"\nfamily="linear-pool"\nwhy="?"\nridge={terms=3}', "a pool has weights"),
    ],
)
def test_a_file_of_variants_that_makes_no_sense_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "variants.toml"
    file.write_text(text)
    with pytest.raises(BadInput, match=says):
        trials.read(file)


def test_what_was_tried_is_recorded_beside_the_usual_recipe_and_in_mlflow(
    own_home: Settings, variants: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "tried.csv"
    words = ["--variants", variants, "--out", record, "--home", own_home.home, "--as-of", OBSERVED_TO, "--every", "364"]
    monkeypatch.setattr(sys, "argv", ["trials", *map(str, words)])
    trials.main()
    rows = tried.load(record)
    assert [row.variant for row in rows] == ["discrete-hazard", "held harder", "no events"]
    assert [row.cells["verdict"] == tried.USUAL for row in rows] == [True, False, False]
    assert all(row.cells["skill_30d"] and row.cells["skill_30d_lo"] for row in rows)
    assert all(row.cells["log_gain_lo"] <= row.cells["log_gain_hi"] or row.cells["log_gain"] for row in rows[1:])
    assert record.with_suffix(".md").read_text() == tried.page(rows)
    client = registry.client(own_home)
    book = client.get_experiment_by_name(tracking.TRIALS)
    runs = client.search_runs([book.experiment_id], order_by=["metrics.skill_30d DESC"])
    assert {run.info.run_name for run in runs} == {row.variant for row in rows}
    for run in runs:
        told = next(row for row in rows if row.variant == run.info.run_name)
        assert run.data.metrics["skill_30d"] == pytest.approx(float(told.cells["skill_30d"]), abs=1e-4)
        assert not any(name.endswith("_test") for name in run.data.metrics)
    trials.main()
    assert [row.variant for row in tried.load(record)] == [row.variant for row in rows]


def test_no_trial_opens_the_test_origins(own_home: Settings, variants: Path) -> None:
    with open_store(own_home) as store:
        panel = workshop.load(store, "chronicle-1", end_of(OBSERVED_TO))
    late = panel.as_of_day + np.timedelta64(3650, "D")
    said = trials.forecast(panel, trials.read(variants)[:1], 364, workers=1)["no events"]
    assert said.origin.max() < np.datetime64(TEST_FROM)
    assert trials.LAST < TEST_FROM
    assert late.max() > np.datetime64(TEST_FROM)


@pytest.mark.parametrize(
    ("log", "brier", "says"),
    [
        (Gain(0.02, 0.01, 0.03), 0.001, tried.BETTER),
        (Gain(0.02, 0.01, 0.03), -0.001, tried.NEITHER),
        (Gain(-0.02, -0.03, -0.01), -0.001, tried.WORSE),
        (Gain(0.01, -0.01, 0.03), 0.001, tried.NEITHER),
    ],
)
def test_a_verdict_needs_the_interval_of_the_log_score_and_the_brier_score(log: Gain, brier: float, says: str) -> None:
    assert tried.verdict(log, Gain(brier, brier, brier)) == says


def test_a_file_that_is_no_record_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "tried.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(WrongFile, match="not a record"):
        tried.update(file, [])
    assert file.read_text() == "a,b\n1,2\n"


def test_the_page_of_what_was_tried_is_made_of_its_record() -> None:
    rows = tried.load(ROOT / "docs" / "tried.csv")
    assert rows
    assert (ROOT / "docs" / "tried.md").read_text(encoding="utf-8") == tried.page(rows)
