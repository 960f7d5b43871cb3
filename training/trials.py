"""Try named variants of the recipes and write down what came of it: ``python -m training.trials --variants FILE.toml --out docs/tried.csv``.

Each variant is refitted at every development origin (2008-2017; the test origins stay shut) and held against its family's usual recipe
on the same rows. The CSV is the record: rows of other variants in it are kept. A page of it is written beside it, and each variant is a
run in MLflow's experiment of trials. The variants' file is described in docs/tried.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contract import Model
from training import report, tracking, workshop
from training.backtest import OutOfFold
from training.evaluate import Evaluation
from training.fitting import aalen_johansen
from training.fitting.families import fit
from training.folds import DEVELOPMENT_FROM, TEST_FROM, Fold, rolling
from training.panel import Panel, TrainingSet, cut
from training.recipes import BASELINE, FEATURES_OF, HAZARD_RIDGE, POOL
from training.tried import Row, row_of, update
from truce.breakdown import DEFAULT_RULE
from truce.clock import end_of, system_clock
from truce.errors import BadInput
from truce.features import FEATURES, NAMES, names_of
from truce.settings import Settings
from truce.store import open_store
from truce.terminal import refusing, say, tracked
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]

LAST = TEST_FROM - timedelta(days=1)
_GROUPS = {feature.group for feature in FEATURES}
_WORDS = {"name", "family", "why", "with", "without", "ridge", "weights"}
_NAMES_IN = {"ridge": set(HAZARD_RIDGE), "weights": FEATURES_OF.keys() - {POOL}}


@dataclass(frozen=True, slots=True)
class Variant:
    """A family with other columns or other penalties than usual, by a name of its own."""

    name: str
    family: str
    why: str
    features: tuple[str, ...]
    changed: str
    ridge: tuple[tuple[str, float], ...] = ()
    weights: tuple[tuple[str, float], ...] = ()

    @classmethod
    def usual(cls, family: str) -> Variant:
        """The recipe that others are held against."""
        return cls(family, family, "the usual recipe", FEATURES_OF[family], "nothing")

    @classmethod
    def of(cls, told: dict[str, Any]) -> Variant:
        """Read one ``[[variant]]``.

        Raises:
            BadInput: a word, family, column or group that is not there, or nothing that differs.
        """
        strange = sorted(told.keys() - _WORDS) or sorted({"name", "family", "why"} - told.keys())
        if strange:
            raise BadInput(f"variant {told.get('name')!r}: {', '.join(strange)}?", code="bad_variant")
        if told["family"] not in FEATURES_OF or told["family"] == BASELINE:
            raise BadInput(f"variant {told['name']!r}: no family {told['family']!r} to vary", code="unknown_family")
        more, less = (_columns(told["name"], told.get(word, [])) for word in ("with", "without"))
        usual = FEATURES_OF[told["family"]]
        features = tuple(n for n in usual if n not in less) + tuple(n for n in more if n not in usual)
        ridge, weights = (_numbers(told, word) for word in ("ridge", "weights"))
        if features == usual and not ridge and not weights:
            raise BadInput(f"variant {told['name']!r} differs in nothing", code="bad_variant")
        said = [f"{word} {' '.join(told[word])}" for word in ("with", "without") if word in told]
        for word, numbers in (("ridge", ridge), ("weights", weights)):
            said += [f"{word} " + ", ".join(f"{name} {value:g}" for name, value in numbers)] if numbers else []
        return cls(told["name"], told["family"], told["why"], features, "; ".join(said), ridge, weights)


def _numbers(told: dict[str, Any], word: str) -> tuple[tuple[str, float], ...]:
    numbers = told.get(word, {})
    if not isinstance(numbers, dict) or numbers.keys() - _NAMES_IN[word]:
        raise BadInput(
            f"variant {told['name']!r}: {word} is a table of {', '.join(sorted(_NAMES_IN[word]))}", code="bad_variant"
        )
    if not all(isinstance(number, int | float) and number > 0 for number in numbers.values()):
        raise BadInput(f"variant {told['name']!r}: {word} are numbers above 0", code="bad_variant")
    if numbers and (word == "weights") != (told["family"] == POOL):
        raise BadInput(f"variant {told['name']!r}: a pool has weights, its members have a ridge", code="bad_variant")
    return tuple(numbers.items())


def _columns(variant: str, told: Sequence[str]) -> set[str]:
    out: set[str] = set()
    if isinstance(told, str):
        raise BadInput(f"variant {variant!r}: columns come as a list", code="bad_variant")
    for word in told:
        if word not in _GROUPS and word not in NAMES:
            raise BadInput(f"variant {variant!r}: no column or group {word!r}", code="bad_variant")
        out |= set(names_of(word)) if word in _GROUPS else {word}
    return out


def read(path: Path) -> list[Variant]:
    """The variants of a TOML file.

    Raises:
        BadInput: no variant in it, two of one name, or one that makes no sense.
        OSError: it cannot be read.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8")).get("variant", [])
    except ValueError as error:
        raise BadInput(f"{path} is not TOML: {error}", code="bad_variant") from None
    variants = [Variant.of(one) for one in told]
    names = [variant.name for variant in variants]
    if not names or len(set(names)) < len(names) or set(names) & set(FEATURES_OF):
        raise BadInput(f"{path} must hold [[variant]] tables, each with a name of its own", code="bad_variant")
    return variants


