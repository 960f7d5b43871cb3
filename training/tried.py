"""The record of what was tried: docs/tried.csv, one row a variant, and docs/tried.md, the page made of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from training.evaluate import Evaluation
from training.promotion import BRIER, LOG, Gain, compare
from truce.errors import WrongFile
from truce.vocabulary import HORIZONS

USUAL = "the usual recipe"
BETTER, WORSE, NEITHER = "better", "worse", "no difference shown"
COLUMNS = (
    "variant", "family", "changed", "why", "data", "rows", "breaks",
    *(f"skill_{h}d{part}" for h in HORIZONS for part in ("", "_lo", "_hi")),
    "log_gain", "log_gain_lo", "log_gain_hi", "brier_gain", "brier_gain_lo", "brier_gain_hi", "verdict",
)  # fmt: skip

_PAGE = """# What was tried

Every figure here is printed by `python -m training.trials --variants FILE.toml --out docs/tried.csv`, which rewrites this page from its
record, `docs/tried.csv`; a test compares them. Each variant is refitted at every development origin, 2008 to 2017; the test origins from
2018 on are not opened. **Skill** is Brier skill over truce age alone with its 95 % interval by conflict and year; **gain** is how much lower
the log score is than that of the family's usual recipe on the same rows, averaged over the horizons, with a 90 % interval, and
the same of the Brier score. *Better* and *worse* are said where the interval of the log score leaves 0 out and the Brier score agrees.
Trying many variants finds a better one by luck: what is kept must also hold on the test origins. `data` is the digest of what was learned
from; rows of different digests are not to be compared.

A variant is declared in TOML, by columns or groups of columns (`truce/features.py`) by penalties of groups and, for
the pool, by weights (`training/recipes.py`):

```toml
[[variant]]
name = "landmark-logistic, no events"
family = "landmark-logistic"
why = "do coded events add anything at all?"
without = ["attacks", "threats_by_side_90"]   # groups or columns
with = ["monitored"]
ridge = {terms = 500, events = 10_000}        # in place of the family's own; for the pool: weights = {...}
```

"""


@dataclass(frozen=True, slots=True)
class Row:
    """One variant's line in the record: its cells by the names of ``COLUMNS``."""

    cells: dict[str, str]

    @property
    def variant(self) -> str:
        """Its name."""
        return self.cells["variant"]

    def parameters(self) -> dict[str, str]:
        """What MLflow sorts and filters runs by."""
        return {name: self.cells[name] for name in ("family", "changed", "why", "data", "verdict")}

    def against(self, own: Evaluation, usual: Evaluation) -> Row:
        """The same row with its gain over the family's usual recipe, and the verdict."""
        panel = own.panel
        truces = panel.truces
        found = compare(_frame(own), _frame(usual), {t.truce_id: t.conflict for t in truces}).overall
        gains = {
            f"{name}{part}": f"{value:+.5f}"
            for name, g in (("log_gain", found[LOG]), ("brier_gain", found[BRIER]))
            for part, value in (("", g.mean), ("_lo", g.low), ("_hi", g.high))
        }
        return replace(self, cells={**self.cells, **gains, "verdict": verdict(found[LOG], found[BRIER])})


def verdict(log: Gain, brier: Gain) -> str:
    """Better or worse where the interval of the log score leaves 0 out and the Brier score agrees."""
    if log.low > 0 and brier.mean > 0:
        return BETTER
    return WORSE if log.high < 0 and brier.mean < 0 else NEITHER


def row_of(variant: str, family: str, changed: str, why: str, data: str, metrics: dict[str, Any]) -> Row:
    """A row without a comparison: that of a usual recipe."""
    summary = metrics["subsets"]["all"]
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {"variant": variant, "family": family, "changed": changed, "why": why, "data": data, "verdict": USUAL}
    cells |= {"rows": str(summary["rows"]), "breaks": str(summary["breaks"])}
    for days, s in summary["horizons"].items():
        for part, value in (("", s["skill"]), *zip(("_lo", "_hi"), s["skill_ci"] or (None, None), strict=True)):
            cells[f"skill_{days}d{part}"] = "" if value is None else f"{value:+.4f}"
    return Row(cells)


def _frame(evaluation: Evaluation) -> pd.DataFrame:
    """Scored rows as ``promotion.compare`` reads them."""
    panel = evaluation.panel
    return pd.concat([
        pd.DataFrame({
            "truce_id": panel.rows.truce_ids[s.row],
            "as_of": np.datetime_as_string(panel.as_of_day[s.row], unit="D"),
            "horizon": horizon, "p": s.p, "outcome": s.y.astype(int),
        })
        for horizon, s in evaluation.scored.items()
    ])  # fmt: skip


def load(path: Path) -> list[Row]:
    """The rows of a record; none when there is no file yet. Raises WrongFile when it is something else."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise WrongFile(f"{path} is not a record of trials: its columns are others")
        return [Row(dict(line)) for line in reader]


def update(path: Path, rows: Iterable[Row]) -> None:
    """Put rows into the record, in place of those of the same variant, and write its page anew."""
    found = {row.variant: row for row in load(path)}
    found |= {row.variant: row for row in rows}
    kept = sorted(found.values(), key=lambda row: (row.cells["family"], row.cells["verdict"] != USUAL, row.variant))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(row.cells for row in kept)
    path.with_suffix(".md").write_text(page(kept), encoding="utf-8")


def page(rows: Sequence[Row]) -> str:
    """The record as a page."""
    columns = ("variant", "changed", *(f"{h} d" for h in HORIZONS), "gain in log score", "in Brier score", "verdict")
    lines = [
        [
            f"**{c['variant']}**: {c['why']}", c["changed"], *(_skill(c, h) for h in HORIZONS),
            _gain(c, "log_gain"), _gain(c, "brier_gain"), c["verdict"],
        ]
        for c in (row.cells for row in rows)
    ]  # fmt: skip
    told = sorted({f"{c['data']}: {c['rows']} rows, {c['breaks']} breakdowns" for c in (row.cells for row in rows)})
    head = [columns, ["---"] * len(columns)]
    table = "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in (*head, *lines))
    return _PAGE + table + "\n\n" + "Data: " + "; ".join(told) + ".\n"


def _skill(cells: dict[str, str], horizon: int) -> str:
    value, low, high = (cells[f"skill_{horizon}d{part}"] for part in ("", "_lo", "_hi"))
    return f"{value} ({low} .. {high})" if low else value or "-"


def _gain(cells: dict[str, str], name: str) -> str:
    return f"{cells[name]} ({cells[name + '_lo']} .. {cells[name + '_hi']})" if cells[name] else "-"
