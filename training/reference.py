"""Write the reference model and its card: ``python -m training.reference --home HOME``.

The home's champion becomes ``models/reference.json``, and what it saw and how it fared becomes docs/reference-model.md, from the same run.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from models import reference, registry
from models.artifact import dumps, loads
from training import card, tracking
from truce.errors import NoModel
from truce.settings import Settings
from truce.store import Store, open_store
from truce.terminal import refusing, say

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference-model.md"

_HEAD = """# The reference model: card and data statement

`models/reference.json` is served by a home in which nothing has been promoted yet. It and this page are written by `make reference`, from the
champion of a home made by `trucecast demo`: the embedded Chronicle and its coded news, nothing else. A champion of your own takes its
place at the first promotion. How to read the figures: `evaluation.md`; what they do not show: the limits in the README.
"""


def write(store: Store, settings: Settings) -> str:
    """Write both files; the version that the model is served as.

    Raises:
        NoModel: nothing has been promoted in this home.
    """
    champion = store.models.current(registry.CHAMPION)
    if champion is None:
        raise NoModel("no champion here: `trucecast demo` makes one")
    artifact = replace(loads(champion.body), version=None)
    with tracking.lab_book(settings):
        told = card.told_of(settings, store, champion, artifact)
    body = dumps(artifact)
    version = reference.version_of(body)
    reference.FILE.write_text(body, encoding="utf-8")
    PAGE.write_text(card.page(_HEAD, artifact, version, *told), encoding="utf-8")
    return version


def main() -> None:
    """Write the reference model of a home."""
    asked = argparse.ArgumentParser(description="Write the reference model and its card.")
    asked.add_argument("--home", type=Path, help="the home whose champion it becomes (default: TRUCECAST_HOME)")
    settings = Settings.from_environment(asked.parse_args().home)
    with refusing(), open_store(settings) as store:
        say(f"written as {write(store, settings)}: {reference.FILE.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
