"""Charts as the page gets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from truce.errors import Refused

if TYPE_CHECKING:
    from truce.charts.chart import Chart


def drawn(make: Callable[[], Chart]) -> dict[str, Any]:
    """A chart as its specification and table, or why there is none."""
    try:
        return make().as_json()
    except Refused as refusal:
        return {"refused": {"code": refusal.code, "detail": refusal.detail}}
