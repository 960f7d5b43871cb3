"""Charts as files and as HTML: SVG and PNG by vl-convert, without a browser and without a request to any host."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import vl_convert

from truce.charts.chart import INK, Chart
from truce.errors import WrongFile

PAPER, DARK_INK = "#ffffff", "#1a1a1a"
"""A picture in a file of its own cannot know what it will lie on, so it brings its paper."""


def svg(chart: Chart) -> str:
    """The chart as an SVG image of its own, on white."""
    drawn = _named(_svg(json.dumps(chart.spec)).replace(INK, DARK_INK), chart)
    return drawn.replace("</desc>", f'</desc><rect width="100%" height="100%" fill="{PAPER}"/>', 1)


def png(chart: Chart) -> bytes:
    """The chart as a PNG image on white, two pixels a point."""
    return vl_convert.vegalite_to_png(
        _on_paper(chart.spec), vl_version=_version(chart.spec), scale=2, allowed_base_urls=[]
    )


def save(chart: Chart, path: Path) -> None:
    """Write the chart into a file; its ending says how.

    Raises:
        WrongFile: an ending other than .svg and .png.
        OSError: the file cannot be written.
    """
    path.write_bytes(png(chart) if picture_kind(path) == "png" else svg(chart).encode())


def picture_kind(path: Path) -> str:
    """``svg`` or ``png``. Raises WrongFile for any other ending."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("svg", "png"):
        raise WrongFile(f"{path}: a picture is a file that ends in .svg or .png")
    return kind


def figure(chart: Chart, key: str) -> str:
    """The chart as an HTML figure: the picture in the page's own ink, its words, and its figures as a table to open.

    Args:
        chart: what to draw.
        key: a word of its own on the page; names inside the picture carry it, so that pictures do not borrow from each other.
    """
    drawn = re.sub(r"\b((?:clip|gradient)_?\d+)\b", rf"{key}-\1", _named(_svg(json.dumps(chart.spec)), chart))
    return (
        f'<figure id="{key}">{drawn}<figcaption>{html.escape(chart.description)}</figcaption>'
        f"<details><summary>The figures</summary>{table(chart.columns, chart.rows)}</details></figure>"
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table."""
    head = "".join(f"<th scope=col>{html.escape(cell)}</th>" for cell in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class=table><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


@lru_cache(maxsize=32)
def _svg(spec: str) -> str:
    """In the ink of what is around it. Kept, since a report and a file beside it show the same pictures."""
    return vl_convert.vegalite_to_svg(spec, vl_version=_version(json.loads(spec)), allowed_base_urls=[])


def _version(spec: dict[str, Any]) -> str:
    """Of Vega-Lite, by the schema the chart was checked against: 6.4."""
    found = re.search(r"/v(\d+\.\d+)", spec["$schema"])
    assert found, "Altair names the schema with its version"
    return found.group(1)


def _on_paper(spec: Any) -> Any:
    """The same specification with a colour in place of the surrounding text's, and paper below."""
    if isinstance(spec, dict):
        return {key: PAPER if key == "background" else _on_paper(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [_on_paper(value) for value in spec]
    return DARK_INK if spec == INK else spec


def _named(drawn: str, chart: Chart) -> str:
    """The picture with its heading and text alternative, for screen readers."""
    words = f"<title>{html.escape(chart.title)}</title><desc>{html.escape(chart.description)}</desc>"
    label = html.escape(f"{chart.title}. {chart.description}", quote=True)
    return re.sub(
        r"<svg ([^>]*)>", lambda m: f'<svg role="img" aria-label="{label}" {m.group(1)}>{words}', drawn, count=1
    )
