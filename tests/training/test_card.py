"""A model's card says what it is for, what it saw, how it fared and what it missed, from the run that made it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.training.conftest import FAMILIES, OBSERVED_TO
from training import card, jobs, tracking
from training.contest import metrics_of
from truce.errors import NoModel, Refused, Unknown
from truce.settings import Settings
from truce.store import open_store
from trucecast import app

ROOT = Path(__file__).resolve().parents[2]


def told(home: Settings, *words: str) -> str:
    asked = CliRunner().invoke(app, ["--home", str(home.home), "models", "card", *words])
    assert asked.exit_code == 0, asked.output
    return asked.stdout


def test_the_command_prints_the_champions_card_and_any_others(trained: Settings) -> None:
    assert told(trained).startswith("# Version 1 (aalen-johansen)\n")
    body = json.loads(told(trained, "2", "--json"))
    assert (body["version"], body["family"]) == ("2", FAMILIES[1])
    for part in (
        "What it is for",
        "What it is not for",
        "Limits",
        "What it saw",
        "How its recipe fared",
        "What it missed",
    ):
        assert f"## {part}\n" in body["markdown"]


def test_a_card_tells_the_figures_of_the_models_run(trained: Settings) -> None:
    shown = card.card(trained, "2")["markdown"]
    with open_store(trained) as store, tracking.lab_book(trained):
        model = store.models.get("2")
        assert model is not None
        metrics = metrics_of(trained, model)
        month, lately = metrics["subsets"]["all"]["horizons"]["30"], metrics["periods"]["test"]["horizons"]["30"]
        truces = {truce.truce_id for truce in store.truces.everything()}
    assert f"| 30 d | {month['skill']:+.3f} | {month['skill_ci'][0]:+.3f} to {month['skill_ci'][1]:+.3f} |" in shown
    assert lately["skill"] is None, "this home's record ends before the test years"
    (line,) = (line for line in shown.splitlines() if line.startswith("| 30 d |"))
    assert line.endswith("| - | - | - | - |")
    assert f"| trained to | {OBSERVED_TO} |" in shown
    assert f"| truces learned from | {len(truces)} |" in shown


def test_the_misses_are_the_surest_wrong_forecasts_one_a_truce() -> None:
    def row(truce: str, p: float, outcome: int, horizon: int = 30) -> dict[str, object]:
        return {"truce_id": truce, "as_of": "2015-01-01", "horizon": horizon, "p": p, "p_km": 0.5, "outcome": outcome}

    rows = [
        row("a", 0.9, 1),
        row("a", 0.1, 1),
        row("b", 0.2, 1),
        row("c", 0.8, 0),
        row("c", 0.7, 0),
        row("d", 0.01, 1, 90),
    ]
    assert [(cells[0], cells[2], cells[4]) for cells in card.misses(pd.DataFrame(rows))] == [
        ("`a`", "0.100", "broke"), ("`b`", "0.200", "broke"), ("`c`", "0.800", "did not break"),
    ]  # fmt: skip


def test_no_card_is_made_up(trained: Settings, own_home: Settings) -> None:
    with pytest.raises(Unknown):
        card.card(trained, "99")
    with open_store(own_home) as store:
        model = store.models.get("3")
        assert model is not None
    for file in own_home.artifacts.rglob("forecasts.csv"):
        file.unlink()
    with pytest.raises(Refused, match="left no"):
        card.card(own_home, "3")


def test_the_reference_models_page_carries_what_every_card_says_of_use_and_limits() -> None:
    assert card.PURPOSE in (ROOT / "docs" / "reference-model.md").read_text(encoding="utf-8")


def test_a_model_that_came_without_a_run_sends_the_reader_to_its_page(tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path, {})
    assert CliRunner().invoke(app, ["--home", str(tmp_path), "forecast", "--all"]).exit_code == 1
    (model,) = jobs.published(home)
    with pytest.raises(Refused, match=r"docs/reference-model\.md"):
        card.card(home, model["version"])
    with pytest.raises(NoModel):
        card.card(home, None)
