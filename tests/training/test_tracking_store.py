from __future__ import annotations

from pathlib import Path

import mlflow
import pytest

from models import registry
from tests.postgres import Cluster
from tests.service.conftest import an_artifact
from training import tracking
from truce.settings import Settings


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
