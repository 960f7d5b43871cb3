from __future__ import annotations

import os
import subprocess
import sys

FIT = """
from datetime import date
from models.event_coder import Text
from training.fitting import gazetteer
told = ["Fighting is reported in Sikasso between soldiers of Mali and Niger."] * 6
fitted = gazetteer.fit([Text(text, date(2015, 1, 1)) for text in told])
print([(cue.spelling, cue.iso3, cue.share) for cue in fitted.cues if cue.spelling == "sikasso"], fitted.sources)
"""


def fitted(seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FIT],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_names_are_learnt_alike_in_every_process() -> None:
    """A phrase that stands beside two countries equally often goes to one of them whatever order a set has."""
    first, *others = [fitted(str(seed)) for seed in range(4)]
    assert "MLI" in first
    assert set(others) == {first}
