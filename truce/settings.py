"""Where things live, and the few switches of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from truce.errors import BadInput

_SWITCH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """One home: its folder, its database, whether reading is open to everyone, and MLflow's database when it is another."""

    home: Path
    database_url: str
    public_read: bool = True
    mlflow_url: str | None = None

    @classmethod
    def from_environment(cls, home: Path | None = None, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings of ``home`` (default: TRUCECAST_HOME, then the current folder).

        Raises:
            BadInput: a switch is neither true nor false.
        """
        folder = (home or Path(environment.get("TRUCECAST_HOME", "."))).expanduser().resolve()
        switch = environment.get("TRUCECAST_PUBLIC_READ", "true").lower()
        if switch not in _SWITCH:
            raise BadInput(f"TRUCECAST_PUBLIC_READ is {switch!r}: write true or false", code="bad_setting")
        url = environment.get("TRUCECAST_DATABASE_URL") or f"sqlite:///{folder / 'var' / 'trucecast.db'}"
        return cls(folder, url, _SWITCH[switch], environment.get("TRUCECAST_MLFLOW_URL") or None)

    @property
    def artifacts(self) -> Path:
        """Where MLflow's runs leave their files."""
        return self.home / "mlruns" / "artifacts"

    @property
    def tracking_uri(self) -> str:
        """MLflow's tracking store and registry: a file of this home, or what TRUCECAST_MLFLOW_URL names."""
        url = self.mlflow_url or f"sqlite:///{self.home / 'mlruns' / 'mlflow.db'}"
        scheme, mark, rest = url.partition("://")
        # MLflow takes SQLAlchemy's default driver, which is not the one that is installed here.
        return f"postgresql+pg8000{mark}{rest}" if scheme in ("postgres", "postgresql") else url
