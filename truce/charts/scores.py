"""Charts of how right forecasts were: reliability, skill by horizon, what event families add, coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from truce.charts.chart import GREY, HEIGHT, INK, SEVERAL, SHAPES, WIDTH, Chart, Layered, Words, data, finished, percent
from truce.errors import Refused

MIN_POSITIVES = 20
"""A reliability curve on fewer breaks is noise drawn as a line: refused."""

_SMALL = 150


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One horizon's forecasts in bins. ``curves`` maps a name to rows (mean forecast, share that broke, rows in the bin)."""

    days: int
    rows: int
    positives: int
    breaks: int
    curves: Mapping[str, Sequence[tuple[float, float, int]]]

    @property
    def drawable(self) -> bool:
        """Whether enough broke for a curve."""
        return self.positives >= MIN_POSITIVES


def reliability(panels: Sequence[Calibrated]) -> Chart:
    """What broke against what was forecast, one panel a horizon; the diagonal is perfect, and each point says how many broke there.

    Raises:
        Refused: at some horizon fewer than ``MIN_POSITIVES`` rows broke.
    """
    for panel in panels:
        if not panel.drawable:
            raise Refused(
                f"{panel.positives} rows broke within {panel.days} days: a reliability curve needs {MIN_POSITIVES}",
                code="too_few_breaks",
            )
    if not panels:
        raise Refused("no horizon has forecasts to draw", code="nothing_to_draw")
    names = list(dict.fromkeys(name for panel in panels for name in panel.curves))
    drawn = alt.hconcat(*(_panel(panel, names) for panel in panels))
    words = Words(
        "Reliability: what broke against what was forecast",
        "bins of equal count; a number at a point counts the rows that broke there; on the diagonal forecasts mean what they say",
        "; ".join(f"{p.days} days: {p.rows} rows, {p.positives} broke, {p.breaks} distinct breakdowns" for p in panels),
    )
    table = [
        [str(panel.days), name, percent(forecast), percent(broke), str(rows), f"{broke * rows:.0f}"]
        for panel in panels
        for name, curve in panel.curves.items()
        for forecast, broke, rows in curve
    ]
    return finished(drawn, words, ("days", "forecaster", "mean forecast", "broke", "rows", "of which broke"), table)


def _panel(panel: Calibrated, names: Sequence[str]) -> Layered:
    rows = [
        {"who": name, "forecast": forecast, "broke": broke, "rows": count, "positives": round(broke * count)}
        for name, curve in panel.curves.items()
        for forecast, broke, count in curve
    ]
    points = [point for curve in panel.curves.values() for point in curve]
    top = min(1.0, 1.05 * max(max(forecast, broke) for forecast, broke, _ in points))
    scale = alt.Scale(domain=[0, top], nice=False)
    diagonal = alt.Chart(data([{"at": 0}, {"at": top}])).mark_line(color=INK, opacity=0.5, strokeDash=[2, 2])
    whose = alt.Scale(domain=list(names), range=[*SEVERAL[: max(len(names) - 1, 1)], GREY][-len(names) :])
    curve = alt.Chart(data(rows), width=_SMALL, height=_SMALL).encode(
        x=alt.X("forecast:Q", title="forecast", scale=scale, axis=alt.Axis(format="%", tickCount=4)),
        y=alt.Y("broke:Q", title="broke", scale=scale, axis=alt.Axis(format="%", tickCount=4)),
        color=alt.Color("who:N", scale=whose),
        tooltip=["who:N", alt.Tooltip("forecast:Q", format=".1%"), alt.Tooltip("broke:Q", format=".1%"), "rows:Q", "positives:Q"],
    )  # fmt: skip
    shape = alt.Shape("who:N", scale=alt.Scale(domain=list(names), range=list(SHAPES[: len(names)])))
    counted = curve.transform_filter(f"datum.who == {names[0]!r}").mark_text(dy=-8, fontSize=9, color=INK)
    heading = alt.TitleParams(
        text=f"{panel.days} days", subtitle=f"{panel.positives} of {panel.rows} rows broke", fontSize=12
    )
    return alt.layer(
        diagonal.encode(x="at:Q", y="at:Q"),
        curve.mark_line(),
        curve.mark_point(filled=True, opacity=1, size=36).encode(shape=shape),
        counted.encode(text="positives:Q", color=alt.value(INK)),
    ).properties(title=heading)


