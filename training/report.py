"""What one run leaves to look at: metrics.json, forecasts.csv, report.html, plots, coefficients, the model's numbers."""

from __future__ import annotations

import csv
import html
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.artifact import Artifact, dumps
from training.backtest import OutOfFold
from training.by_rule import rate_table, table
from training.fitting.families import Fitted
from training.folds import scorable
from training.losses import Losses
from training.panel import Panel
from training.tables import (
    ABLATION_COLUMNS,
    BASELINE_COLUMNS,
    SURE_COLUMNS,
    ablation_rows,
    baseline_rows,
    doubts,
    figure,
)
from truce.vocabulary import HORIZONS

if TYPE_CHECKING:
    from training.plots import Charts


def write(  # noqa: PLR0913
    folder: Path,
    panel: Panel,
    forecasts: OutOfFold,
    metrics: dict[str, Any],
    artifact: Artifact,
    fitted: Fitted,
    beside: Mapping[str, dict[str, Any]],
) -> None:
    """Everything a training run leaves, into ``folder``; ``beside`` are the metrics of the families judged with this one."""
    from training import plots

    charts = plots.of_backtest(panel, forecasts, metrics, beside)
    plots.of_model(charts, artifact, fitted, len({*panel.rows.truce_ids}))
    _write(folder, panel, forecasts, metrics, charts)
    (folder / "model.json").write_text(dumps(artifact), encoding="utf-8")
    _coefficients(folder / "coefficients.csv", fitted)


def write_backtest(
    folder: Path, panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any], beside: Mapping[str, dict[str, Any]]
) -> None:
    """What a backtest leaves: metrics.json, forecasts.csv, report.html and its pictures."""
    from training import plots  # charts take seconds to import, and `promote` needs none

    _write(folder, panel, forecasts, metrics, plots.of_backtest(panel, forecasts, metrics, beside))


def _write(folder: Path, panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any], charts: Charts) -> None:
    from truce.charts import drawing

    write_metrics(folder, metrics)
    _forecasts(folder / "forecasts.csv", panel, forecasts, metrics)
    for name, chart in charts.drawn.items():
        drawing.save(chart, folder / f"{name}.svg")
    figures = "".join(drawing.figure(chart, name) for name, chart in charts.drawn.items())
    missing = "".join(f"<p>No {html.escape(what)}: {html.escape(why)}.</p>" for what, why in charts.missing.items())
    (folder / "report.html").write_text(_page(metrics, figures + missing), encoding="utf-8")


def write_metrics(folder: Path, metrics: dict[str, Any]) -> None:
    """metrics.json alone."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(metrics, indent=1, allow_nan=False)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")


def copy_best(out: Path, family: str) -> None:
    """Put the files of the best family at the top of the folder, beside one folder a family."""
    for file in (out / family).iterdir():
        shutil.copy2(file, out / file.name)


def skill_rows(metrics: dict[str, Any], subset: str = "all") -> Iterable[Sequence[str]]:
    """Rows of the skill table: family, horizon, rows, distinct breaks, Brier, baseline's Brier, skill with interval, log scores, AUCs."""
    for days, s in metrics["subsets"][subset]["horizons"].items():
        interval = "" if s["skill_ci"] is None else "{:+.3f} .. {:+.3f}".format(*s["skill_ci"])
        numbers = [s[key] for key in ("brier", "brier_km", "skill")]
        tail = [s[key] for key in ("log_score", "log_score_km", "auc", "auc_km", "auc_within_age")]
        yield [
            metrics["family"], days, str(s["n"]), str(s["breaks"]), *map(figure, numbers), interval, *map(figure, tail)
        ]  # fmt: skip


SKILL_COLUMNS = (
    "family", "days", "rows", "breaks", "Brier", "Brier B1", "skill", "95 %", "log score", "log B1", "AUC", "AUC B1", "within age",
)  # fmt: skip


def _forecasts(path: Path, panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any]) -> None:
    from_day = panel.as_of_day[forecasts.rows]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["truce_id", "as_of", "horizon", "p", "p_km", "outcome", "weight"])
        for k, horizon in enumerate(HORIZONS):
            last = np.datetime64(metrics["observed_to"]).item()
            seen = scorable(panel, forecasts.rows, horizon, last)
            weight = Losses.of(panel, last).weights(panel, forecasts.rows, horizon)
            broke = panel.broke_within(horizon)[forecasts.rows]
            ids = panel.rows.truce_ids[forecasts.rows]
            for i in np.flatnonzero(seen):
                out.writerow([
                    ids[i], from_day[i], horizon, f"{forecasts.p[i, k]:.6f}", f"{forecasts.p_km[i, k]:.6f}", int(broke[i]), f"{weight[i]:.6g}"
                ])  # fmt: skip


def _coefficients(path: Path, fitted: Fitted) -> None:
    columns = ("part", "name", "estimate", "se", "lo", "hi")
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
        out.writeheader()
        out.writerows(fitted.coefficients)


_STYLE = (
    ":root{color-scheme:light dark}body{font-family:sans-serif;margin:2em auto;max-width:72em;padding:0 1em}"
    "figure{margin:2em 0;overflow-x:auto}figcaption{font-size:.9em;max-width:60em}svg{max-width:100%;height:auto}"
    ".table{overflow-x:auto}table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.2em .6em;text-align:right}"
)
"""A page of its own: no request to any host, in the reader's light or dark, and no wider than a phone where it can be helped."""


def _page(metrics: dict[str, Any], figures: str) -> str:
    parts = {**metrics["subsets"], **{f"{name} origins": s for name, s in metrics["periods"].items()}}
    subsets = "".join(
        f"<h2>{html.escape(name)}</h2><p>{s['rows']} rows, {s['truces']} truces, {s['breaks']} distinct breakdowns</p>"
        + _skill_table({**metrics, "subsets": parts}, name)
        for name, s in parts.items()
    )
    title = f"{metrics['family']} under {metrics['rule']}, {metrics['from']} to {metrics['to']}"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>trucecast: {html.escape(title)}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(title)}</h1><p>Skill is 1 - Brier / Brier of truce age alone (B1); intervals resample conflicts and calendar "
        "years, each horizon by itself; p is the share of draws without skill, p Holm the same among the five horizons; detectable is the "
        "skill that these rows would find four times in five. Figures for all years are partly developed on; the test origins begin in "
        f"2018.</p>{figures}{subsets}"
        f"<h2>Baselines</h2>{table(BASELINE_COLUMNS, baseline_rows(metrics))}"
        f"<h2>What each event family adds</h2>{_ablation(metrics)}"
        f"<h2>Base rates by rule</h2>{rate_table(metrics['rules'])}"
        f"<h2>Everything</h2><pre>{html.escape(json.dumps(metrics, indent=1))}</pre></html>"
    )


def _skill_table(metrics: dict[str, Any], subset: str) -> str:
    scores = metrics["subsets"][subset]["horizons"].values()
    rows = [[*row, *doubts(s)] for row, s in zip(skill_rows(metrics, subset), scores, strict=True)]
    return table((*SKILL_COLUMNS, *SURE_COLUMNS[-3:]), rows)


def _ablation(metrics: dict[str, Any]) -> str:
    rows = list(ablation_rows(metrics))
    if rows:
        return table(ABLATION_COLUMNS, rows)
    reasons = {s["reason"] for horizons in metrics["ablation"].values() for s in horizons.values()}
    return f"<p>{html.escape('; '.join(sorted(reasons)))}</p>"
