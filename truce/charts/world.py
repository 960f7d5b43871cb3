"""A small map: where truces are at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from truce.charts.chart import GREY, VERMILION, WIDTH, Chart, Words, data, finished, percent
from truce.errors import Refused

SHAPE_NAMES = {
    "BIH": "Bosnia and Herz.", "CAF": "Central African Rep.", "CIV": "Côte d'Ivoire", "COD": "Dem. Rep. Congo", "COG": "Congo",
    "DOM": "Dominican Rep.", "ESH": "W. Sahara", "GNQ": "Eq. Guinea", "MKD": "Macedonia", "SLB": "Solomon Is.", "SSD": "S. Sudan",
    "SWZ": "eSwatini", "USA": "United States of America",
}  # fmt: skip
"""What Natural Earth calls the countries that our table names otherwise."""


def riskiest(worst: Sequence[Mapping[str, Any]], days: int, as_of: str, shapes: str) -> Chart:
    """Countries by the chance of their riskiest truce; the deeper the colour, the greater the chance.

    Args:
        worst: ``{iso3, country, truce, p}``, one a country; of equals the first is named first.
        days: the horizon of the chances.
        as_of: when they were said, for the line below the heading.
        shapes: address of Natural Earth's countries as TopoJSON; shapes carry the ``name`` of their country.

    Raises:
        Refused: no country has a truce with a forecast.
    """
    if not worst:
        raise Refused("no country has a truce with a forecast", code="nothing_to_draw")
    ranked = sorted(worst, key=lambda row: -row["p"])
    rows = [{**row, "shape": SHAPE_NAMES.get(row["iso3"], row["country"])} for row in ranked]
    world = alt.Chart(alt.topo_feature(shapes, "countries"), width=WIDTH, height=240)
    land = world.mark_geoshape(fill=GREY, fillOpacity=0.2, stroke=GREY, strokeWidth=0.4)
    found = alt.LookupData(data=data(rows), key="shape", fields=["country", "truce", "p"])
    legend = alt.Legend(format="%", symbolFillColor=VERMILION, symbolType="square", symbolStrokeWidth=0)
    depth = alt.Opacity("p:Q", scale=alt.Scale(domainMin=0, range=[0.2, 1]), legend=legend)
    tips = [alt.Tooltip("country:N"), alt.Tooltip("truce:N"), alt.Tooltip("p:Q", format=".1%", title="chance")]
    risk = world.mark_geoshape(fill=VERMILION, stroke=VERMILION, strokeWidth=0.6).encode(opacity=depth, tooltip=tips)
    drawn = alt.layer(land, risk.transform_lookup("properties.name", found).transform_filter("isValid(datum.p)"))
    first = ranked[0]
    words = Words(
        "Where truces are at risk",
        f"each country by its riskiest truce: chance of breakdown within {days} days, as of {as_of}",
        f"{len(ranked)} countries have truces with a forecast; the greatest chance is {first['country']}'s: {first['truce']}, "
        f"{percent(first['p'])} within {days} days.",
    )
    table = [[row["country"], row["truce"], percent(row["p"])] for row in ranked]
    return finished(drawn.project(type="equalEarth"), words, ("country", "riskiest truce", "chance"), table)
