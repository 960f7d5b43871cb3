"""How base rates and skill depend on the rule of breakdown: the tables that stand side by side."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

RATE_COLUMNS = ("rule", "decided", "broke", "expired", "superseded", "ongoing", "void")
SKILL_COLUMNS = ("rule", "family", "days", "rows", "distinct breaks", "skill over truce age", "95 %")


def write(out: Path, rates: dict[str, Any], best: dict[str, dict[str, Any]], refused: dict[str, str]) -> None:
    """Write rules.json and report.html into ``out``: base rates under every rule, and the best family's skill under each.

    Args:
        out: a folder.
        rates: what ``resolution.base_rates`` gives.
        best: rule -> metrics.json of its best family.
        refused: rule -> why nothing could be judged under it.
    """
    body = {
        "rates": rates,
        "skill": {rule: {"family": m["family"], **m["subsets"]["all"]} for rule, m in best.items()},
        "refused": refused,
    }
    (out / "rules.json").write_text(json.dumps(body, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    skill = table(SKILL_COLUMNS, [row for rule, m in best.items() for row in _skill(rule, m)])
    silent = "".join(f"<p>{html.escape(rule)}: {html.escape(why)}</p>" for rule, why in refused.items())
    (out / "report.html").write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>trucecast by rule</title>"
        "<style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em .6em;text-align:right}</style>"
        f"<h1>The rule of breakdown</h1><h2>Base rates</h2>{rate_table(rates)}<h2>Skill</h2>{skill}{silent}</html>",
        encoding="utf-8",
    )


def write_availabilities(out: Path, by_label: dict[str, dict[str, Any]]) -> None:
    """Write availability.json into ``out``: skill over all rows by the label of each availability."""
    body = {label: {"family": m["family"], **m["subsets"]["all"]} for label, m in by_label.items()}
    (out / "availability.json").write_text(json.dumps(body, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def rate_table(rates: dict[str, Any]) -> str:
    """Base rates under every rule as an HTML table: counts by outcome, and the cumulative incidence of breakdown by so many days."""
    spans = [share["days"] for share in next(iter(rates.values()))["broken_within"]]
    columns = (*RATE_COLUMNS, *(f"broke in {days} d" for days in spans))
    rows = []
    for rule, rate in rates.items():
        counts = [str(rate["outcomes"].get(outcome, 0)) for outcome in RATE_COLUMNS[2:]]
        shares = ["-" if s["incidence"] is None else f"{s['incidence']:.1%}" for s in rate["broken_within"]]
        rows.append([rule, str(rate["decided"]), *counts, *shares])
    return table(columns, rows)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table."""

    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return "<table>" + line(columns, "th") + "".join(line(row, "td") for row in rows) + "</table>"


def _skill(rule: str, metrics: dict[str, Any]) -> Iterable[Sequence[str]]:
    for days, s in metrics["subsets"]["all"]["horizons"].items():
        interval = "-" if s["skill_ci"] is None else "{:+.3f} .. {:+.3f}".format(*s["skill_ci"])
        skill = "-" if s["skill"] is None else f"{s['skill']:.3f}"
        yield [rule, metrics["family"], days, str(s["n"]), str(s["breaks"]), skill, interval]
