"""What a chart is, and how all of them look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

Spec = dict[str, Any]
Layered = alt.LayerChart | alt.FacetChart
"""What Altair says of several layers: a facet where one of them is faceted, which none of ours is."""

INK = "currentColor"
"""Text and axes take the colour of the text around them, so that one picture serves light and dark pages."""
BLUE, VERMILION, GREEN, PURPLE, GREY = "#0072b2", "#d55e00", "#009e73", "#b5699c", "#767676"
"""After Okabe and Ito (2008): told apart by people who see no red or green; at least 3 : 1 on white and on near-black."""
SEVERAL = (BLUE, VERMILION, GREEN, PURPLE, GREY)
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3])
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross")
"""No line or mark is told from others by colour alone."""

WIDTH, HEIGHT = 520, 260


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite specification, and the same figures as a table for those who cannot see it.

    ``spec`` is plain JSON with its data inside; its ``description`` says in words what the chart shows.
    """

    spec: Spec
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def title(self) -> str:
        """The heading."""
        return str(self.spec["title"]["text"])

    @property
    def description(self) -> str:
        """The text alternative."""
        return str(self.spec["description"])

    def as_json(self) -> dict[str, Any]:
        """For a page: the specification, and the table beside it."""
        return {"spec": self.spec, "table": {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}}


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart says in words: heading, a line below it, and the text alternative."""

    title: str
    subtitle: str
    description: str


def finished(
    drawn: Layered | alt.HConcatChart, words: Words, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> Chart:
    """The chart in the common look, checked against the schema of Vega-Lite."""
    heading = alt.TitleParams(text=words.title, subtitle=words.subtitle, anchor="start")
    look = drawn.properties(title=heading, description=words.description).configure(**_LOOK)
    with alt.data_transformers.enable("default", consolidate_datasets=False, max_rows=None):
        spec = look.to_dict()
    return Chart(spec, tuple(columns), tuple(tuple(row) for row in rows))


def data(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Rows of plain values, carried inside the chart."""
    return alt.InlineData(values=[dict(row) for row in rows])


def percent(p: float) -> str:
    """A chance for people: 8.1 %, and never 0 % for what is merely rare."""
    if 0 < p < 0.001:  # noqa: PLR2004
        return "< 0.1 %"
    return f"{100 * p:.1f} %"


_LOOK: dict[str, Any] = {
    "background": "transparent",
    "font": "sans-serif",
    "view": alt.ViewConfig(stroke=None),
    "title": alt.TitleConfig(color=INK, subtitleColor=INK, fontSize=14, subtitleFontSize=11, offset=12),
    "header": alt.HeaderConfig(labelColor=INK, titleColor=INK),
    "text": alt.MarkConfig(color=INK),
    "axis": alt.AxisConfig(
        labelColor=INK, titleColor=INK, domainColor=INK, tickColor=INK, gridColor=INK, gridOpacity=0.15, labelFontSize=11,
        titleFontWeight="normal", labelLimit=260,
    ),
    "legend": alt.LegendConfig(labelColor=INK, titleColor=INK, orient="bottom", title=None, labelLimit=260, symbolStrokeWidth=2),
}  # fmt: skip
