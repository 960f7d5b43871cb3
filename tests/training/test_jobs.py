from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from models import registry
from models.artifact import loads
from models.pyfunc import _HORIZONS
from service.app import create_app
from tests.training.conftest import FAMILIES, OBSERVED_TO
from training import jobs, tracking
from training.jobs import Asked
from truce.errors import BadInput, NoModel, Refused
from truce.features import NAMES
from truce.settings import Settings
from truce.store import open_store
from truce.vocabulary import HORIZONS


def test_training_makes_one_run_a_family_with_the_metrics_that_users_sort_by(trained: Settings) -> None:
    client = registry.client(trained)
    runs = client.search_runs([tracking.experiment_id(trained)])
    assert sorted(run.data.params["family"] for run in runs) == sorted(FAMILIES)
    for run in runs:
        assert {"rule", "as_of", "origins", "regularisation", "features"} <= run.data.params.keys()
        assert {"git_commit", "data_digest"} <= run.data.tags.keys()
        assert {
            f"{score}_{h}d" for score in ("brier", "skill", "log_score", "auc") for h in HORIZONS
        } <= run.data.metrics.keys()
        assert {"brier_30d_young", "calibration_slope_30d"} <= run.data.metrics.keys()
        assert run.inputs.dataset_inputs
        left = {file.path for file in client.list_artifacts(run.info.run_id)}
        assert left >= {
            "model.json",
            "report.html",
            "metrics.json",
            "forecasts.csv",
            "truces.csv",
            "reliability.svg",
            "survival.svg",
            "skill.svg",
            "coefficients.csv",
        }
        assert ("coefficients.svg" in left) == (run.data.params["family"] != "aalen-johansen")


def test_runs_sort_by_skill_as_they_are(trained: Settings) -> None:
    found = registry.client(trained).search_runs([tracking.experiment_id(trained)], order_by=["metrics.skill_30d DESC"])
    skills = [run.data.metrics["skill_30d"] for run in found]
    assert skills == sorted(skills, reverse=True)
    assert len(skills) == len(FAMILIES)
    for run in found:
        twins = {f"{score}_30d{twin}" for score in ("skill", "log_score") for twin in ("_young", "_development")}
        assert twins <= run.data.metrics.keys()


def test_a_report_asks_no_host_for_anything_and_says_its_pictures_in_words(trained: Settings) -> None:
    for run in registry.client(trained).search_runs([tracking.experiment_id(trained)]):
        page = tracking.kept(trained, run.info.run_id, "report.html").read_text()
        assert not re.search(r"""(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//""", page)
        assert "<script" not in page
        assert (
            page.count("<svg") == page.count('role="img"') == page.count("<figcaption>") == page.count("</details>") > 1
        )
        assert "No ablation" in page


def test_the_first_champion_is_the_baseline_and_the_best_is_challenger(trained: Settings) -> None:
    with open_store(trained) as store:
        champion, challenger = store.models.current("champion"), store.models.current("challenger")
    assert champion is not None
    assert challenger is not None
    assert champion.family == "aalen-johansen"
    assert challenger.family != "aalen-johansen"
    assert registry.aliases(trained) == {"champion": champion.version, "challenger": challenger.version}
    assert loads(champion.body).trained_to == OBSERVED_TO


def test_promotion_and_rollback_move_the_alias_in_mlflow_and_in_the_store(own_home: Settings) -> None:
    promoted = jobs.promote(own_home, "2", force=True, why="a small world is too small for the rule")
    aliases = registry.aliases(own_home)
    assert aliases["champion"] == promoted["version"]
    assert aliases["previous"] == "1"
    assert jobs.rollback(own_home)["version"] == "1"
    with open_store(own_home) as store:
        current = store.models.current("champion")
    assert current is not None
    assert current.version == "1"
    assert registry.aliases(own_home)["champion"] == "1"


def test_a_model_that_is_no_better_is_refused_with_the_reason_and_force_needs_one(own_home: Settings) -> None:
    jobs.promote(own_home, "2", force=True, why="a small world is too small for the rule")
    with pytest.raises(Refused, match="no better than version 2"):
        jobs.promote(own_home, "1", force=False, why=None)
    with pytest.raises(BadInput, match="--why"):
        jobs.promote(own_home, "1", force=True, why=None)
    assert jobs.promote(own_home, "1", force=True, why="a test of force")["why"].startswith(
        "a test of force (forced over: "
    )


