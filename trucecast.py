"""The front door: one command, ``trucecast``. It joins the rooms' sub-commands and imports a room only when it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import service.cli
import training.cli
from truce.settings import Settings
from truce.terminal import refusing

app = typer.Typer(
    name="trucecast",
    help="How likely is a truce to break down? Forecasts, with the record of how right they were.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def settle(
    ctx: typer.Context,
    home: Annotated[Path | None, typer.Option(envvar="TRUCECAST_HOME", help="Where mlruns/ and var/ live.")] = None,
) -> None:
    """How likely is a truce to break down? Forecasts, with the record of how right they were."""
    ctx.obj = Settings.from_environment(home)


@app.command()
def demo(ctx: typer.Context, serve: Annotated[bool, typer.Option(help="Serve the API at the end.")] = False) -> None:
    """From nothing to forecasts on the embedded Chronicle, ending with the case this project began with."""
    training.cli.demo(ctx.obj)
    service.cli.demo(ctx.obj)
    training.cli.case(ctx.obj)
    if serve:
        service.cli.serve_with(ctx.obj, "127.0.0.1", 8000, 1)


training.cli.join(app)
service.cli.join(app, refit=training.cli.refit)


def main() -> None:
    """Run the command; a refusal is one line on stderr and exit status 1."""
    with refusing():
        app()
