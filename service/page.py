"""What stands behind the page: the list, single truces, the scoreboard's charts, the models."""

from __future__ import annotations

import logging
from threading import Lock
from typing import Any, Self

from service import logs
from service.boardcharts import board_charts, model_charts
from service.course import Course
from service.entries import named
from service.ranking import Ranking
from service.scoreboard import Board
from service.wiring import Parts
from truce.clock import write_moment
from truce.errors import TrucecastError

EXPERIMENT = "truce-breakdown"
faults = logging.getLogger(logs.FAULTS)


class Page:
    """The page of one service, while it is open."""

    def __init__(self, parts: Parts, board: Board) -> None:
        self._parts, self._board = parts, board
        self._drawn: tuple[dict[str, Any], dict[str, Any]] | None = None
        self._lock = Lock()
        self.ranking = Ranking(parts.store, parts.forecaster, parts.clock)
        self.course = Course(parts)

    def make_ready(self) -> None:
        """Start reckoning the list, and import what draws: that takes a second, which no view should wait for."""
        import truce.charts.forecasts  # noqa: F401

        try:
            self.ranking.at(self._parts.shelf.model(), None, patience=0)
        except TrucecastError as trouble:
            faults.info("the page's list is not ready: %s", trouble.detail)

    def board(self) -> dict[str, Any]:
        """Charts of the scoreboard, drawn anew when it was reckoned anew."""
        board = self._board.now()
        with self._lock:
            if self._drawn is None or self._drawn[0] is not board:
                self._drawn = (board, {"board": board, "charts": board_charts(self._parts.store, self._parts.clock())})
            return self._drawn[1]

    def models(self) -> dict[str, Any]:
        """The model in use and its record, and where MLflow shows the runs."""
        shelved = self._parts.shelf.model()
        return {
            "model": {
                **named(shelved),
                "rule": shelved.artifact.rule,
                "published_at": write_moment(shelved.published_at),
            },
            "trouble": self._parts.shelf.trouble,
            "mlflow": self._parts.settings.mlflow_ui,
            "experiment": EXPERIMENT,
            **model_charts(shelved.artifact),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        self.ranking.close()
