"""What the model commands do: train, backtest, promote, roll back, list, sync, refit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from models import registry
from models.artifact import Artifact, loads
from training import by_rule, checks, contest, report, tables, tracking, workshop
from training.recipes import BASELINE
from training.resolution import base_rates
from training.uncertainty import DRAWS
from training.views import BOTH, IDEAL, LABELS, REAL, View
from training.workshop import EVERY_DAYS, Judged
from truce.breakdown import DEFAULT_RULE
from truce.clock import Clock, end_of, parse_day, resolve_as_of, system_clock, write_moment
from truce.errors import BadInput, NoModel, Refused
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.models import Published
from truce.terminal import say, show, show_table

BY = "cli"
ALL_RULES = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """A backtest as asked for on the command line; ``ablate`` asks what each event family adds, the rest as in ``views`` and ``checks``."""

    start: str | None
    stop: str | None
    every: str
    families: list[str]
    model: str | None
    rule: str
    ablate: bool = False
    leave_out: bool = False
    sensitivity: bool = False
    coding: str | None = None
    availability: str = REAL


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training or a backtest found; ``versions`` is empty for a backtest, ``beside`` for all but one of both availabilities."""

    judged: dict[str, Judged]
    best: str
    versions: dict[str, str]
    out: Path | None = None
    beside: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "best": self.best,
            "versions": self.versions,
            "out": None if self.out is None else str(self.out),
            "metrics": {family: result.metrics for family, result in self.judged.items()},
            **({"availability": self.beside} if self.beside else {}),
        }

    def show(self) -> None:
        """The skill table a family and horizon, with the number of distinct breakdowns."""
        rows = [row for result in self.judged.values() for row in report.skill_rows(result.metrics)]
        show_table("Skill over truce age alone (B1), all origins", report.SKILL_COLUMNS, rows)
        if self.out is not None:
            self._show_comparisons()
        for family, result in self.judged.items():
            subset = result.metrics["subsets"]["all"]
            show(f"{family}: {subset['rows']} rows, {subset['truces']} truces, {subset['breaks']} distinct breakdowns")
        show(f"best by log score: {self.best}")

    def _show_comparisons(self) -> None:
        """What a backtest says beyond the skill table."""
        sure = [row for result in self.judged.values() for row in tables.sure_rows(result.metrics)]
        show_table("How sure the skill is", tables.SURE_COLUMNS, sure)
        best = self.judged[self.best].metrics
        show_table("Baselines on the same rows", tables.BASELINE_COLUMNS, tables.baseline_rows(best))
        for title, columns, lines in tables.checks(best):
            show_table(title, columns, lines)
        if self.beside:
            told = tables.availability_rows(self.beside)
            show_table("Skill over B1 by availability of the evidence", tables.AVAILABILITY_COLUMNS, told)
        gains = [row for result in self.judged.values() for row in tables.ablation_rows(result.metrics)]
        if gains:
            show_table("What each event family adds to the skill", tables.ABLATION_COLUMNS, gains)


def train(
    settings: Settings,
    families: list[str],
    as_of: str | None,
    rule: str,
    *,
    draws: int = DRAWS,
    clock: Clock = system_clock,
) -> Trained:
    """Judge the families on rolling origins, fit each a last time, write the runs; the best becomes challenger.

    The first champion is the baseline: whatever replaces it has to be promoted over it.
    """
    moment = resolve_as_of(as_of, clock)
    recipe = workshop.recipe_of(families, rule)
    with open_store(settings, clock) as store:
        first = store.models.current(registry.CHAMPION) is None
        if first:
            recipe = {BASELINE: (), **recipe}
        say("reading what was known, and building landmark rows")
        panel = workshop.load(store, rule, moment)
        period = workshop.default_period(panel, moment, None, None, EVERY_DAYS)
        say(f"{len(panel.rows)} rows of {len(panel.truces)} truces; judging {', '.join(recipe)}")
        judged = workshop.judge(panel, recipe, rule, period)
        _tell(judged, base_rates(store, moment), View())
        say(f"fitting the last models, with intervals by {draws} refits, and writing them down in MLflow")
        # Refits are forked: before MLflow starts its threads.
        made = workshop.last_models(panel, judged, rule, period.observed_to, draws)
        versions = workshop.record_all(settings, store, panel, judged, made)
        best = workshop.best(judged)
        registry.point(
            settings, store, registry.CHALLENGER, versions[best], by=BY, why="best log score of its training"
        )
        if first:
            registry.promote(settings, store, versions[BASELINE], by=BY, why="the first champion is truce age alone")
    return Trained(judged, best, versions)


