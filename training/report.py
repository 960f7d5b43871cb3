"""What one run leaves to look at: metrics.json, forecasts.csv, report.html, plots, coefficients, the model's numbers."""

from __future__ import annotations

import base64
import csv
import html
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

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
from truce import scoring
from truce.vocabulary import HORIZONS

MIN_POSITIVES = 20
"""A reliability curve on fewer breaks is noise drawn as a line: refused."""

mpl.rcParams["svg.hashsalt"] = "trucecast"


def write(
    folder: Path, panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any], artifact: Artifact, fitted: Fitted
) -> None:
    """Everything a training run leaves, into ``folder``."""
    write_backtest(folder, panel, forecasts, metrics)
    (folder / "model.json").write_text(dumps(artifact), encoding="utf-8")
    _coefficients(folder / "coefficients.csv", fitted)
    _survival_plot(artifact).savefig(folder / "survival.svg", metadata={"Date": None})


def write_backtest(folder: Path, panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any]) -> None:
    """What a backtest leaves: metrics.json, forecasts.csv, reliability.svg and report.html."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(metrics, indent=1, allow_nan=False)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    _forecasts(folder / "forecasts.csv", panel, forecasts, metrics)
    plot = folder / "reliability.svg"
    _reliability_plot(panel, forecasts, metrics).savefig(plot, metadata={"Date": None})
    (folder / "report.html").write_text(_page(metrics, plot), encoding="utf-8")


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


def _reliability_plot(panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(12, 2.8), layout="constrained")
    for k, (horizon, axes) in enumerate(zip(HORIZONS, figure.subplots(1, len(HORIZONS)), strict=True)):
        seen = scorable(panel, forecasts.rows, horizon, np.datetime64(metrics["observed_to"]).item())
        y = panel.broke_within(horizon)[forecasts.rows[seen]].astype(float)
        axes.set_title(f"{horizon} days, {int(y.sum())} of {len(y)} rows broke", fontsize=8)
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        if y.sum() < MIN_POSITIVES:
            axes.text(0.5, 0.5, f"fewer than {MIN_POSITIVES} breaks", ha="center", fontsize=8)
            continue
        for p, colour, name in ((forecasts.p_km, "grey", "age alone"), (forecasts.p, "tab:blue", forecasts.family)):
            curve = scoring.reliability(y, p[seen, k])
            axes.plot(curve[:, 0], curve[:, 1], "o-", color=colour, markersize=3, label=name)
        axes.set(xlabel="forecast", ylabel="broke")
        axes.legend(fontsize=7)
    return figure


def _survival_plot(artifact: Artifact) -> Figure:
    """How long truces last by age alone, and the chance of each end, in the data the model was fitted on."""
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    days = np.arange(0, 731)
    curve = artifact.baseline.curve(days)
    axes.step(days, 1 - curve.sum(axis=1), where="post", label="still holds", color="black")
    for k, (name, colour) in enumerate((("broke", "tab:red"), ("expired", "tab:orange"), ("superseded", "tab:green"))):
        axes.step(days, curve[:, k], where="post", label=name, color=colour)
    axes.set(xlabel="days since the truce took effect", ylabel="share of truces", ylim=(0, 1))
    axes.legend()
    return figure


def _page(metrics: dict[str, Any], plot: Path) -> str:
    parts = {**metrics["subsets"], **{f"{name} origins": s for name, s in metrics["periods"].items()}}
    subsets = "".join(
        f"<h2>{html.escape(name)}</h2><p>{s['rows']} rows, {s['truces']} truces, {s['breaks']} distinct breakdowns</p>"
        + _skill_table({**metrics, "subsets": parts}, name)
        for name, s in parts.items()
    )
    image = base64.b64encode(plot.read_bytes()).decode()
    title = f"{metrics['family']} under {metrics['rule']}, {metrics['from']} to {metrics['to']}"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>trucecast backtest</title>"
        "<style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em .6em;text-align:right}</style>"
        f"<h1>{html.escape(title)}</h1><p>Skill is 1 - Brier / Brier of truce age alone (B1); intervals resample conflicts and calendar "
        "years, each horizon by itself; p is the share of draws without skill, p Holm the same among the five horizons; detectable is the "
        "skill that these rows would find four times in five. Figures for all years are partly developed on; the test origins begin in "
        f"2018.</p><img alt='reliability by horizon' src='data:image/svg+xml;base64,{image}'>{subsets}"
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
