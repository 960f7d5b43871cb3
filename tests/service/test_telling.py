from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from service.telling import explanation, scenario, show_explanation, show_scenario
from tests.service.conftest import TRUCE, Hands, publish
from tests.service.test_reasons import ATTACK
from truce.errors import BadInput
from truce.features import NAMES
from truce.settings import Settings
from truce.store import Store
from trucecast import app


@pytest.fixture
def settled(home: Settings, store: Store) -> Settings:
    """A home with version 1 in charge."""
    publish(store, "1")
    return home


def test_explain_shows_every_part_and_the_events_that_moved_it(
    settled: Settings, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    show_explanation(explanation(settled, TRUCE, "2015-01-20", "2015-01-05", clock=hands))
    said = capsys.readouterr().out
    for word in ("age", "attacks_sides_90", "log-odds", "untested", "What moved since 2015-01-05", "e1 entered"):
        assert word in said


def test_what_if_shows_the_chances_with_and_without_and_that_it_is_associational(
    settled: Settings, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    show_scenario(scenario(settled, TRUCE, [json.dumps(ATTACK)], "2015-04-05", clock=hands))
    said = capsys.readouterr().out
    assert "associational" in said
    assert "without" in said


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "assault"}', json.dumps({**ATTACK, "modality": "maybe"})])
def test_an_event_that_cannot_be_read_is_one_clear_error(settled: Settings, hands: Hands, text: str) -> None:
    with pytest.raises(BadInput, match="event 0"):
        scenario(settled, TRUCE, [text], "2015-04-05", clock=hands)


def test_the_commands_print_one_json_document(settled: Settings) -> None:
    asked = CliRunner().invoke(app, ["--home", str(settled.home), "explain", TRUCE, "--as-of", "2015-01-20", "--json"])
    assert json.loads(asked.stdout)["truce_id"] == TRUCE
    command = ["what-if", TRUCE, "--event", json.dumps(ATTACK), "--as-of", "2015-04-05", "--json"]
    supposed = CliRunner().invoke(app, ["--home", str(settled.home), *command])
    assert len(json.loads(supposed.stdout)["horizons"]) == 5


def test_an_archived_forecast_is_shown_with_the_row_it_was_made_from(settled: Settings) -> None:
    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["--home", str(settled.home), *words])

    assert "nothing is archived yet" in run("verify").stdout
    (said,) = json.loads(run("forecast", TRUCE, "--as-of", "2015-01-20", "--json").stdout)["forecasts"]
    assert run("verify").stdout.startswith("1 archived forecasts in 1 chains hold")
    found = json.loads(run("archived", said["forecast_id"], "--json").stdout)
    assert found["forecast"] == said
    assert tuple(found["features"]) == NAMES
    assert found["features"]["attacks_sides_90"] == pytest.approx(np.log(2))
    shown = run("archived", said["forecast_id"]).stdout
    for word in (said["forecast_id"], TRUCE, "attacks_sides_90", "features that were not 0"):
        assert word in shown
    assert run("archived", "nobody").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["forecast", "--all", "--json", "--format", "csv"],
        [
            "train-table",
            "t.csv",
            "--stop",
            "t",
            "--event",
            "e",
            "--features",
            "x",
            "--family",
            "logistic",
            "--ties",
            "breslow",
        ],
    ],
)
def test_options_that_exclude_each_other_are_wrong_usage(tmp_path: Path, words: list[str]) -> None:
    assert CliRunner().invoke(app, ["--home", str(tmp_path), *words]).exit_code == 2