def kinds_of_case(family: str, cells: Sequence[Mapping[str, Any]]) -> Chart:
    """How each kind of case fared: what broke against what was forecast, a point a kind; no line joins kinds that are not in a row.

    Args:
        family: the model family.
        cells: ``{cell, class, n, breaks, rows, mean_forecast, share_broken, horizon}`` of the kinds that a backtest saw.

    Raises:
        Refused: it saw none.
    """
    if not cells:
        raise Refused(f"{family} came without the record of a backtest", code="nothing_to_draw")
    top = min(1.0, 1.05 * max(max(c["mean_forecast"], c["share_broken"]) for c in cells))
    scale, classes = alt.Scale(domain=[0, top], nice=False), ["tested", "thin", "untested"]
    points = alt.Chart(data(cells), width=2 * _SMALL, height=2 * _SMALL).mark_point(filled=True, opacity=1).encode(
        x=alt.X("mean_forecast:Q", title="mean forecast", scale=scale, axis=alt.Axis(format="%", tickCount=5)),
        y=alt.Y("share_broken:Q", title="share that broke", scale=scale, axis=alt.Axis(format="%", tickCount=5)),
        color=alt.Color("class:N", scale=_colours(classes)), shape=_shapes_of("class:N", classes),
        size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[30, 300])),
        tooltip=["cell:N", "class:N", alt.Tooltip("n:Q", title="truces"), alt.Tooltip("breaks:Q", title="broke"),
                 alt.Tooltip("mean_forecast:Q", format=".1%"), alt.Tooltip("share_broken:Q", format=".1%")],
    )  # fmt: skip
    diagonal = alt.Chart(data([{"at": 0}, {"at": top}])).mark_line(color=INK, opacity=0.5, strokeDash=[2, 2])
    days, truces = cells[0]["horizon"], sum(c["n"] for c in cells)
    words = Words(
        "Reliability by kind of case", f"{family}, out of fold, {days} days ahead; the larger a mark, the more truces",
        f"{len(cells)} kinds of case with {truces} truces between them (one may be of several); "
        f"{sum(c['class'] == 'tested' for c in cells)} kinds are tested.",
    )  # fmt: skip
    rows = [
        [c["cell"], c["class"], str(c["n"]), str(c["breaks"]), percent(c["mean_forecast"]), percent(c["share_broken"])]
        for c in cells
    ]
    return finished(
        alt.layer(diagonal.encode(x="at:Q", y="at:Q"), points),
        words,
        ("kind", "class", "truces", "broke", "mean forecast", "share that broke"),
        rows,
    )


def skill(families: Mapping[str, Mapping[str, Mapping[str, Any]]], *, over: str) -> Chart:
    """Brier skill by horizon with 95 % intervals, several families side by side; 0 is no better than truce age.

    Args:
        families: family -> horizon -> ``{skill, skill_ci, breaks}`` as in metrics.json; what is null there is left out.
        over: which rows and origins, for the line below the heading.

    Raises:
        Refused: no family has a skill at any horizon.
    """
    rows = [
        {"days": f"{days} d", "who": family, "value": s["skill"], "breaks": s["breaks"], **_reach(s["skill_ci"])}
        for family, horizons in families.items()
        for days, s in horizons.items()
        if s["skill"] is not None
    ]
    if not rows:
        raise Refused("no skill was computed", code="nothing_to_draw")
    names = list(families)
    base = alt.Chart(data(rows), width=WIDTH, height=HEIGHT).encode(
        x=alt.X("days:N", sort=None, title="horizon", axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("who:N", sort=names),
        color=alt.Color("who:N", scale=_colours(names)),
        tooltip=["who:N", "days:N", alt.Tooltip("value:Q", format="+.3f", title="skill"), "breaks:Q"],
    )
    title = "skill over truce age alone"
    drawn = alt.layer(
        _zero(across=True),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("lo:Q", title=title), y2="hi:Q"),
        base.mark_point(filled=True, size=64, opacity=1).encode(
            y=alt.Y("value:Q", title=title), shape=_shapes(names, alt.Legend())
        ),
    )
    said = "; ".join(f"{row['who']} {row['days']} {row['value']:+.3f}{_spread(row)}" for row in rows)
    words = Words("Skill by horizon", f"{over}; bars are 95 % intervals by conflict and year", f"Brier skill: {said}.")
    table = [[row["who"], row["days"], f"{row['value']:+.4f}", _spread(row), str(row["breaks"])] for row in rows]
    return finished(drawn, words, ("family", "horizon", "skill", "95 %", "distinct breakdowns"), table)