def _fitted(variant: Variant, training: TrainingSet) -> Model:
    return fit(
        variant.family, training, variant.features, ridge=dict(variant.ridge), weights=dict(variant.weights)
    ).model


@dataclass(frozen=True, slots=True)
class _Work:
    """One fold: the forecasts of every variant by name, and of truce age alone, each (n, H)."""

    panel: Panel
    variants: Sequence[Variant]

    def __call__(self, fold: Fold) -> dict[str, Floats]:
        training, table = cut(self.panel, fold.origin), self.panel.rows.take(fold.rows)
        models = {v.name: _fitted(v, training) for v in self.variants}
        models[BASELINE] = aalen_johansen.fit(training)
        return {name: m.cumulative_incidence(table, HORIZONS)[:, :, 0] for name, m in models.items()}


def forecast(panel: Panel, variants: Sequence[Variant], every: int, *, workers: int = 2) -> dict[str, OutOfFold]:
    """Refit every variant at each development origin and forecast the days after it; nothing from 2018 on is looked at."""
    start = max(DEVELOPMENT_FROM, min(t.effective_date for t in panel.truces))
    folds = list(rolling(panel, start, LAST, every))
    # Forked, as in the backtest: the panel is shared and not sent.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        parts = list(tracked(list(pool.map(_Work(panel, variants), folds)), "development origins"))
    rows = np.concatenate([fold.rows for fold in folds])
    origin = np.concatenate([np.full(len(fold.rows), np.datetime64(fold.origin)) for fold in folds])
    said = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    b1 = said.pop(BASELINE)
    return {name: OutOfFold(name, rows, origin, p, b1, {"B1": b1}) for name, p in said.items()}


def run(settings: Settings, variants: Sequence[Variant], as_of: date, every: int) -> list[Row]:
    """Judge the variants beside the usual recipes of their families, log a run for each, and give the record's rows."""
    usual = [Variant.usual(family) for family in dict.fromkeys(v.family for v in variants)]
    with open_store(settings, system_clock) as store:
        panel = workshop.load(store, DEFAULT_RULE, end_of(as_of))
    until = workshop.observed_to(panel.truces, as_of)
    say(f"{len(panel.rows)} rows; trying {', '.join(v.name for v in variants)} on origins before {TEST_FROM}")
    said = forecast(panel, [*usual, *variants], every)
    digest = workshop.data_digest(panel)
    out = []
    with tracking.lab_book(settings, tracking.TRIALS):
        for variant in [*usual, *variants]:
            evaluation = Evaluation(panel, said[variant.name], until)
            metrics = evaluation.metrics()
            row = row_of(variant.name, variant.family, variant.changed, variant.why, digest, metrics)
            if variant not in usual:
                row = row.against(evaluation, Evaluation(panel, said[variant.family], until))
            with tempfile.TemporaryDirectory() as folder:
                report.write_metrics(Path(folder), metrics)
                tracking.note(row.variant, row.parameters(), metrics, Path(folder))
            out.append(row)
    return out


def main() -> None:
    """Try the variants of a file and write the record and its page."""
    asked = argparse.ArgumentParser(description="Try variants of the recipes on the development origins.")
    asked.add_argument("--variants", type=Path, required=True, help="a TOML file of [[variant]] tables")
    asked.add_argument("--out", type=Path, required=True, help="the record, a CSV file; its page is written beside it")
    asked.add_argument("--home", type=Path, help="the home whose store is learned from (default: TRUCECAST_HOME)")
    asked.add_argument("--as-of", type=date.fromisoformat, default=date(2023, 12, 31))
    asked.add_argument("--every", type=int, default=workshop.EVERY_DAYS, help="days between origins")
    told = asked.parse_args()
    with refusing():
        variants = read(told.variants)
        update(told.out, run(Settings.from_environment(told.home), variants, told.as_of, told.every))
    say(f"written: {told.out} and {told.out.with_suffix('.md')}")


if __name__ == "__main__":
    main()
