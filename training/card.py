"""A model's card and data statement as Markdown: what it is for and what not, what it saw, how its recipe fared, what it missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from models import registry
from models.artifact import Artifact, loads
from training import tracking, workshop
from training.contest import metrics_of
from training.panel import Panel, cut
from truce.clock import Clock, end_of, system_clock
from truce.errors import NoModel, Refused
from truce.families import UNCOUNTED_SOURCES
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.models import Published
from truce.vocabulary import HORIZONS

MISS_HORIZON = 30
"""Misses are told at the horizon that the project leads with."""
MANY_MISSES = 5

_FARED = (
    "horizon", "skill over truce age", "95 %", "calibration slope", "O/E", "skill, 2018 on", "95 %, 2018 on", "slope, 2018 on",
    "O/E, 2018 on",
)  # fmt: skip

PURPOSE = """## What it is for

To say how often truces like one at hand have broken within 7 to 365 days, beside what truce age alone says: for analysts who watch many truces,
for research, and as one voice among others before a decision that people take.

## What it is not for

- Deciding by itself about operations, aid, asylum or safety, or where a warning would be acted on without a person who knows the place.
- Telling causes: drivers and what-ifs say how like cases differed, not what an act would bring about.
- Judging parties or persons. A high chance is no evidence that anybody has broken, or will break, his word.
- Trading on or timing violence; and being quoted without its interval, its as-of day and truce age alone.

## Limits

- What counts as a breakdown is a rule, and the rule moves the number more than the model does (`rules.md`).
- It learned from truces that were reported, in the languages and places that the sources cover: a truce that nobody told of is in neither side.
- It does not know what nobody has coded: secret talks, orders, money. News events have not been shown to add to it.
- Years to come may not be like those it saw. An interval tells of few conflicts, not of a changed world (`reasons.md`).
- A forecast can change what it speaks of once parties read it. No such effect is modelled.
"""


def card(settings: Settings, name: str | None, *, clock: Clock = system_clock) -> dict[str, str]:
    """The card of a published model (default: the champion): version, family and markdown.

    Raises:
        NoModel: nothing has been promoted, and no other was asked for.
        Unknown: there is none of that name.
        Refused: it has no MLflow run, or the run left nothing to tell by.
    """
    with open_store(settings, clock) as store, tracking.lab_book(settings):
        model = store.models.current(name or registry.CHAMPION)
        if model is None and name is None:
            raise NoModel(
                "nothing has been promoted here: `trucecast models card VERSION`; `trucecast models list` shows them"
            )
        model = model or store.models.get(name or "")
        if model.run_id is None:
            raise Refused(
                f"version {model.version} came without a run; the card of the reference model is docs/reference-model.md",
                code="no_run",
            )
        artifact = loads(model.body)
        head = f"# Version {model.version} ({model.family})\n\nPublished {model.published_at:%Y-%m-%d}, run `{model.run_id}`.\n"
        return {
            "version": model.version,
            "family": model.family,
            "markdown": page(head, artifact, model.version, *told_of(settings, store, model, artifact)),
        }


def told_of(
    settings: Settings, store: Store, model: Published, artifact: Artifact
) -> tuple[Panel, int, dict[str, Any], pd.DataFrame]:
    """What a card is written from: the record it was trained on, events to count, metrics.json and forecasts.csv of its run."""
    panel = workshop.load(store, artifact.rule, end_of(artifact.trained_to))
    counted = len(store.events.arrays(UNCOUNTED_SOURCES))
    metrics = metrics_of(settings, model)
    file = tracking.kept(settings, model.run_id or "", tracking.FORECASTS)
    return panel, counted, metrics, pd.read_csv(file, dtype={"truce_id": str})


def page(  # noqa: PLR0913 - a card tells of all of them
    head: str,
    artifact: Artifact,
    version: str,
    panel: Panel,
    counted: int,
    metrics: dict[str, Any],
    forecasts: pd.DataFrame,
) -> str:
    """The card as Markdown, under a heading of the caller's."""
    skill = [_skill(metrics, days) for days in map(str, HORIZONS)]
    scored = f"Refitted at {metrics['origins']} origins, {metrics['from']} to {metrics['to']}; partly developed on.\n"
    parts = (
        head,
        PURPOSE,
        "## What it saw\n",
        table(("", ""), _seen(artifact, version, panel, counted).items()),
        f"## How its recipe fared\n\n{scored}",
        table(_FARED, skill),
        f"## What it missed\n\nOf the same forecasts, {MISS_HORIZON} days ahead, the worst of each kind, one of each truce.\n",
        table(("truce", "as of", "said", "truce age alone", "what came"), misses(forecasts)),
    )
    return "\n".join(parts)


def misses(forecasts: pd.DataFrame) -> list[Sequence[str]]:
    """The surest forecasts that were wrong: breaks that were given little, and holds that were given much; one row a truce."""
    rows = forecasts[forecasts["horizon"] == MISS_HORIZON].sort_values(["p", "truce_id", "as_of"])
    broke = rows[rows["outcome"] == 1].drop_duplicates("truce_id").head(MANY_MISSES)
    held = rows[rows["outcome"] == 0].iloc[::-1].drop_duplicates("truce_id").head(MANY_MISSES)
    return [
        (f"`{row['truce_id']}`", str(row["as_of"]), f"{row['p']:.3f}", f"{row['p_km']:.3f}", what)
        for part, what in ((broke, "broke"), (held, "did not break"))
        for row in part.to_dict("records")
    ]


def _seen(artifact: Artifact, version: str, panel: Panel, counted: int) -> dict[str, Any]:
    training = cut(panel, artifact.trained_to)
    used = set(training.rows.truce_ids.tolist())
    truces = [truce for truce in panel.truces if truce.truce_id in used]
    years = [truce.effective_date.year for truce in truces]
    spread = artifact.uncertainty
    return {
        "version": f"`{version}`",
        "family": artifact.family,
        "rule": artifact.rule,
        "trained to": artifact.trained_to.isoformat(),
        "feature set": artifact.feature_set,
        "truces learned from": len(used),
        "landmark rows": len(training.rows),
        "breakdowns among them": sum(1 for truce in truces if truce.outcome == "broke"),
        "conflicts": len({truce.conflict for truce in truces}),
        "truces start in": f"{min(years)} to {max(years)}",
        "best evidence of the start": _counted(Counter(truce.start_tier or "none" for truce in truces)),
        "coded events to count": counted,
        "intervals": f"{spread.draws} refits over {spread.clusters} conflicts" if spread else "none",
    }


def _skill(metrics: dict[str, Any], days: str) -> Sequence[str]:
    return (f"{days} d", *_fared(metrics["subsets"]["all"], days), *_fared(metrics["periods"]["test"], days))


def _fared(summary: dict[str, Any], days: str) -> Sequence[str]:
    of_days = summary["horizons"][days]
    line, reach = of_days["calibration"], of_days["skill_ci"]
    interval = "-" if reach is None else f"{reach[0]:+.3f} to {reach[1]:+.3f}"
    return (
        _figure(of_days["skill"], "+.3f"), interval, _figure(line["slope"], ".2f"), _figure(line["observed_expected"], ".2f"),
    )  # fmt: skip


def _figure(value: float | None, how: str) -> str:
    return "-" if value is None else f"{value:{how}}"


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in names.most_common())


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)
