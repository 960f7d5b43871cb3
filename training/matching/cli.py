"""``trucecast truces matches``: which truces of different sources are one, and a person's word on those in doubt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from truce.terminal import print_json, show, show_table


def matches(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The review file with yes or no in its column `same`.", show_default=False)
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")] = False,
) -> None:
    """Which truces of different sources are one; with FILE, take over what a person decided."""
    from training.matching import review

    body = review.standing(ctx.obj) if file is None else review.reviewed(ctx.obj, file)
    if as_json:
        print_json(body)
        return
    if file is None:
        _show_standing(body)
    else:
        show(
            f"{body['yes']} yes, {body['no']} no, {body['open']} open; {body['matched']} truces are the same as another"
        )
    show(f"in doubt: {body['review_file'] or 'none'}")


def _show_standing(body: dict[str, Any]) -> None:
    columns = ("truce_id", "same_as", "rule", "score")
    by_rule = ", ".join(f"{count} by {rule}" for rule, count in body["counts"].items())
    title = f"{len(body['matches'])} matches" + (f": {by_rule}" if by_rule else "")
    show_table(title, columns, [[row[name] for name in columns] for row in body["matches"]])
