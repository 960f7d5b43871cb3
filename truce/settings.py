"""Where things live, and the few switches: of the environment, and of a home's own ``trucecast.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from truce.errors import BadInput
from truce.liveness import Cadences, WhenStale, declared

_SWITCH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_RATE = re.compile(r"([1-9]\d{0,8})/(second|minute|hour)")
FILE = "trucecast.toml"
MLFLOW_UI = "http://127.0.0.1:5000"
"""Where `trucecast mlflow` listens unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds, which is also how many may come at once."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Window:
    """What the service lets in: how fast, how much at once, from which web pages, and whither its webhooks may go.

    The rate is per key, or per address where there is none; whoever asks from this machine itself is not limited unless
    ``rate_at_home`` is set.
    """

    rate: Rate | None = Rate(6000, 60)
    rate_at_home: bool = False
    most_bytes: int = 10 * 1024 * 1024
    origins: tuple[str, ...] = ()
    private_hooks: bool = False
    alarm_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """One home: its folder and databases, whether reading is open to everyone, and what is expected of sources."""

    home: Path
    database_url: str
    public_read: bool = True
    when_stale: WhenStale = WhenStale.REFUSE
    cadences: Cadences = field(default_factory=declared)
    window: Window = field(default_factory=Window)
    mlflow_url: str | None = None
    mlflow_ui: str = MLFLOW_UI
    """Where people look at MLflow: what the page links to."""

    @classmethod
    def from_environment(cls, home: Path | None = None, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings of ``home`` (default: TRUCECAST_HOME, then the current folder).

        Raises:
            BadInput: a switch has a value that it does not take, or ``trucecast.toml`` cannot be read.
        """
        folder = (home or Path(environment.get("TRUCECAST_HOME", "."))).expanduser().resolve()
        url = environment.get("TRUCECAST_DATABASE_URL") or f"sqlite:///{folder / 'var' / 'trucecast.db'}"
        told = _file(folder / FILE)
        stale = environment.get("TRUCECAST_STALE") or told.get("stale", WhenStale.REFUSE.value)
        if stale not in list(WhenStale):
            raise BadInput(f"TRUCECAST_STALE is {stale!r}: write {', '.join(WhenStale)}", code="bad_setting")
        return cls(
            folder,
            url,
            _switch(environment, "TRUCECAST_PUBLIC_READ", default=True),
            WhenStale(stale),
            declared().changed(told),
            _window(environment),
            environment.get("TRUCECAST_MLFLOW_URL") or None,
            _address(environment, "TRUCECAST_MLFLOW_UI", MLFLOW_UI),
        )

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


def _window(environment: Mapping[str, str]) -> Window:
    start = Window()
    rate = environment.get("TRUCECAST_RATE", "")
    match = _RATE.fullmatch(rate)
    if rate not in ("", "off") and match is None:
        raise BadInput(f"TRUCECAST_RATE is {rate!r}: write off, or a rate such as 6000/minute", code="bad_setting")
    asked = Rate(int(match[1]), _SECONDS[match[2]]) if match else None
    return Window(
        rate=start.rate if rate == "" else asked,
        rate_at_home=_switch(environment, "TRUCECAST_RATE_AT_HOME", default=False),
        most_bytes=_number(environment, "TRUCECAST_MAX_BODY", start.most_bytes),
        origins=tuple(filter(None, map(str.strip, environment.get("TRUCECAST_CORS", "").split(",")))),
        private_hooks=_switch(environment, "TRUCECAST_PRIVATE_WEBHOOKS", default=False),
        alarm_seconds=_number(environment, "TRUCECAST_ALARM_SECONDS", start.alarm_seconds),
    )


def _switch(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    said = environment.get(name, "").lower()
    if said and said not in _SWITCH:
        raise BadInput(f"{name} is {said!r}: write true or false", code="bad_setting")
    return _SWITCH[said] if said else default


def _address(environment: Mapping[str, str], name: str, default: str) -> str:
    said = environment.get(name, "") or default
    if not re.fullmatch(r"https?://[^\s]+", said):
        raise BadInput(f"{name} is {said!r}: write an address such as {default}", code="bad_setting")
    return said.rstrip("/")


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    said = environment.get(name, "")
    if said and not re.fullmatch(r"[1-9]\d{0,11}", said):
        raise BadInput(f"{name} is {said!r}: write a whole number from 1", code="bad_setting")
    return int(said) if said else default


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise BadInput(f"{path} cannot be read: {trouble}", code="bad_setting") from None