def test_an_alias_moved_by_hand_in_mlflow_comes_home_and_mlflow_wins(own_home: Settings) -> None:
    with tracking.lab_book(own_home):
        registry.client(own_home).set_registered_model_alias(registry.MODEL, "champion", "2")
    assert jobs.sync(own_home) == ["champion -> 2"]
    assert jobs.sync(own_home) == []


def test_rolling_back_without_a_previous_champion_is_refused(own_home: Settings) -> None:
    with pytest.raises(NoModel, match="previous"):
        jobs.rollback(own_home)


STRANGER = textwrap.dedent("""
    import json, os, sys
    sys.path = [p for p in sys.path if "editable" not in p]
    sys.meta_path = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
    import models                       # a stranger's
    assert models.OWNER == "stranger"
    import mlflow, pandas as pd
    mlflow.set_tracking_uri(sys.argv[1]); mlflow.set_registry_uri(sys.argv[1])
    loaded = mlflow.pyfunc.load_model(sys.argv[2])
    rows = pd.read_json(sys.argv[3], orient="split", dtype=False)
    rows["age_days"] = rows["age_days"].astype("int64")
    answer = loaded.predict(rows.astype({c: float for c in rows.columns if c != "age_days"}))
    import models as again
    assert again.OWNER == "stranger"
    assert "truce" not in sys.modules
    print(json.dumps(answer.to_dict(orient="list")))
""")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_logged_model_loads_without_pickle_in_a_process_that_cannot_import_this_project(
    own_home: Settings, tmp_path: Path, family: str
) -> None:
    (tmp_path / "models.py").write_text('OWNER = "stranger"\n')
    (tmp_path / "ask.py").write_text(STRANGER)
    rows = pd.DataFrame([[3, *[0.5] * len(NAMES)], [90, *[0.0] * len(NAMES)]], columns=["age_days", *NAMES])
    rows.to_json(tmp_path / "rows.json", orient="split")
    with tracking.lab_book(own_home), open_store(own_home) as store:
        row = next(m for m in store.models.all() if m.family == family)
    uri = f"models:/{registry.MODEL}/{row.version}"
    command = [sys.executable, "-S", "-c", "import site; site.main(); exec(open('ask.py').read())"]
    environment = {**os.environ, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "PYTHONPATH": ""}
    done = subprocess.run(
        [*command, own_home.tracking_uri, uri, "rows.json"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    from service.mlflow_formats import rows_of

    body = {"dataframe_split": {"columns": list(rows.columns), "data": rows.to_numpy().tolist()}}
    ours = loads(row.body).forecast(rows_of("application/json", json.dumps(body).encode()), HORIZONS)[:, :, 0]
    for k, h in enumerate(_HORIZONS):
        assert answer[f"p_breakdown_{h}"] == pytest.approx(ours[:, k].tolist(), rel=1e-12)


def test_a_backtest_writes_metrics_forecasts_and_a_report_for_the_best_and_for_each(
    trained: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "backtest"
    result = jobs.backtest(trained, Asked("2009-01-01", "2010-12-31", "91d", FAMILIES[:2], None, "chronicle-1"), out)
    for folder in (out, out / "aalen-johansen", out / "discrete-hazard"):
        assert {p.name for p in folder.iterdir()} >= {"metrics.json", "forecasts.csv", "report.html"}
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["family"] == result.best
    assert set(metrics["subsets"]) == {"all", "feed", "young", "first_month", "without_day_zero"}
    assert set(metrics["baselines"]) == {f"B{k}" for k in range(8)}
    assert all(figures["brier"] is not None for b in metrics["baselines"].values() for figures in b.values())
    for horizon, scores in metrics["subsets"]["all"]["horizons"].items():
        assert metrics["baselines"]["B1"][horizon]["brier"] == scores["brier_km"]
    assert set(metrics["ablation"]) == {
        "attacks", "cabinet_changes", "withdrawal_votes", "threats", "conciliatory_words", "talks", "elections", "leader_changes"
    }  # fmt: skip
    for scores in metrics["subsets"]["all"]["horizons"].values():
        assert scores["p_value"] <= scores["p_holm"] <= 1
        assert scores["detectable_skill"] >= 0
    page = (out / "report.html").read_text()
    assert all(
        said in page
        for said in ("p Holm", "detectable", "the conflict&#x27;s own record", "truce age with the expiry calendar")
    )
    written = pd.read_csv(out / "forecasts.csv")
    assert list(written.columns) == ["truce_id", "as_of", "horizon", "p", "p_km", "outcome", "weight"]
    month = metrics["subsets"]["all"]["horizons"]["30"]
    scored = written[written.horizon == 30]
    assert len(scored) == month["n"]
    assert float(((scored.p - scored.outcome) ** 2).mean()) == pytest.approx(month["brier"], abs=1e-5)
    assert float(((scored.p_km - scored.outcome) ** 2).mean()) == pytest.approx(month["brier_km"], abs=1e-5)


def test_a_frozen_model_is_judged_only_on_days_from_its_training_on(own_home: Settings, tmp_path: Path) -> None:
    jobs.train(own_home, ["discrete-hazard"], "2010-06-30", "chronicle-1", draws=4)
    asked = Asked("2009-01-01", None, "91d", [], "challenger", "chronicle-1")
    with open_store(own_home) as store:
        challenger = store.models.current("challenger")
    assert challenger is not None
    assert challenger.trained_to == date(2010, 6, 30)
    result = jobs.backtest(own_home, asked, tmp_path / "frozen")
    written = pd.read_csv(tmp_path / "frozen" / "forecasts.csv")
    assert written.as_of.min() >= "2010-06-30"
    metrics = result.judged[challenger.family].metrics
    assert metrics["model"]["version"] == challenger.version
    assert metrics["baselines"]["B1"]["7"]["brier"] is not None
    assert all("--model" in metrics["baselines"][name]["7"]["reason"] for name in ("B0", "B2", "B7"))


def test_a_model_that_has_seen_every_row_cannot_be_judged(trained: Settings, tmp_path: Path) -> None:
    asked = Asked("2009-01-01", "2010-01-01", "91d", [], "champion", "chronicle-1")
    with pytest.raises(Refused, match="no row"):
        jobs.backtest(trained, asked, tmp_path / "none")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(None, None, "91d", ["crystal-ball"], None, "chronicle-1"), "no family"),
        (Asked(None, None, "91d", [], None, "by-eye"), "no rule"),
        (Asked(None, None, "quarterly", [], None, "chronicle-1"), "91d"),
        (Asked("2010-01-01", "2009-01-01", "91d", [], None, "chronicle-1"), "no origins"),
        (Asked("soon", None, "91d", [], None, "chronicle-1"), "not a day"),
    ],
    ids=["family", "rule", "every", "order", "date"],
)
def test_what_cannot_be_backtested_is_refused_in_one_line(
    trained: Settings, tmp_path: Path, asked: Asked, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        jobs.backtest(trained, asked, tmp_path / "out")


def test_an_unknown_model_is_refused(trained: Settings, tmp_path: Path) -> None:
    with pytest.raises(NoModel, match="models list"):
        jobs.backtest(trained, Asked(None, None, "91d", [], "nobody", "chronicle-1"), tmp_path / "out")


def test_training_on_an_empty_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no truces"):
        jobs.train(Settings.from_environment(tmp_path, {}), [], None, "chronicle-1")


def test_a_refit_at_a_past_day_has_seen_nothing_later(trained: Settings) -> None:
    artifact = jobs.refit(trained, date(2009, 6, 30))
    assert artifact.trained_to == date(2009, 6, 30)
    assert artifact.baseline.last_age <= (date(2009, 6, 30) - date(2006, 1, 1)).days + 1


def test_every_trained_model_keeps_the_forecasts_by_which_its_alarms_are_judged(trained: Settings) -> None:
    with open_store(trained) as store:
        for row in store.models.all():
            judgement = store.judgements.get(row.version)
            assert judgement is not None
            truces = len(np.unique(judgement.truce))
            every_time = judgement.play(30, 0.0, 0.0)
            assert every_time.alarms == truces, "an alarm that is always raised is raised once a truce"
            assert 0 < every_time.false_alarms < truces
            assert judgement.play(30, 0.3, 0.1).alarms <= judgement.play(30, 0.3, 0.0).alarms
            assert (np.diff(judgement.p, axis=1) >= 0).all(), "chances by horizon"


@pytest.mark.slow
def test_an_alias_moved_by_hand_in_mlflow_comes_home_by_the_service_s_refresh(own_home: Settings) -> None:
    with open_store(own_home) as store:
        headers = {"Authorization": f"Bearer {store.keys.create(['models:admin'])[1]}"}
    with TestClient(create_app(own_home)) as client:
        assert client.post("/v1/models/refresh", headers=headers).json()["moved"] == []
        registry.client(own_home).set_registered_model_alias(registry.MODEL, "champion", "2")
        body = client.post("/v1/models/refresh", headers=headers).json()
        assert body == {"moved": ["champion -> 2"], "swapped": True, "version": "2", "trouble": None}
        assert client.get("/v1/models").json()["aliases"]["champion"] == "2"
