"""The register's commands: ``trucecast truces`` list, show, add, close, watched, resolve, matches; ``trucecast events`` retract."""

from __future__ import annotations

from typing import Annotated

import typer

from training.matching.cli import matches
from truce.terminal import print_json, show, show_table

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")]
Rule = Annotated[str, typer.Option("--rule", help="The breakdown rule.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Only what was known by then (default: now).")
]

truces = typer.Typer(
    help="Look at truces, add one, close one, say how far they were watched, resolve their ends.", no_args_is_help=True
)
truces.command("matches")(matches)
events = typer.Typer(help="Take back an event.", no_args_is_help=True)


@truces.command("list")
def list_truces(ctx: typer.Context, as_of: AsOf = None, as_json: Json = False) -> None:
    """All truces, with what was known of their ends."""
    from training.register import listed

    rows = listed(ctx.obj, as_of)
    if as_json:
        print_json({"truces": rows})
    else:
        columns = ("truce_id", "name", "effective_date", "outcome", "end_date")
        show_table(f"{len(rows)} truces", columns, [[row[name] for name in columns] for row in rows])


@truces.command("show")
def show_truce(ctx: typer.Context, truce: str, as_of: AsOf = None, as_json: Json = False) -> None:
    """One truce, with the codebook's columns."""
    from training.register import shown

    body = shown(ctx.obj, truce, as_of)
    if as_json:
        print_json(body)
    else:
        show_table(
            truce, ("column", "value"), [(name, value) for name, value in body.items() if value not in (None, "", [])]
        )


@truces.command("add")
def add_truce(
    ctx: typer.Context,
    fields: Annotated[
        list[str], typer.Argument(metavar="COLUMN=VALUE...", help="The codebook's columns; lists with ';'.")
    ],
    as_json: Json = False,
) -> None:
    """Add a truce of your own."""
    from training.register import added

    _counts(added(ctx.obj, fields), as_json=as_json)


@truces.command("close")
def close_truce(  # noqa: PLR0913 - the options of a command line
    ctx: typer.Context,
    truce: str,
    outcome: Annotated[str, typer.Option(help="broke, expired or superseded")],
    end_date: Annotated[str, typer.Option(metavar="DATE")],
    why: Annotated[str, typer.Option(help="In your words.")],
    source: Annotated[str, typer.Option(help="Where it is reported.")],
    as_json: Json = False,
) -> None:
    """Record that a truce has ended. It counts as known from now on, not earlier."""
    from training.register import closed

    _counts(closed(ctx.obj, truce, outcome, end_date, why, source), as_json=as_json)


@truces.command("watched")
def watched_truces(
    ctx: typer.Context,
    to: Annotated[str, typer.Option(metavar="DATE", help="The last day that was watched.")],
    truce: Annotated[list[str] | None, typer.Argument(metavar="TRUCE...", help="Ids of truces that go on.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that go on.")] = False,
    as_json: Json = False,
) -> None:
    """Say that truces were watched to a day and had not ended: only then can their forecasts be scored as right."""
    from training.register import watched

    if bool(truce) == every:
        raise typer.BadParameter("name truces, or ask for --all")
    _counts(watched(ctx.obj, truce or None, to), as_json=as_json)


@truces.command("resolve")
def resolve_truces(
    ctx: typer.Context,
    rule: Rule = "chronicle-1",
    as_of: AsOf = None,
    coding: Annotated[
        str | None, typer.Option(metavar="REGISTER", help="Only the truces of this register, by its own records.")
    ] = None,
    as_json: Json = False,
) -> None:
    """How every truce stands under a rule, as far as was known."""
    from training.resolution import resolved, show_resolved

    found = resolved(ctx.obj, rule, as_of, coding)
    if as_json:
        print_json(found.as_json())
    else:
        show_resolved(found)


@events.command("retract")
def retract_event(
    ctx: typer.Context, event_id: str, why: Annotated[str, typer.Option(help="In your words.")], as_json: Json = False
) -> None:
    """Take an event back from now on; forecasts made earlier keep what they saw."""
    from training.register import retracted

    body = retracted(ctx.obj, event_id, why)
    if as_json:
        print_json(body)
    else:
        show(f"{event_id} {'is' if body['new'] else 'had been'} retracted as of {body['known_at']}: {body['why']}")


def _counts(counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json(counts)
    else:
        show(", ".join(f"{count} {name}" for name, count in counts.items()))
