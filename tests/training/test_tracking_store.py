from __future__ import annotations

from pathlib import Path

import mlflow
import pytest

from models import registry
from service.shelf import Shelf
from tests.postgres import Cluster
from tests.service.conftest import an_artifact
from training import jobs, tracking
from truce.errors import Refused, StoreTrouble
from truce.settings import Settings
from truce.store import open_store


def test_mlflow_s_database_is_a_file_of_the_home_unless_another_is_named(tmp_path: Path) -> None:
    here = Settings.from_environment(tmp_path, {})
    assert here.tracking_uri == f"sqlite:///{tmp_path}/mlruns/mlflow.db"
    for url in ("postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+pg8000://u:p@h/d"):
        named = Settings.from_environment(tmp_path, {"TRUCECAST_MLFLOW_URL": url})
        assert named.tracking_uri == "postgresql+pg8000://u:p@h/d"


@pytest.mark.slow
def test_runs_models_and_aliases_may_live_in_postgresql(cluster: Cluster, tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path, {"TRUCECAST_MLFLOW_URL": cluster.fresh()})
    with tracking.lab_book(home):
        with mlflow.start_run():
            version = registry.log(an_artifact("1"))
        registry.client(home).set_registered_model_alias(registry.MODEL, "champion", version)
        assert registry.aliases(home) == {"champion": version}
        assert tracking.experiment_id(home)
    assert not (tmp_path / "mlruns" / "mlflow.db").exists()


def test_a_damaged_database_of_mlflow_is_one_clear_error(tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path, {})
    home.artifacts.mkdir(parents=True)
    (tmp_path / "mlruns" / "mlflow.db").write_bytes(b"no database at all" * 1000)
    for act in (
        lambda: jobs.promote(home, None, force=False, why=None),
        lambda: jobs.rollback(home),
        lambda: jobs.sync(home),
    ):
        with pytest.raises(StoreTrouble, match="file is not a database") as caught:
            act()
        assert "\n" not in caught.value.detail


def test_a_model_that_came_without_a_run_is_not_promoted_even_by_force(tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path, {})
    with open_store(home) as store:
        shelf = Shelf()
        shelf.refresh(store)
        version = shelf.version()
    with pytest.raises(Refused, match="has no run"):
        jobs.promote(home, version, force=True, why="because")
