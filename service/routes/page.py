"""The page: its files, and what it asks the service for. None of it is part of the API or its description."""

from __future__ import annotations

from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from service.page import Page
from service.routes.models import list_models
from service.wiring import Wired, reader

router = APIRouter(include_in_schema=False)
shown = APIRouter(prefix="/web", include_in_schema=False, dependencies=[Depends(reader)])

FILES = File(__file__).parents[1] / "web"
_KINDS = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json",
    ".LICENSE": "text/plain", ".md": "text/plain",
}  # fmt: skip
SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Nothing but our own files runs, styles, is fetched or is framed; a browser asks whether it still has the newest of them."""

AsOf = Annotated[str | None, Query(max_length=40)]
TruceRef = Annotated[str, Path(max_length=120)]


def page_of(request: Request) -> Page:
    """The app's page."""
    found: Page = request.app.state.page
    return found


OurPage = Annotated[Page, Depends(page_of)]


@router.get("/")
def index(page: OurPage, later: BackgroundTasks) -> Response:
    """The page itself. Whoever opens it will want charts and the list: both are made ready meanwhile."""
    later.add_task(page.make_ready)
    return _file("index.html")


@router.get("/page/{name:path}")
def file(name: Annotated[str, Path(max_length=120)]) -> Response:
    """One of the page's files."""
    return _file(name)


def _file(name: str) -> Response:
    there = {str(path.relative_to(FILES)): path for path in FILES.rglob("*") if path.is_file()}
    if name not in there:
        raise HTTPException(404, f"the page has no file {name!r}")
    return FileResponse(there[name], media_type=_KINDS.get(there[name].suffix, "text/plain"), headers=SAFE)


@shown.get("/truces")
def ranked(wired: Wired, page: OurPage, as_of: AsOf = None) -> dict[str, Any]:
    """Truces in force by their risk, and those refused with the reason."""
    return page.ranking.at(wired.shelf.model(), as_of)


@shown.get("/truces/{truce_id}")
def one(wired: Wired, page: OurPage, truce_id: TruceRef, as_of: AsOf = None) -> dict[str, Any]:
    """A truce with its forecast at a moment and the charts of it."""
    return page.course.view(wired.shelf.model(), truce_id, as_of)


@shown.get("/truces/{truce_id}/course")
def course(wired: Wired, page: OurPage, truce_id: TruceRef, as_of: AsOf = None) -> dict[str, Any]:
    """The risk of a truce over time, with its events."""
    return page.course.course(wired.shelf.model(), truce_id, as_of)


@shown.get("/scoreboard")
def scoreboard(page: OurPage) -> dict[str, Any]:
    """The scoreboard, with charts of what it scored."""
    return page.board()


@shown.get("/models")
def models(wired: Wired, page: OurPage) -> dict[str, Any]:
    """The model in use with its record, all that were published, and where MLflow is."""
    return {**page.models(), **list_models(wired, 1000, 0)}


router.include_router(shown)
