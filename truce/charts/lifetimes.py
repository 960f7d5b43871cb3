"""How long truces last: the share that still holds, and that has ended in each way, by age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from truce.charts.chart import DASHES, GREEN, GREY, HEIGHT, INK, VERMILION, WIDTH, Chart, Words, data, finished, percent

ENDS = ("holds", "broke", "expired", "superseded")
_COLOURS = (INK, VERMILION, GREY, GREEN)
_TOLD = (30, 90, 365, 730)


def survival(points: Sequence[Mapping[str, float]], *, of: str) -> Chart:
    """Kaplan-Meier survival of truces and the Aalen-Johansen incidence of each competing end, as steps.

    Args:
        points: ``{days, holds, broke, expired, superseded}``, shares of truces, ascending by ``days``.
        of: what truces these are, for the line below the heading.
    """
    rows = [{"days": p["days"], "end": end, "share": p[end]} for p in points for end in ENDS]
    drawn = (
        alt.Chart(data(rows), width=WIDTH, height=HEIGHT)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("days:Q", title="days since the truce took effect", axis=alt.Axis(grid=False)),
            y=alt.Y("share:Q", title="share of truces", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("end:N", scale=alt.Scale(domain=list(ENDS), range=list(_COLOURS))),
            strokeDash=alt.StrokeDash("end:N", scale=alt.Scale(domain=list(ENDS), range=DASHES[: len(ENDS)])),
            tooltip=[alt.Tooltip("end:N"), alt.Tooltip("days:Q"), alt.Tooltip("share:Q", format=".1%")],
        )
    )
    shown = [p for p in points if p["days"] in _TOLD] or [points[-1]]
    words = Words(
        "How long truces last",
        of,
        "Share of truces that still hold: "
        + "; ".join(f"after {p['days']:g} days {percent(p['holds'])}, {percent(p['broke'])} broke" for p in shown),
    )
    table = [[f"{p['days']:g}", *(percent(p[end]) for end in ENDS)] for p in shown]
    return finished(alt.layer(drawn), words, ("days", *ENDS), table)