def backtest(settings: Settings, asked: Asked, out: Path, *, clock: Clock = system_clock) -> Trained:
    """Judge and write files; nothing is published. Rule ``all`` judges under every rule, one folder each, and compares them.

    Raises:
        Refused: there is nothing to judge on, under any of the rules asked for.
    """
    moment = resolve_as_of(None, clock)
    if asked.model and (asked.ablate or asked.leave_out or asked.sensitivity):
        refits = "--ablate, --leave-out and --sensitivity fit anew"
        raise BadInput(f"{refits} at every origin: leave --model out", code="bad_options")
    with open_store(settings, clock) as store:
        rates = base_rates(store, moment)
        if asked.availability == BOTH:
            return _both(store, asked, out, moment, rates)
        if asked.rule != ALL_RULES:
            return _backtest(store, asked, out, moment, rates)
        done, refused = {}, {}
        for rule in rates:
            try:
                done[rule] = _backtest(store, replace(asked, rule=rule), out / rule, moment, rates)
            except Refused as refusal:
                refused[rule] = refusal.detail
    if not done:
        raise Refused("; ".join(f"{rule}: {why}" for rule, why in refused.items()), code="no_rows")
    first = done.get(DEFAULT_RULE) or next(iter(done.values()))
    best = {rule: trained.judged[trained.best].metrics for rule, trained in done.items()}
    by_rule.write(out, rates, best, refused)
    return Trained(first.judged, first.best, {}, out)


def _backtest(store: Store, asked: Asked, out: Path, moment: datetime, rates: dict[str, Any]) -> Trained:
    start, stop = (parse_day(text) if text else None for text in (asked.start, asked.stop))
    view = View(asked.coding, asked.availability)
    panel = workshop.load(store, asked.rule, moment, view)
    period = workshop.default_period(panel, moment, start, stop, _days(asked.every))
    if asked.model:
        artifact = _artifact(store, asked.model)
        judged = {artifact.family: workshop.judge_frozen(panel, artifact, asked.rule, period)}
    else:
        recipe = workshop.recipe_of(asked.families, asked.rule)
        judged = workshop.judge(panel, recipe, asked.rule, period, ablate=asked.ablate)
    _tell(judged, rates, view)
    best = workshop.best(judged)
    setting = checks.Setting(store, moment, view, period)
    judged[best].metrics.update(
        setting.checked(panel, judged[best], leave_out=asked.leave_out, doubts=asked.sensitivity)
    )
    for family, result in judged.items():
        folder = out if len(judged) == 1 else out / family
        beside = {name: other.metrics for name, other in judged.items()}
        report.write_backtest(folder, panel, result.forecasts, result.metrics, beside)
    if len(judged) > 1:
        report.copy_best(out, best)
    return Trained(judged, best, {}, out)


def _both(store: Store, asked: Asked, out: Path, moment: datetime, rates: dict[str, Any]) -> Trained:
    """The same backtest with evidence known the day after, and when its releases came out: one folder each, one table of both."""
    parts = {a: _backtest(store, replace(asked, availability=a), out / a, moment, rates) for a in (IDEAL, REAL)}
    beside = {LABELS[a]: trained.judged[trained.best].metrics for a, trained in parts.items()}
    by_rule.write_availabilities(out, beside)
    return replace(parts[IDEAL], out=out, beside=beside)


def _tell(judged: dict[str, Judged], rates: dict[str, Any], view: View) -> None:
    """Put the base rates under every rule beside the figures that one rule gave, and say what was looked at."""
    for result in judged.values():
        result.metrics.update({"rules": rates, "coding": view.coding, "availability": LABELS[view.availability]})