def ablation(family: str, gains: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Chart:
    """What each event family adds to the skill, with its 95 % interval, by horizon.

    Args:
        family: the model family.
        gains: event family -> horizon -> ``{gain, ci}`` as in metrics.json; what is null there is left out.

    Raises:
        Refused: no gain was computed.
    """
    rows = [
        {"what": group.replace("_", " "), "who": f"{days} d", "value": s["gain"], **_reach(s["ci"])}
        for group, horizons in gains.items()
        for days, s in horizons.items()
        if s["gain"] is not None
    ]
    if not rows:
        raise Refused("the ablation was not computed", code="nothing_to_draw")
    words = Words(
        "What each event family adds to the skill",
        f"{family}: skill with it less skill without; bars are 95 % intervals of the difference",
        "Gain in skill: " + "; ".join(f"{r['what']} {r['who']} {r['value']:+.4f}{_spread(r)}" for r in rows),
    )
    return _forest(rows, "gain in skill", words, ("event family", "horizon", "gain", "95 %"))


def coefficients(family: str, found: Sequence[Mapping[str, Any]], *, most: int = 15) -> Chart:
    """A forest of coefficients, with intervals where errors are known; those furthest from 0 first.

    Args:
        family: the model family.
        found: ``{part, name, estimate}`` with ``lo`` and ``hi`` where known; what ``part`` says after its last comma tells them apart.
        most: how many names are drawn; the table lists all.

    Raises:
        Refused: the family has no coefficients.
    """
    if not found:
        raise Refused(f"{family} has no coefficients", code="nothing_to_draw")
    rows = [
        {
            "what": str(row["name"]).replace("_", " "),
            "who": str(row["part"]).rpartition(", ")[2],
            "value": row["estimate"],
            **_reach((row["lo"], row["hi"]) if row.get("lo") is not None else None),
        }
        for row in found
    ]
    furthest: dict[str, float] = {}
    for row in rows:
        furthest[row["what"]] = max(furthest.get(row["what"], 0.0), abs(row["value"]))
    names = sorted(furthest, key=lambda name: -furthest[name])[:most]
    shown = sorted((row for row in rows if row["what"] in names), key=lambda row: names.index(row["what"]))
    unit = str(found[0]["part"]).partition(",")[0]
    words = Words(
        "Coefficients",
        f"{family}: {unit}; the {len(names)} furthest from 0 of {len(furthest)}",
        f"Furthest from 0: {', '.join(names[:5])}. The table lists all {len(furthest)}.",
    )
    return _forest(shown, unit, words, ("name", "part", "estimate", "95 %"), every=rows)


def _forest(
    rows: Sequence[Mapping[str, Any]],
    axis: str,
    words: Words,
    columns: Sequence[str],
    *,
    every: Sequence[Mapping[str, Any]] | None = None,
) -> Chart:
    """Points with intervals, one band a ``what``, one mark in it a ``who``."""
    parts = list(dict.fromkeys(row["who"] for row in rows))
    legend = alt.Legend() if len(parts) > 1 else None
    base = alt.Chart(data(rows), width=WIDTH, height=alt.Step(8 if legend else 18, **{"for": "offset"})).encode(
        y=alt.Y("what:N", sort=None, title=None),
        yOffset=alt.YOffset("who:N", sort=parts),
        color=alt.Color("who:N", scale=_colours(parts), legend=legend),
        tooltip=["what:N", "who:N", alt.Tooltip("value:Q", format="+.4f")],
    )
    drawn = alt.layer(
        _zero(across=False),
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X("lo:Q", title=axis), x2="hi:Q"),
        base.mark_point(filled=True, size=36, opacity=1).encode(
            x=alt.X("value:Q", title=axis), shape=_shapes(parts, legend)
        ),
    )
    table = [[row["what"], row["who"], f"{row['value']:+.4f}", _spread(row)] for row in every or rows]
    return finished(drawn, words, columns, table)


def _zero(*, across: bool) -> alt.Chart:
    rule: alt.Chart = alt.Chart(data([{"at": 0}])).mark_rule(color=INK, opacity=0.6)
    return rule.encode(y="at:Q") if across else rule.encode(x="at:Q")


def _reach(interval: Sequence[float] | None) -> dict[str, float | None]:
    return {"lo": None, "hi": None} if interval is None else {"lo": interval[0], "hi": interval[1]}


def _spread(row: Mapping[str, Any]) -> str:
    return "" if row["lo"] is None else f" ({row['lo']:+.3f} to {row['hi']:+.3f})"


def _colours(names: Sequence[str]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=[SEVERAL[k % len(SEVERAL)] for k in range(len(names))])


def _shapes(names: Sequence[str], legend: alt.Legend | None = None) -> alt.Shape:
    return _shapes_of("who:N", names, legend)


def _shapes_of(field: str, names: Sequence[str], legend: Any = alt.Undefined) -> alt.Shape:
    used = [SHAPES[k % len(SHAPES)] for k in range(len(names))]
    return alt.Shape(field, scale=alt.Scale(domain=list(names), range=used), legend=legend)
