"""The window's commands: serve, forecast, explain, what-if, code, score, verify, keys, db, export.

As in the workshop's, each command imports what it needs when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from truce.terminal import print_json, say, show, show_table

if TYPE_CHECKING:
    from models.artifact import Artifact
    from truce.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")]

keys = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)
db = typer.Typer(help="The database's schema.", no_args_is_help=True)

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


def verify(
    ctx: typer.Context,
    holds: Annotated[
        str | None, typer.Option(metavar="HASH", help="`newest` of an earlier run, which must be there.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Walk the archive's hash chains and their anchors, and name the first broken link."""
    from service.database import verified

    verdict = verified(ctx.obj, holds)
    if as_json:
        print_json(verdict)
    elif verdict["ok"]:
        show(
            f"{verdict['checked']} archived forecasts in {verdict['chains']} chains hold; the newest is {verdict['newest']}"
        )
    else:
        show(
            f"broken at {verdict['first_broken']}: {verdict['why']}; {verdict['checked']} archived forecasts hold before it"
        )
    if not verdict["ok"]:
        raise typer.Exit(1)


def export(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(help="truces, events or forecasts")],
    format_: Annotated[str, typer.Option("--format", help="csv or parquet; forecasts: hub too")] = "csv",
    out: Annotated[Path | None, typer.Option(help="A file (default: stdout; Parquet needs one).")] = None,
) -> None:
    """Take the data out."""
    from service.export import write

    write(ctx.obj, what, format_, out)


@keys.command("create")
def create_key(
    ctx: typer.Context,
    scope: Annotated[
        list[str], typer.Option(help="events:write truces:write models:admin webhooks:admin; may be repeated.")
    ],
    as_json: Json = False,
) -> None:
    """Make a key. It is shown this once."""
    from service.desk import make_key

    key = make_key(ctx.obj, scope)
    if as_json:
        print_json(key)
    else:
        show(f"id {key['id']}, scopes {' '.join(key['scopes'])}\nkey {key['key']}\nIt is shown this once: keep it.")


@keys.command("list")
def list_keys(ctx: typer.Context, as_json: Json = False) -> None:
    """Keys without their secrets."""
    from service.desk import known_keys

    rows: list[dict[str, Any]] = known_keys(ctx.obj)
    if as_json:
        print_json({"keys": rows})
    else:
        columns = ("id", "scopes", "created_at", "revoked_at")
        show_table(f"{len(rows)} keys", columns, [[row[name] for name in columns] for row in rows])


@keys.command("revoke")
def revoke_key(ctx: typer.Context, key_id: str) -> None:
    """Take a key out of use for good."""
    from service.desk import revoke

    revoke(ctx.obj, key_id)
    show(f"{key_id} is revoked")


@db.command("upgrade")
def upgrade(ctx: typer.Context, as_json: Json = False) -> None:
    """Bring the database's schema to this code's."""
    from service import database

    done = database.upgrade(ctx.obj)
    _tell(done, f"the database is at revision {done['revision']}", as_json=as_json)


@db.command("check")
def check(ctx: typer.Context, as_json: Json = False) -> None:
    """Say whether the database is there, of this code's revision, and not damaged."""
    from service import database

    found = database.check(ctx.obj)
    _tell(found, f"the {found['database']} database is at revision {found['revision']}, as this code", as_json=as_json)


@db.command("backup")
def backup(ctx: typer.Context, file: Path, as_json: Json = False) -> None:
    """Write the whole store to a new FILE, while others go on writing; `db restore` takes it into either kind of database."""
    from service import database

    done = database.backup(ctx.obj, file)
    _tell(done, f"{sum(done['rows'].values())} rows in {file}, digest {done['digest']}", as_json=as_json)


@db.command("restore")
def restore(ctx: typer.Context, file: Path, as_json: Json = False) -> None:
    """Fill an empty database from FILE, whole or not at all, and walk the archive's chains in it."""
    from service import database

    done = database.restore(ctx.obj, file)
    archive = done["archive"]
    held = "hold" if archive["ok"] else f"do not hold at {archive['first_broken']}: {archive['why']}"
    _tell(
        done,
        f"{sum(done['rows'].values())} rows restored; {archive['checked']} archived forecasts {held}",
        as_json=as_json,
    )
    if not archive["ok"]:
        raise typer.Exit(1)


def _tell(body: dict[str, Any], line: str, *, as_json: bool) -> None:
    if as_json:
        print_json(body)
    else:
        show(line)


def demo(settings: Settings) -> None:
    """The window's part of the demo: the truces in force on the Chronicle's last day, the riskiest first."""
    from service.desk import show_riskiest

    show_riskiest(settings)
