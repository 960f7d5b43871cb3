"""Charts of one truce: its cumulative incidence of breakdown, its risk over time, what drives its forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from truce.charts.chart import BLUE, GREY, HEIGHT, INK, PURPLE, VERMILION, WIDTH, Chart, Words, data, finished, percent
from truce.errors import Refused

FORECAST, BASELINE = "forecast", "truce age alone"


def incidence(forecast: Mapping[str, Any]) -> Chart:
    """The chance of breakdown within so many days, with its interval where there is one, beside truce age alone.

    Args:
        forecast: one forecast as the API gives it; ``interval`` and ``p_baseline`` of a horizon may be null.

    Lines between the horizons are straight; only the marked points were forecast.
    """
    ends = sorted(forecast["horizons"], key=lambda h: int(h["days"]))
    drawn = alt.layer(_band(ends), *_curves(ends))
    model = forecast["model"]
    words = Words(
        f"Chance that {forecast['truce_id']} breaks down",
        f"as of {forecast['as_of']}, by {model['family']} version {model['version']}",
        f"Chance of breakdown of {forecast['truce_id']} as of {forecast['as_of']}: "
        + "; ".join(f"within {h['days']} days {percent(h['p_breakdown'])}{_beside(h)}" for h in ends),
    )
    rows = [
        [str(h["days"]), percent(h["p_breakdown"]), _interval(h), "-" if h["p_baseline"] is None else percent(h["p_baseline"])]
        for h in ends
    ]  # fmt: skip
    return finished(drawn, words, ("days", FORECAST, "95 % interval", BASELINE), rows)


def _beside(h: Mapping[str, Any]) -> str:
    return "" if h["p_baseline"] is None else f" (truce age alone {percent(h['p_baseline'])})"


def _interval(h: Mapping[str, Any]) -> str:
    return "-" if h["interval"] is None else " to ".join(percent(p) for p in h["interval"])


def _curves(ends: Sequence[Mapping[str, Any]]) -> tuple[alt.Chart, alt.Chart]:
    points = [{"days": 0, "what": what, "p": 0.0} for what in (FORECAST, BASELINE)]
    points += [{"days": h["days"], "what": FORECAST, "p": h["p_breakdown"]} for h in ends]
    points += [{"days": h["days"], "what": BASELINE, "p": h["p_baseline"]} for h in ends if h["p_baseline"] is not None]
    what = alt.Scale(domain=[FORECAST, BASELINE], range=[BLUE, GREY])
    chart = alt.Chart(data(points)).encode(
        x=_days([h["days"] for h in ends]),
        y=alt.Y("p:Q", title="chance of breakdown", axis=alt.Axis(format="%"), scale=alt.Scale(domainMin=0)),
        color=alt.Color("what:N", scale=what, legend=alt.Legend(symbolType="stroke")),
        tooltip=[alt.Tooltip("what:N"), alt.Tooltip("days:Q"), alt.Tooltip("p:Q", format=".1%")],
    )
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=[FORECAST, BASELINE], range=[[1, 0], [6, 3]]))
    line = chart.mark_line(strokeWidth=2).encode(strokeDash=dash)
    return line, chart.mark_circle(size=36, opacity=1).transform_filter("datum.days > 0")


def _band(ends: Sequence[Mapping[str, Any]]) -> alt.Chart:
    """The interval; nothing is drawn where none was given."""
    known = [h for h in ends if h["interval"] is not None]
    rows = [{"days": 0, "lo": 0.0, "hi": 0.0}] if known else []
    rows += [{"days": h["days"], "lo": h["interval"][0], "hi": h["interval"][1]} for h in known]
    band: alt.Chart = alt.Chart(data(rows), width=WIDTH, height=HEIGHT).mark_area(color=BLUE, opacity=0.2)
    return band.encode(x=_days([h["days"] for h in ends]), y=alt.Y("lo:Q", title="chance of breakdown"), y2="hi:Q")


def _days(marked: Sequence[int]) -> alt.X:
    """Days on a square-root scale: the first weeks matter most and would be a sliver on a straight one."""
    return alt.X(
        "days:Q", title="days from now", scale=alt.Scale(type="sqrt"), axis=alt.Axis(values=[0, *marked], grid=False)
    )


def risk_over_time(
    truce_id: str, days: int, points: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]
) -> Chart:
    """How the chance of breakdown within ``days`` moved, with the events that bear on the truce as marks below.

    Args:
        truce_id: whose.
        days: the horizon.
        points: ``{as_of, p_breakdown, p_baseline}`` by day, with ``interval`` where there is one; the baseline may be null.
        events: ``{occurred_on, type, actor, target, source}`` and whatever else; the last three may be missing or null.

    Raises:
        Refused: there is no point to draw.
    """
    if not points:
        raise Refused(f"there is no forecast of {truce_id} to draw", code="nothing_to_draw")
    lines = [{"day": p["as_of"][:10], "what": FORECAST, "p": p["p_breakdown"]} for p in points]
    lines += [{"day": p["as_of"][:10], "what": BASELINE, "p": p["p_baseline"]} for p in points if p["p_baseline"] is not None]  # fmt: skip
    told = [_told(event) for event in events]
    drawn = alt.layer(_reach(points), *(_marks(told) if told else ()), _moves(lines))
    first, last = points[0], points[-1]
    words = Words(
        f"Risk of {truce_id} over time",
        f"chance of breakdown within {days} days; {len(told)} events as marks",
        f"Chance that {truce_id} breaks down within {days} days: {percent(first['p_breakdown'])} on {first['as_of'][:10]}, "
        f"{percent(last['p_breakdown'])} on {last['as_of'][:10]}, at most {percent(max(p['p_breakdown'] for p in points))}; "
        f"{len(told)} events are marked.",
    )
    rows = [[line["day"], line["what"], percent(line["p"]), "", ""] for line in lines]
    rows += [[event["day"], event["what"], "", event["who"], event["source"]] for event in told]
    return finished(drawn, words, ("day", "what", "chance", "who", "source"), sorted(rows))


def _told(event: Mapping[str, Any]) -> dict[str, str]:
    who = " -> ".join(str(event[role]) for role in ("actor", "target") if event.get(role))
    return {
        "day": str(event["occurred_on"])[:10],
        "what": str(event["type"]).replace("_", " "),
        "who": who or "not said",
        "source": str(event.get("source") or "not said"),
    }


def _reach(points: Sequence[Mapping[str, Any]]) -> alt.Chart:
    """The intervals, where there are any."""
    known = [p for p in points if p.get("interval") is not None]
    rows = [{"day": p["as_of"][:10], "lo": p["interval"][0], "hi": p["interval"][1]} for p in known]
    band: alt.Chart = alt.Chart(data(rows), width=WIDTH, height=HEIGHT).mark_area(color=BLUE, opacity=0.2)
    tips = [_day(), *(alt.Tooltip(f"{end}:Q", format=".1%") for end in ("lo", "hi"))]
    return band.encode(x=_calendar(), y=alt.Y("lo:Q", title="chance of breakdown"), y2="hi:Q", tooltip=tips)


def _moves(lines: Sequence[Mapping[str, Any]]) -> alt.Chart:
    what = [FORECAST, BASELINE]
    drawn: alt.Chart = (
        alt.Chart(data(lines), width=WIDTH, height=HEIGHT)
        .mark_line(strokeWidth=2)
        .encode(
            x=_calendar(),
            y=alt.Y("p:Q", title="chance of breakdown", axis=alt.Axis(format="%"), scale=alt.Scale(domainMin=0)),
            color=alt.Color(
                "what:N", scale=alt.Scale(domain=what, range=[BLUE, GREY]), legend=alt.Legend(symbolType="stroke")
            ),
            strokeDash=alt.StrokeDash("what:N", scale=alt.Scale(domain=what, range=[[1, 0], [6, 3]])),
            tooltip=[_day(), alt.Tooltip("what:N"), alt.Tooltip("p:Q", format=".1%", title="chance")],
        )
    )
    return drawn


def _marks(told: Sequence[Mapping[str, str]]) -> tuple[alt.Chart, alt.Chart]:
    marks = alt.Chart(data(told)).encode(
        x=_calendar(),
        tooltip=[_day(), alt.Tooltip("what:N"), alt.Tooltip("who:N"), alt.Tooltip("source:N")],
    )
    points = marks.mark_point(color=PURPLE, shape="triangle-up", filled=True, size=60, opacity=1)
    return marks.mark_rule(color=PURPLE, opacity=0.3), points.encode(y=alt.value(HEIGHT - 6))


def _calendar() -> alt.X:
    # In UTC, whatever the clock of the reader's machine: a day is a day.
    axis = alt.Axis(grid=False, format="%d %b %Y", labelAngle=0, tickCount=5)
    return alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=axis)


def _day() -> alt.Tooltip:
    return alt.Tooltip("day:T", timeUnit="utcyearmonthdate", title="day")


def drivers(truce_id: str, found: Sequence[Mapping[str, Any]] | None, *, most: int = 12) -> Chart:
    """What pushes a forecast up or down, in log-odds, the strongest first.

    Args:
        truce_id: whose.
        found: the ``drivers`` of a forecast.
        most: how many are shown; the table lists all.

    Raises:
        Refused: the forecast names no drivers.
    """
    if not found:
        raise Refused(f"the forecast of {truce_id} names no drivers", code="nothing_to_draw")
    ranked = sorted(found, key=lambda driver: -abs(driver["log_odds"]))
    rows = [{"feature": d["feature"].replace("_", " "), "log_odds": d["log_odds"], "way": _way(d)} for d in ranked[:most]]  # fmt: skip
    base = alt.Chart(data(rows), width=WIDTH, height=alt.Step(20)).encode(
        y=alt.Y("feature:N", title=None, sort=None),
        x=alt.X("log_odds:Q", title="log-odds of breakdown"),
    )
    ways = alt.Scale(domain=["raises the risk", "lowers the risk"], range=[VERMILION, BLUE])
    bars = base.mark_bar().encode(
        color=alt.Color("way:N", scale=ways),
        tooltip=[alt.Tooltip("feature:N"), alt.Tooltip("log_odds:Q", format="+.3f")],
    )
    zero = alt.Chart(data([{"at": 0}])).mark_rule(color=INK).encode(x="at:Q")
    strongest = "; ".join(f"{d['feature']} {d['log_odds']:+.2f}" for d in ranked[:3])
    words = Words(
        f"What drives the forecast of {truce_id}",
        "contribution to the log-odds of breakdown: what goes along with it, not what causes it",
        f"The strongest of {len(ranked)} drivers of {truce_id}, in log-odds: {strongest}.",
    )
    table = [[str(d["feature"]), str(d.get("value")), f"{d['log_odds']:+.4f}"] for d in ranked]
    return finished(alt.layer(bars, zero), words, ("feature", "value", "log-odds"), table)


def _way(driver: Mapping[str, Any]) -> str:
    return "raises the risk" if driver["log_odds"] > 0 else "lowers the risk"
