"""What the window's commands do at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from models.artifact import Artifact
from service import coding, exchange
from service.forecasting import Answer, Forecaster, watch_of
from service.recall import Recall
from service.scoreboard import STEPS, scoreboard
from service.shelf import Shelf, Shelved, shelved_refit
from truce.clock import Clock, day_closed_by, resolve_as_of, system_clock, write_moment
from truce.errors import Stale, WrongFile
from truce.settings import Settings
from truce.store import Store, open_store
from truce.terminal import print_json, say, show, show_table
from truce.vocabulary import HORIZONS

DEMO_DAY = "2023-12-31"
_SHOWN = 5
_MISSES_SHOWN = 20
_GARBLED = 0.05
"""A file with a larger share of bytes that are no text is none."""


def answer(
    settings: Settings,
    truces: list[str] | None,
    as_of: str | None,
    refit: Callable[[Settings, date], Artifact] | None,
    *,
    clock: Clock = system_clock,
) -> Answer:
    """Forecasts for the named truces, or for all (None), by the champion or by a model fitted for that day."""
    with open_store(settings, clock) as store:
        shelved = _shelved(store) if refit is None else _refitted(settings, as_of, refit, clock)
        return Forecaster(store, Recall(store), clock, watch_of(settings)).several(shelved, truces, as_of)


def _shelved(store: Store) -> Shelved:
    shelf = Shelf()
    shelf.refresh(store)
    return shelf.model()


def _refitted(
    settings: Settings, as_of: str | None, refit: Callable[[Settings, date], Artifact], clock: Clock
) -> Shelved:
    day = day_closed_by(resolve_as_of(as_of, clock))
    return shelved_refit(refit(settings, day), day, clock())


def code_lines(settings: Settings, path: str, *, clock: Clock = system_clock) -> bool:
    """Print what every line of a file (``-``: standard input) tells. False when not a single one could be coded.

    Raises:
        WrongFile: no such file, no text in it, or no line.
    """
    texts = _lines_of(path)
    with open_store(settings, clock) as store:
        truces = store.truces.current()
    if not truces:
        say(
            "no truces are stored in this home, so nothing is linked: `trucecast import truces FILE` or `trucecast demo`"
        )
    some = False
    for answer_ in coding.lines((coding.item_of(n, line, clock) for n, line in texts), truces, clock):
        print_json(answer_)
        some = some or answer_["refused"] is None
    return some


def _lines_of(path: str) -> list[tuple[int, str]]:
    """The lines that are not blank, by their numbers: by these, answers can be laid beside the lines."""
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as trouble:
        raise WrongFile(f"{path} cannot be read: {trouble.strerror}") from None
    text = content.decode("utf-8-sig", errors="replace")
    if text.count("\ufffd") + text.count("\0") > len(text) * _GARBLED:
        raise WrongFile(f"{path} is not text")
    if not text.strip():
        raise WrongFile(f"{path} holds no text")
    return [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]


def print_answer(found: Answer, how: str) -> None:
    """Print forecasts as a table, JSON, CSV or hubverse rows."""
    if how == "json":
        body = {"as_of": write_moment(found.as_of), "forecasts": found.forecasts, "refused": found.refused}
        print_json({**body, "outside_rule": found.outside_rule})
    elif how in ("csv", "hub"):
        columns, rows = (exchange.COLUMNS, exchange.rows) if how == "csv" else (exchange.HUB_COLUMNS, exchange.hub_rows)
        sys.stdout.writelines(exchange.csv_lines(columns, rows(found.forecasts)))
    else:
        _table(found)


def _table(found: Answer) -> None:
    rows = [
        [forecast["truce_id"], forecast["age_days"], *(f"{h['p_breakdown']:.3f} ({h['p_baseline']:.3f})" for h in forecast["horizons"])]
        for forecast in found.forecasts
    ]  # fmt: skip
    columns = ("truce", "age", *(f"{h['days']} d" for h in (found.forecasts[0]["horizons"] if found.forecasts else [])))
    if rows:
        show_table(f"Chance of breakdown as of {write_moment(found.as_of)} (truce age alone)", columns, rows)
        model = found.forecasts[0]["model"]
        show(f"by {model['family']}, version {model['version']}, trained to {model['trained_to']}")
    silent = [refusal for refusal in found.refused if refusal["code"] == Stale.code]
    if silent:
        show(f"refused: {len(silent)} truces: {silent[0]['detail']} ({Stale.code})")
    for refusal in found.refused:
        if refusal["code"] != Stale.code:
            show(f"refused: {refusal['truce_id']}: {refusal['detail']} ({refusal['code']})")
    if found.outside_rule:
        show(f"{found.outside_rule} truces lie outside the model's rule: `trucecast truces resolve --rule R` says why")


def show_riskiest(settings: Settings, *, clock: Clock = system_clock) -> None:
    """The demo's forecasts: the riskiest truces in force on the Chronicle's last day, and how many were refused."""
    found = answer(settings, None, DEMO_DAY, None, clock=clock)
    month = HORIZONS.index(30)
    ranked = sorted(found.forecasts, key=lambda f: -f["horizons"][month]["p_breakdown"])
    _table(Answer(found.as_of, ranked[:_SHOWN], []))
    show(
        f"{len(found.forecasts)} truces in force on {DEMO_DAY} have a forecast (the riskiest {_SHOWN} are shown); {len(found.refused)} of "
        "unknown fate are refused. `trucecast forecast --all --as-of 2023-12-31` shows them all."
    )


def score(settings: Settings, *, clock: Clock = system_clock) -> dict[str, Any]:
    """The live scoreboard."""
    with open_store(settings, clock) as store:
        return scoreboard(store, clock())


def show_score(board: dict[str, Any]) -> None:
    """Print the funnel with the scores against the latest outcomes, then those against the declared vintage, then the misses."""
    numbers = (
        "n", "truces", "breaks", "brier", "brier_baseline", "skill", "skill_ci", "log_score", "log_score_baseline", "observed_expected",
    )  # fmt: skip
    show_table("Forecasts issued for a stored truce as of then", ("horizon", *STEPS), _columns(board, STEPS))
    for vintage in ("latest", "declared"):
        rows = [[row["days"], *(_short(row[vintage][name]) for name in numbers)] for row in board["horizons"]]
        show_table(f"Scores against the {vintage} outcomes (baseline: truce age alone)", ("horizon", *numbers), rows)
    columns = ("truce_id", "days", "as_of", "p_breakdown", "p_baseline", "outcome")
    if board["misses"]:
        rows = [[_short(miss[name]) for name in columns] for miss in board["misses"][:_MISSES_SHOWN]]
        show_table(f"{len(board['misses'])} misses, the worst first", columns, rows)
    show(board["note"])


def _columns(board: dict[str, Any], names: Sequence[str]) -> list[list[Any]]:
    return [[row["days"], *(row[name] for name in names)] for row in board["horizons"]]


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return " to ".join(map(_short, value))
    return f"{value:.4f}" if isinstance(value, float) else value


def make_key(settings: Settings, scopes: list[str], *, clock: Clock = system_clock) -> dict[str, Any]:
    """A new key, with its text."""
    with open_store(settings, clock) as store:
        key_id, text = store.keys.create(scopes)
    return {"id": key_id, "key": text, "scopes": list(dict.fromkeys(scopes))}


def known_keys(settings: Settings, *, clock: Clock = system_clock) -> list[dict[str, Any]]:
    """Every key without its secret."""
    with open_store(settings, clock) as store:
        found = store.keys.list()
    return [
        {
            "id": key.id,
            "scopes": " ".join(key.scopes),
            "created_at": write_moment(key.created_at),
            "revoked_at": None if key.revoked_at is None else write_moment(key.revoked_at),
        }
        for key in found
    ]


def revoke(settings: Settings, key_id: str, *, clock: Clock = system_clock) -> dict[str, str]:
    """Take a key out of use; since when it is."""
    with open_store(settings, clock) as store:
        return {"id": key_id, "revoked_at": write_moment(store.keys.revoke(key_id))}
