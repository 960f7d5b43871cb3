"""The workshop's commands: import, truces, events, train, train-table, backtest, promote, rollback, models, mlflow.

Only names are settled here; each command imports the rooms it needs when it runs, so that ``trucecast --help`` is
instant.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from training.register_cli import AsOf, Json, Rule, events, truces
from training.table_cli import train_table
from truce.terminal import print_json, say, show, show_table

if TYPE_CHECKING:
    from models.artifact import Artifact
    from truce.settings import Settings

Families = Annotated[list[str] | None, typer.Option("--family", help="A model family; may be repeated (default: all).")]

models = typer.Typer(help="Published models and their aliases.", no_args_is_help=True)


def join(app: typer.Typer) -> None:
    """Add the workshop's commands to the front door."""
    app.command("import")(import_)
    app.command()(train)
    app.command()(train_table)
    app.command()(backtest)
    app.command()(promote)
    app.command()(rollback)
    app.command()(mlflow)
    app.add_typer(truces, name="truces")
    app.add_typer(events, name="events")
    app.add_typer(models, name="models")


def import_(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="truces events current-events ccd ucdp-ged ucdp-pad pax acled gdelt icews polecat reign (docs/data)"
        ),
    ],
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="File, folder, glob, gz, zip or parquet; or api:QUERY.")
    ],
    observed_to: Annotated[
        str | None, typer.Option(metavar="DATE", help="Where `ongoing` truces are censored.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a feed into the store; a second run of the same file adds nothing."""
    from training.intake import import_source
    from truce.clock import parse_day
    from truce.families import UNCOUNTED_SOURCES

    report = import_source(ctx.obj, source, paths, parse_day(observed_to) if observed_to else None)
    if as_json:
        print_json(report)
    else:
        show(_import_line(report))
        if source in UNCOUNTED_SOURCES:
            say(
                f"events of {source} are evidence for rules and readers; features count them only under a rule decided by them"
            )
    if report["rows"]["read"] and report["rows"]["rejected"] == report["rows"]["read"]:
        say(f"trucecast: every row was rejected; the reasons are in {report['rejects_file']}")
        raise typer.Exit(1)


def _import_line(report: dict[str, Any]) -> str:
    rows = ", ".join(f"{count} {name}" for name, count in report["rows"].items())
    records = ", ".join(f"{count} {name}" for name, count in report["records"].items())
    rejects = f"; rejects in {report['rejects_file']}" if report["rejects_file"] else ""
    doubtful = f"; doubtful matches in {report['review_file']}" if report.get("review_file") else ""
    matched = f"; {report['matched']} truces are the same as another{doubtful}" if "matched" in report else ""
    return f"{report['source']}: {rows}; {records}{rejects}{matched}"


def train(
    ctx: typer.Context, family: Families = None, as_of: AsOf = None, rule: Rule = "chronicle-1", as_json: Json = False
) -> None:
    """Fit and judge model families; one MLflow run each, the best one challenger."""
    from training.jobs import train as job

    result = job(ctx.obj, family or [], as_of, rule)
    if as_json:
        print_json(result.as_json())
    else:
        result.show()


def backtest(  # noqa: PLR0913
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder for metrics.json, forecasts.csv and report.html.")],
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First origin (default: 2008-01-01).")
    ] = None,
    stop: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last as-of day (default: all observed).")
    ] = None,
    every: Annotated[str, typer.Option(help="Days between origins.")] = "91d",
    family: Families = None,
    model: Annotated[str | None, typer.Option(metavar="ALIAS|VERSION", help="Judge this fitted model, frozen.")] = None,
    rule: Annotated[str, typer.Option("--rule", help="The breakdown rule, or `all` to compare them.")] = "chronicle-1",
    ablate: Annotated[
        bool,
        typer.Option("--ablate", help="Fit without each event family too: what it adds. Up to nine times as long."),
    ] = False,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Judge the best family on conflicts that it was fitted without.")
    ] = False,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Judge the best family where dates, fates and terms are in doubt.")
    ] = False,
    coding: Annotated[
        str | None, typer.Option(metavar="REGISTER", help="Only this register's truces, each by its own record.")
    ] = None,
    availability: Annotated[
        str, typer.Option(help="real, ideal (deadly events known the day after), or both; for rules of fighting.")
    ] = "real",
    as_json: Json = False,
) -> None:
    """Judge families refitted at every origin, or one fitted model, against truce age."""
    from training.jobs import Asked
    from training.jobs import backtest as job

    more = (ablate, leave_out, sensitivity, coding, availability)
    result = job(ctx.obj, Asked(start, stop, every, family or [], model, rule, *more), out)
    if as_json:
        print_json(result.as_json())
    else:
        result.show()


def promote(
    ctx: typer.Context,
    version: Annotated[str | None, typer.Argument(help="A published version (default: the challenger).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overrule the promotion rule; needs --why.")] = False,
    why: Annotated[str | None, typer.Option(help="Why, for the record.")] = None,
    as_json: Json = False,
) -> None:
    """Make a model the champion if the promotion rule allows it; otherwise say why not."""
    from training.jobs import promote as job

    body = job(ctx.obj, version, force=force, why=why)
    if as_json:
        print_json(body)
    else:
        show(f"champion: version {body['version']} ({body['family']}); {body['why']}")


def rollback(ctx: typer.Context, as_json: Json = False) -> None:
    """Put the previous champion back."""
    from training.jobs import rollback as job

    body = job(ctx.obj)
    if as_json:
        print_json(body)
    else:
        show(f"champion: version {body['version']} again")


@models.command("list")
def list_models(ctx: typer.Context, as_json: Json = False) -> None:
    """Published models and who is champion."""
    from training.jobs import published

    rows = published(ctx.obj)
    if as_json:
        print_json({"models": rows})
    else:
        columns = ("version", "family", "trained_to", "rule", "aliases", "published_at")
        show_table(f"{len(rows)} models", columns, [[row[name] for name in columns] for row in rows])


@models.command("card")
def model_card(
    ctx: typer.Context,
    model: Annotated[str | None, typer.Argument(metavar="ALIAS|VERSION", help="Default: the champion.")] = None,
    as_json: Json = False,
) -> None:
    """A model's card and data statement as Markdown: its use, limits, what it saw, how it fared, what it missed."""
    from training.card import card

    body = card(ctx.obj, model)
    if as_json:
        print_json(body)
    else:
        show(body["markdown"])


@models.command("sync")
def sync_models(ctx: typer.Context, as_json: Json = False) -> None:
    """Bring home aliases that were moved by hand in the MLflow UI; MLflow wins."""
    from training.jobs import sync

    moved = sync(ctx.obj)
    if as_json:
        print_json({"moved": moved})
    else:
        show("\n".join(moved) if moved else "nothing was moved")


def mlflow(
    ctx: typer.Context,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 5000,
) -> None:
    """The MLflow UI over this home's runs; prints the link to the experiment."""
    from training.mlflow_ui import run

    run(ctx.obj, host, port)


def demo(settings: Settings) -> None:
    """The workshop's part of the demo: import the Chronicle, train every family, promote the best."""
    from training.demo import run

    run(settings)


def case(settings: Settings) -> None:
    """The case that the project began with, each forecast from a model fitted on what was known then."""
    from training.case import run

    run(settings)


def refit(settings: Settings, as_of: date) -> Artifact:
    """The champion's family (the baseline before there is one) fitted on what was known at the end of ``as_of``."""
    from training.jobs import refit as job

    say(f"fitting on what was known by {as_of}")
    return job(settings, as_of)
