"""The window's commands: serve, forecast, explain, what-if, code, score, export; those of the store are in ``store_cli``.

As in the workshop's, each command imports what it needs when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.store_cli import Json, archived, db, keys, verify
from truce.terminal import print_json, say

if TYPE_CHECKING:
    from models.artifact import Artifact
    from truce.settings import Settings

Refit = Callable[["Settings", date], "Artifact"]


def join(app: typer.Typer, *, refit: Refit) -> None:
    """Add the window's commands to the front door. ``refit`` fits a model on what was known at a day: the workshop's work."""

    @app.command()
    def forecast(  # noqa: PLR0913
        ctx: typer.Context,
        truces: Annotated[list[str] | None, typer.Argument(metavar="[TRUCE]...", show_default=False)] = None,
        everything: Annotated[bool, typer.Option("--all", help="Every truce in force.")] = False,
        as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE")] = None,
        refit_: Annotated[bool, typer.Option("--refit", help="Fit on what was known by the as-of date.")] = False,
        format_: Annotated[str, typer.Option("--format", help="table, json, csv or hub")] = "table",
        plot: Annotated[
            Path | None, typer.Option(metavar="FILE.svg|png", help="Draw the forecast of one truce into a file.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """How likely are these truces to break down? Each answer is archived before it is given."""
        if as_json and format_ not in ("table", "json"):
            raise typer.BadParameter(f"--json and --format {format_} exclude each other", param_hint="--format")
        _checked(truces, format_, plot, everything=everything)
        _forecast(ctx.obj, truces, as_of, refit if refit_ else None, "json" if as_json else format_, plot)

    app.command()(explain)
    app.command("what-if")(what_if)
    app.command()(code)
    app.command()(serve)
    app.command()(score)
    app.command()(verify)
    app.command()(archived)
    app.command()(export)
    app.add_typer(keys, name="keys")
    app.add_typer(db, name="db")


def explain(
    ctx: typer.Context,
    truce: Annotated[str, typer.Argument(metavar="TRUCE")],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Also what moved from this day on.")] = None,
    as_json: Json = False,
) -> None:
    """Why does the model say what it says of a truce? Parts of the log-odds, down to single events."""
    from service.telling import explanation, show_explanation

    body = explanation(ctx.obj, truce, as_of, since)
    (print_json if as_json else show_explanation)(body)


def what_if(
    ctx: typer.Context,
    truce: Annotated[str, typer.Argument(metavar="TRUCE")],
    event: Annotated[list[str], typer.Option(metavar="JSON", help="An event; may be repeated.")],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE")] = None,
    as_json: Json = False,
) -> None:
    """What would the model say, had such events happened? Associational; refused where training has no such case."""
    from service.telling import scenario, show_scenario

    body = scenario(ctx.obj, truce, event, as_of)
    (print_json if as_json else show_scenario)(body)


def _checked(truces: list[str] | None, format_: str, plot: Path | None, *, everything: bool) -> None:
    if everything == bool(truces):
        raise typer.BadParameter("name truces, or ask for --all")
    if format_ not in ("table", "json", "csv", "hub"):
        raise typer.BadParameter(f"no format {format_!r}: table, json, csv or hub", param_hint="--format")
    if plot is not None and len(set(truces or ())) != 1:
        raise typer.BadParameter("one picture shows one truce: name it, and no other", param_hint="--plot")


def _forecast(
    settings: Settings, truces: list[str] | None, as_of: str | None, refit: Refit | None, how: str, plot: Path | None
) -> None:
    from service.desk import answer, print_answer

    if plot is not None:
        from service.picture import check

        check(plot)
    found = answer(settings, truces or None, as_of, refit)
    print_answer(found, how)
    if not found.forecasts:
        if not found.refused:
            say(
                "trucecast: no truce is known to be in force then: `trucecast import truces PATH`, or `trucecast truces add`"
            )
        raise typer.Exit(1)
    if plot is not None:
        from service.picture import draw

        draw(found, plot)


def code(
    ctx: typer.Context,
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH|-", help="JSON lines {id?, date?, category?, text}, or one text a line; blank lines are none."
        ),
    ],
    as_json: Json = False,  # noqa: ARG001 - JSON lines are all it prints
) -> None:
    """Texts -> events and the truces they touch: one JSON line each, in order, with the reason where one is refused."""
    from service.desk import code_lines

    if not code_lines(ctx.obj, path):
        raise typer.Exit(1)


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 8000,
    workers: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """The prediction API."""
    serve_with(ctx.obj, host, port, workers)


def serve_with(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until interrupted."""
    from service.server import run

    run(settings, host, port, workers)


def score(ctx: typer.Context, as_json: Json = False) -> None:
    """The live scoreboard: what has been issued, what has matured, what came true."""
    from service import desk

    board = desk.score(ctx.obj)
    if as_json:
        print_json(board)
    else:
        desk.show_score(board)


def export(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(help="truces, events, forecasts or outcomes (what was said, and what came)")],
    format_: Annotated[str, typer.Option("--format", help="csv or parquet; forecasts: hub too; outcomes: csv")] = "csv",
    out: Annotated[Path | None, typer.Option(help="A file (default: stdout; Parquet needs one).")] = None,
) -> None:
    """Take the data out."""
    from service.export import write

    write(ctx.obj, what, format_, out)


def demo(settings: Settings) -> None:
    """The window's part of the demo: the truces in force on the Chronicle's last day, the riskiest first."""
    from service.desk import show_riskiest

    show_riskiest(settings)
