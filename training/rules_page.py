"""Write docs/rules.md, what each rule of breakdown makes of the data at hand: ``python -m training.rules_page --data FOLDER``.

FOLDER holds the field's data sets as their publishers give them (ccd/, ucdp_ged/, ucdp_pad/); they are read into a home of
their own beside the embedded Chronicle, which is thrown away. Nothing of them but counts goes into the page.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from training import jobs
from training.intake import import_source
from training.jobs import Asked
from training.resolution import Share, base_rates, resolved
from truce.breakdown import rules
from truce.chronicle import reader
from truce.clock import end_of
from truce.settings import Settings
from truce.store import open_store

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
FAMILY = "landmark-logistic"
MOMENT = end_of(reader.OBSERVED_TO)
FEEDS = (("ccd", "ccd"), ("ucdp-ged", "ucdp_ged"), ("ucdp-pad", "ucdp_pad"))
"""Source and its folder."""

_INTRO = """# Rules of breakdown

The rule decides what a forecast is about. On the same truces it moves the share that breaks within a month several times over. Every figure
on this page is printed by `make rules DATA=FOLDER` (`training/rules_page.py`), and a test compares the first two tables with what that prints.

`trucecast truces resolve --rule R [--as-of D] [--coding REGISTER]` says how each truce stands, with the day, the rows and why;
`trucecast train` and `backtest` take `--rule R`; `backtest --rule all` compares them. The files are in `truce/rules/`.
"""
_BASE = """
## Base rates

Chronicle, Ceasefire data and Peace Agreement data, each truce once, as known on {day}. The last four columns are Aalen-Johansen
estimates: what was not watched so long is censored, other ends compete.

"""
_VOID = """
*Void* are the truces that a rule cannot decide: under a register's own rule those that it does not have, under a fighting rule those whose
dyad or start lies outside the data at hand, under `repudiation-1` those outside the days of the coded feed, everywhere those of unknown
fate. They are not learned from, not scored and not forecast.
"""
_JOIN = """
## Ceasefires of the register that the death counts can decide

`trucecast truces resolve --rule {rule} --coding ccd`:
ceasefires whose effective date is known to the day, with a dyad that has an event in the five
country slices at hand (Colombia, Iraq, Philippines, Syria, Ukraine), and that began between the first and the last event of a country
where that dyad fought: **{decided}** of {truces}. Shares are of all of them; *followed* are those that the data follow so long, or to the day.
"""
_SKILL = """
## Skill under each rule

`trucecast backtest --rule all --family {family}`: Brier skill over truce age alone (B1), rolling origins from 2008 on, with two-way (conflict
by year) 95 % intervals. Event and death data come at the lag of their releases. Choices were made on `chronicle-1` alone.
"""


def settle(home: Path, data: Path) -> Settings:
    """A home with the Chronicle and the field's data sets in it."""
    settings = Settings.from_environment(home, {})
    import_source(settings, "truces", [str(reader.truces_path())], reader.OBSERVED_TO)
    import_source(settings, "events", [str(reader.events_path())], None)
    for source, folder in FEEDS:
        import_source(settings, source, [str(data / folder)], None)
    return settings


def rates(settings: Settings) -> str:
    """The page without skill: the rules, base rates under each, and the join of the Ceasefire data with the death counts."""
    with open_store(settings) as store:
        found = base_rates(store, MOMENT)
    sentences = "".join(f"- **`{name}`**: {rule.sentence}\n" for name, rule in rules().items())
    joined = resolved(settings, "ged-5d-1", reader.OBSERVED_TO.isoformat(), "ccd")
    summary = joined.as_json()["summary"]
    assert joined.first_deaths is not None
    spans = [share["days"] for share in next(iter(found.values()))["broken_within"]]
    base = _table(
        ("rule", "decided", "broke", "expired", "superseded", "ongoing", "void", *(f"broke in {d} d" for d in spans)),
        (_rate(rule, rate) for rule, rate in found.items()),
    )
    return "".join((
        _INTRO, "\n", sentences, _BASE.format(day=reader.OBSERVED_TO), base, _VOID, _JOIN.format(rule="ged-5d-1", **summary), "\n",
        _table(
            ("within", "a first day with 5 deaths or more", "share", "followed", "broken by the rule", "share"),
            (_pair(one, two) for one, two in zip(joined.first_deaths, joined.broken, strict=True)),
        ),
    ))  # fmt: skip


def skill(settings: Settings) -> str:
    """The table of skill under each rule that has something to judge on."""
    with tempfile.TemporaryDirectory() as folder:
        jobs.backtest(settings, Asked(None, None, "91d", [FAMILY], None, jobs.ALL_RULES), Path(folder))
        body = json.loads((Path(folder) / "rules.json").read_text(encoding="utf-8"))
    rows = [row for rule, judged in body["skill"].items() for row in _skill(rule, judged)]
    silent = "".join(f"\n`{rule}`: {why}\n" for rule, why in body["refused"].items())
    columns = ("rule", "days", "rows", "truces", "distinct breaks", "skill", "95 %")
    return _SKILL.format(family=FAMILY) + "\n" + _table(columns, rows) + silent


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(prog="python -m training.rules_page", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the field's data sets")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        settings = settle(Path(home), asked.data)
        PAGE.write_text(rates(settings) + skill(settings), encoding="utf-8")


def _rate(rule: str, rate: dict[str, Any]) -> list[str]:
    counts = [str(rate["outcomes"].get(name, 0)) for name in ("broke", "expired", "superseded", "ongoing", "void")]
    shares = [_three(s["incidence"]) for s in rate["broken_within"]]
    return [f"`{rule}`", str(rate["decided"]), *counts, *shares]


def _pair(deaths: Share, broken: Share) -> list[str]:
    return [
        f"{deaths.days} d",
        str(deaths.n),
        _three(deaths.share),
        str(deaths.followed),
        str(broken.n),
        _three(broken.share),
    ]


def _three(share: float | None) -> str:
    return "" if share is None else f"{share:.3f}"


def _skill(rule: str, judged: dict[str, Any]) -> Iterable[list[str]]:
    for days, s in judged["horizons"].items():
        interval = "" if s["skill_ci"] is None else "{:+.3f} .. {:+.3f}".format(*s["skill_ci"])
        yield [f"`{rule}`", days, str(s["n"]), str(judged["truces"]), str(s["breaks"]), _three(s["skill"]), interval]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (columns, ["---"] * len(columns), *rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