def promote(
    settings: Settings, version: str | None, *, force: bool, why: str | None, clock: Clock = system_clock
) -> dict[str, Any]:
    """Apply the promotion rule and move the aliases.

    Raises:
        NoModel: nothing to promote.
        Refused: the rule forbids it; the reasons are in the message.
        BadInput: --force without --why.
    """
    if force and not why:
        raise BadInput("--force needs --why: it goes into the record", code="why_missing")
    with open_store(settings, clock) as store, tracking.lab_book(settings):
        challenger = store.models.current(registry.CHALLENGER) if version is None else store.models.get(version)
        if challenger is None:
            raise NoModel("nothing to promote: `trucecast train` makes a challenger")
        if challenger.run_id is None:
            raise Refused(
                f"version {challenger.version} came with trucecast and has no run: it answers while nothing else is promoted",
                code="no_run",
            )
        champion = store.models.current(registry.CHAMPION)
        if champion is not None and champion.version == challenger.version:
            return _promoted(challenger, "it is champion already", None)
        try:
            verdict = contest.judge(settings, challenger, champion)
        except Refused as refusal:
            verdict = contest.Verdict([refusal.detail], None)
        if verdict.objections and not force:
            told = "; ".join(verdict.objections)
            raise Refused(f"version {challenger.version} is not promoted: {told}", code="not_promoted")
        reason = verdict.sentence(f"version {champion.version}") if champion else verdict.sentence("")
        if force:
            reason = f"{why} (forced over: {'; '.join(verdict.objections) or 'nothing'})"
        registry.promote(settings, store, challenger.version, by=BY, why=reason)
        return _promoted(challenger, reason, verdict)


def _promoted(model: Published, why: str, verdict: contest.Verdict | None) -> dict[str, Any]:
    told = {} if verdict is None else verdict.as_json()
    return {"version": model.version, "family": model.family, "why": why, **told}


def rollback(settings: Settings, *, clock: Clock = system_clock) -> dict[str, Any]:
    """Champion and previous change places."""
    with open_store(settings, clock) as store, tracking.lab_book(settings):
        return {"version": registry.rollback(settings, store, by=BY)}


def sync(settings: Settings, *, clock: Clock = system_clock) -> list[str]:
    """Aliases moved by hand in MLflow come into the store."""
    with open_store(settings, clock) as store, tracking.lab_book(settings):
        return registry.sync(settings, store, by=BY)


def published(settings: Settings, *, clock: Clock = system_clock) -> list[dict[str, Any]]:
    """Every published model, with the aliases that point at it."""
    with open_store(settings, clock) as store:
        current = {
            alias: store.models.current(alias) for alias in (registry.CHAMPION, registry.CHALLENGER, registry.PREVIOUS)
        }
        return [
            {
                "version": row.version,
                "family": row.family,
                "trained_to": row.trained_to.isoformat(),
                "rule": row.rule,
                "run_id": row.run_id,
                "aliases": [alias for alias, now in current.items() if now is not None and now.version == row.version],
                "published_at": write_moment(row.published_at),
            }
            for row in store.models.all()
        ]


def refit(settings: Settings, as_of: date, *, clock: Clock = system_clock) -> Artifact:
    """The champion's family fitted on what was known at the end of ``as_of``."""
    with open_store(settings, clock) as store:
        champion = store.models.current(registry.CHAMPION)
        family, rule = (BASELINE, "chronicle-1") if champion is None else (champion.family, champion.rule)
        panel = workshop.load(store, rule, min(end_of(as_of), clock()))
    return workshop.fit_artifact(panel, family, rule, as_of)[0]


def _artifact(store: Store, name: str) -> Artifact:
    row = store.models.current(name) or (store.models.get(name) if name.isdigit() else None)
    if row is None:
        raise NoModel(f"no model {name!r}: `trucecast models list` shows versions and aliases")
    return loads(row.body)


def _days(text: str) -> int:
    match = re.fullmatch(r"([1-9]\d{0,3})d", text)
    if not match:
        raise BadInput(f"{text!r} is not a number of days such as 91d", code="bad_period")
    return int(match.group(1))
