from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from models import reference
from models.artifact import loads
from service.app import create_app
from service.shelf import Shelf
from tests.service.conftest import TRUCE, Hands, publish
from truce.breakdown import DEFAULT_RULE
from truce.errors import NoModel, StoreTrouble
from truce.features import feature_set_id
from truce.settings import Settings
from truce.store import Store
from trucecast import app

ROOT = Path(__file__).resolve().parents[2]


def test_a_home_in_which_nothing_was_promoted_is_answered_by_the_reference_model(
    home: Settings, hands: Hands, store: Store
) -> None:
    with TestClient(create_app(home, clock=hands)) as client:
        answer = client.get(f"/v1/truces/{TRUCE}/forecast").json()
        again = client.get(f"/v1/forecasts/{answer['forecast_id']}").json()
    version = reference.version_of(reference.text())
    assert answer["model"]["version"] == version
    assert again == answer
    assert store.models.get(version).run_id is None
    assert store.models.current("champion") is None


def test_the_first_champion_takes_the_reference_models_place(home: Settings, hands: Hands, store: Store) -> None:
    shelf = Shelf()
    assert shelf.refresh(store)
    assert not shelf.refresh(store)
    publish(store, "1")
    assert shelf.refresh(store)
    assert shelf.model().artifact.version == "1"


def test_a_model_that_could_not_be_stored_is_not_told_as_one_that_was_never_promoted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise StoreTrouble("the database cannot be used: database or disk is full; make room on its disk")

    monkeypatch.setattr(store.models, "publish", full)
    shelf = Shelf()
    assert not shelf.refresh(store)
    with pytest.raises(NoModel, match="make room on its disk"):
        shelf.model()


def test_the_reference_model_reads_the_features_that_this_code_makes_under_the_default_rule() -> None:
    artifact = loads(reference.text())
    assert (artifact.feature_set, artifact.rule) == (feature_set_id(), DEFAULT_RULE)
    assert artifact.uncertainty is not None
    assert artifact.support is not None


def test_the_data_statement_is_of_this_reference_model() -> None:
    page = (ROOT / "docs" / "reference-model.md").read_text(encoding="utf-8")
    artifact = loads(reference.text())
    for fact in (
        reference.version_of(reference.text()),
        artifact.family,
        artifact.trained_to.isoformat(),
        artifact.feature_set,
    ):
        assert fact in page


def test_a_home_without_truces_says_what_is_missing_and_gives_no_empty_success(tmp_path: Path) -> None:
    asked = CliRunner().invoke(app, ["--home", str(tmp_path), "forecast", "--all"])
    assert asked.exit_code == 1
    assert "trucecast import truces" in asked.stderr
    assert asked.stdout == ""
