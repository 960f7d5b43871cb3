"""Write the reference model and its data statement: ``python -m training.reference --home HOME``.

The home's champion becomes ``models/reference.json``, and what it saw and how it fared becomes docs/reference-model.md, from the same run.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models import reference, registry
from models.artifact import Artifact, dumps, loads
from training import tracking, workshop
from training.contest import metrics_of
from training.panel import Panel, cut
from truce.clock import end_of
from truce.errors import NoModel
from truce.families import UNCOUNTED_SOURCES
from truce.settings import Settings
from truce.store import Store, open_store
from truce.terminal import refusing, say
from truce.vocabulary import HORIZONS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference-model.md"

_HEAD = """# The reference model

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
    panel = workshop.load(store, artifact.rule, end_of(artifact.trained_to))
    counted = len(store.events.arrays(UNCOUNTED_SOURCES))
    with tracking.lab_book(settings):
        metrics = metrics_of(settings, champion)
    body = dumps(artifact)
    version = reference.version_of(body)
    reference.FILE.write_text(body, encoding="utf-8")
    PAGE.write_text(page(artifact, version, panel, counted, metrics), encoding="utf-8")
    return version


def page(artifact: Artifact, version: str, panel: Panel, counted: int, metrics: dict[str, Any]) -> str:
    """The data statement as Markdown."""
    training = cut(panel, artifact.trained_to)
    used = set(training.rows.truce_ids.tolist())
    truces = [truce for truce in panel.truces if truce.truce_id in used]
    facts = {
        "version": f"`{version}`",
        "family": artifact.family,
        "rule": artifact.rule,
        "trained to": artifact.trained_to.isoformat(),
        "feature set": artifact.feature_set,
        "truces learned from": len(used),
        "landmark rows": len(training.rows),
        "breakdowns among them": sum(1 for truce in truces if truce.outcome == "broke"),
        "conflicts": len({truce.conflict for truce in truces}),
        "truces start in": f"{min(t.effective_date for t in truces).year} to {max(t.effective_date for t in truces).year}",
        "best evidence of the start": _counted(Counter(truce.start_tier or "none" for truce in truces)),
        "coded events to count": counted,
        "intervals": f"{artifact.uncertainty.draws} refits over {artifact.uncertainty.clusters} conflicts"
        if artifact.uncertainty
        else "none",
    }
    skill = [_skill(metrics, days) for days in map(str, HORIZONS)]
    parts = (
        _HEAD,
        "## What it saw\n",
        _table(("", ""), facts.items()),
        f"## How its recipe fared\n\nRefitted at {metrics['origins']} origins, {metrics['from']} to {metrics['to']}; partly developed on.\n",
        _table(("horizon", "skill over truce age", "95 %", "skill, 2018 on", "calibration slope", "O/E"), skill),
    )
    return "\n".join(parts)


def _skill(metrics: dict[str, Any], days: str) -> Sequence[str]:
    whole, test = metrics["subsets"]["all"]["horizons"][days], metrics["periods"]["test"]["horizons"][days]
    low, high = whole["skill_ci"]
    line = whole["calibration"]
    return (
        f"{days} d", f"{whole['skill']:+.3f}", f"{low:+.3f} to {high:+.3f}", f"{test['skill']:+.3f}", f"{line['slope']:.2f}",
        f"{line['observed_expected']:.2f}",
    )  # fmt: skip


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in names.most_common())


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def main() -> None:
    """Write the reference model of a home."""
    asked = argparse.ArgumentParser(description="Write the reference model and its data statement.")
    asked.add_argument("--home", type=Path, help="the home whose champion it becomes (default: TRUCECAST_HOME)")
    settings = Settings.from_environment(asked.parse_args().home)
    with refusing(), open_store(settings) as store:
        say(f"written as {write(store, settings)}: {reference.FILE.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
