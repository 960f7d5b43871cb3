"""The store's commands at the front door: verify, archived, keys, db."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from truce.terminal import print_json, show, show_table

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")]

keys = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)
db = typer.Typer(help="The database's schema.", no_args_is_help=True)


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
    elif verdict["ok"] and not verdict["checked"]:
        show("nothing is archived yet, so nothing can be broken")
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


def archived(ctx: typer.Context, forecast_id: str, as_json: Json = False) -> None:
    """An archived forecast as it was given, and the feature row it was made from."""
    from service.database import from_archive

    found = from_archive(ctx.obj, forecast_id)
    if as_json:
        print_json(found)
        return
    said, row = found["forecast"], found["features"]
    show(
        f"{forecast_id}: {said['truce_id']} as of {said['as_of']}, issued {said['issued_at']} by {said['model']['version']}"
    )
    columns = ("days", "p_breakdown", "p_expired", "p_superseded", "p_holds", "p_baseline")
    show_table(
        "what was said",
        columns,
        [[one["days"], *(f"{one[name]:.3f}" for name in columns[1:])] for one in said["horizons"]],
    )
    known = {name: value for name, value in row.items() if value != 0}
    title = f"the {len(known)} of {len(row)} features that were not 0"
    show_table(
        title,
        ("feature", "value"),
        [[name, "undefined" if value is None else f"{value:.4g}"] for name, value in known.items()],
    )


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
def revoke_key(ctx: typer.Context, key_id: str, as_json: Json = False) -> None:
    """Take a key out of use for good."""
    from service.desk import revoke

    done = revoke(ctx.obj, key_id)
    _tell(done, f"{key_id} is revoked since {done['revoked_at']}", as_json=as_json)


@db.command("upgrade")
def upgrade(ctx: typer.Context, as_json: Json = False) -> None:
    """Bring the database's schema to this code's."""
    from service import database

    done = database.upgrade(ctx.obj)
    _tell(done, f"the database is at revision {done['revision']}", as_json=as_json)


@db.command("check")
def check(ctx: typer.Context, as_json: Json = False) -> None:
    """Say whether the database is there, of this code's revision, and its file not damaged; `verify` walks the archive."""
    from service import database

    found = database.check(ctx.obj)
    _tell(found, f"the {found['database']} database is at revision {found['revision']}, as this code", as_json=as_json)


@db.command("backup")
def backup(ctx: typer.Context, file: Path, as_json: Json = False) -> None:
    """Write the whole store to a new FILE, while others go on writing, and walk the archive; `db restore` takes it into either database."""
    from service import database

    done = database.backup(ctx.obj, file)
    archive = done["archive"]
    held = (
        ""
        if archive["ok"]
        else f"; the archive it was made of is broken at {archive['first_broken']}: {archive['why']}"
    )
    _tell(done, f"{sum(done['rows'].values())} rows in {file}, digest {done['digest']}{held}", as_json=as_json)
    if not archive["ok"]:
        raise typer.Exit(1)


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
