"""The command train-table: a regression of a table of the user's own; nothing is stored and no forecast comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from truce.terminal import print_json, say, show_table

if TYPE_CHECKING:
    from training.fitting.table import TableFit
    from training.reading.spells import Spells

Family = Literal["cox", "weibull", "logistic"]
Ties = Literal["efron", "breslow"]


def train_table(  # noqa: PLR0913 - the options of a command line
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, Parquet or Stata .dta; gz and zip too.")],
    *,
    stop: Annotated[str, typer.Option(metavar="COL", help="Time at which the row ends.")],
    event: Annotated[
        str, typer.Option(metavar="COL", help="1 where it ends in the event, 0 where it is only seen so far.")
    ],
    features: Annotated[str, typer.Option(metavar="A,B,C", help="Numeric columns, joined by commas.")],
    family: Annotated[
        Family, typer.Option(help="A logistic regression takes each row as one trial, however long it is.")
    ],
    start: Annotated[
        str | None,
        typer.Option(metavar="COL", help="Time from which the row is at risk (default: 0); at risk in (start, stop]."),
    ] = None,
    group: Annotated[str | None, typer.Option(metavar="COL", help="Errors allow for likeness within a group.")] = None,
    ties: Annotated[Ties | None, typer.Option(help="Events at one time, in the family cox (default: efron).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")] = False,
) -> None:
    """Fit a Cox, Weibull or logistic regression to your own table, with late entry and errors by group."""
    names = _features(features, stop, event)
    if ties is not None and family != "cox":
        raise typer.BadParameter(f"the family {family} has no ties to break", param_hint="--ties")
    from training.fitting.table import fit
    from training.reading.spells import Columns, read

    spells = read(file, Columns(stop=stop, event=event, features=names, start=start, group=group))
    _say_dropped(spells)
    found = fit(spells, family, ties or "efron")
    if as_json:
        print_json(found.as_json())
    else:
        _show(found, group)


def _features(written: str, stop: str, event: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in written.split(",") if name.strip())
    if not names:
        raise typer.BadParameter("name a column at least", param_hint="--features")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise typer.BadParameter(f"{', '.join(twice)} is named twice", param_hint="--features")
    ends = [name for name in names if name in (stop, event)]
    if ends:
        raise typer.BadParameter(f"{', '.join(ends)} is what is to be explained, no feature", param_hint="--features")
    return names


def _say_dropped(spells: Spells) -> None:
    if spells.dropped:
        which = ", ".join(f"{column} in {count}" for column, count in spells.missing.items())
        say(f"{spells.dropped} of {spells.dropped + len(spells.stop)} rows are left out, for a missing value: {which}")


def _show(found: TableFit, group: str | None) -> None:
    errors = f", errors by {found.groups} groups of {group}" if found.groups else ""
    kind = f"partial log likelihood ({found.ties})" if found.ties else "log likelihood"
    title = f"{found.family}: {found.n} rows, {found.events} events, {kind} {found.log_likelihood:.4f}{errors}"
    rows = [
        (one.name, *(f"{value:.5g}" for value in (one.estimate, one.se)), f"{one.z:.2f}", f"{one.p:.3g}",
         *(f"{value:.5g}" for value in (one.lo, one.hi)))
        for one in found.coefficients
    ]  # fmt: skip
    show_table(title, ("name", "estimate", "se", "z", "p", "lo", "hi"), rows)
