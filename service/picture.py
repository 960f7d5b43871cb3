"""``trucecast forecast --plot``: the forecast of one truce as a picture."""

from __future__ import annotations

from pathlib import Path

from service.forecasting import Answer
from truce.charts.drawing import picture_kind, save
from truce.charts.forecasts import incidence
from truce.errors import WrongFile
from truce.terminal import say


def check(path: Path) -> None:
    """Whether the picture can be put there, before anything is forecast and archived.

    Raises:
        WrongFile: an ending other than .svg and .png, or no folder to put the file into.
    """
    picture_kind(path)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise WrongFile(f"{path} is not a file in a folder that is there")


def draw(found: Answer, path: Path) -> None:
    """Write the picture of the one forecast, and say where it is."""
    save(incidence(found.forecasts[0]), path)
    say(f"drawn in {path}")
