from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import pytest

import trucecast
from tests.examples import a_truce
from tests.service.conftest import TRUCE, publish
from truce.clock import system_clock
from truce.settings import Settings
from truce.store import open_store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one truce in force and a champion."""
    settings = Settings.from_environment(tmp_path / "home", {})
    with open_store(settings) as store:
        truce = a_truce(TRUCE, effective_date=date(2015, 1, 10))
        store.truces.put([truce], known_at=system_clock(), source="truces", written_by="cli")
        publish(store, "1")
    return settings.home


def ask(home: Path, *words: str) -> int:
    """The exit status of ``trucecast forecast``, run in this process."""
    sys.argv = ["trucecast", "--home", str(home), "forecast", *words]
    with pytest.raises(SystemExit) as left:
        trucecast.main()
    return int(left.value.code or 0)


def archived(home: Path) -> int:
    with open_store(Settings.from_environment(home, {})) as store:
        return len(list(store.forecasts.find()))


def test_the_forecast_of_a_truce_is_drawn_as_it_was_printed(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    file = tmp_path / "one.svg"
    assert ask(home, TRUCE, "--as-of", "2015-03-01", "--plot", str(file), "--format", "csv") == 0
    printed = {row.split(",")[2]: float(row.split(",")[3]) for row in capsys.readouterr().out.splitlines()[1:]}
    desc = next(child.text or "" for child in ET.parse(file).getroot() if child.tag.endswith("desc"))
    drawn = dict(re.findall(r"within (\d+) days ([\d.]+) %", desc))
    assert {days: float(p) for days, p in drawn.items()} == {
        days: pytest.approx(100 * p, abs=0.051) for days, p in printed.items()
    }
    assert desc.count("truce age alone") == len(printed) == 5


def test_a_picture_is_a_png_when_its_name_says_so(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [])
    assert ask(home, TRUCE, "--as-of", "2015-03-01", "--plot", str(tmp_path / "one.png")) == 0
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((TRUCE, "--plot", "one.pdf"), 1, ".svg or .png"),
        ((TRUCE, "--plot", "nowhere/one.svg"), 1, "in a folder that is there"),
        (("--all", "--plot", "one.svg"), 2, "one picture shows one truce"),
        ((TRUCE, "another", "--plot", "one.svg"), 2, "one picture shows one truce"),
    ],
    ids=["ending", "folder", "all", "two"],
)
def test_a_picture_that_cannot_be_drawn_is_refused_before_anything_is_forecast(
    home: Path,
    tmp_path: Path,
    words: tuple[str, ...],
    status: int,
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    assert ask(home, *words, "--as-of", "2015-03-01") == status
    assert says in " ".join(capsys.readouterr().err.split())
    assert archived(home) == 0
    assert not list(tmp_path.glob("one.*"))


def test_a_truce_that_is_refused_leaves_no_picture(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [])
    assert ask(home, "nobody", "--plot", str(tmp_path / "one.svg")) == 1
    assert not (tmp_path / "one.svg").exists()
