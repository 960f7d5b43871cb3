from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from tests.training.sources.remote.server import Asked, FakeServer, Says
from training.sources.remote import gdelt
from training.sources.remote.pages import Place
from truce.errors import BadInput, FeedTrouble

STAMPS = [f"202310{day}{hour}00" for day in (16, 17, 18, 19) for hour in ("0000", "1215")]


def export(stamp: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{stamp}.export.CSV"), f"{stamp}\t20231017\n")
    return packed.getvalue()


def line(stamp: str, kind: str = "export.CSV", content: bytes | None = None) -> str:
    content = export(stamp) if content is None else content
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return f"{len(content)} {md5} http://data.gdeltproject.org/gdeltv2/{stamp}.{kind}.zip"


class Api:
    """What GDELT's server has: two lists and the files."""

    def __init__(self, stamps: list[str]) -> None:
        every = [line(s, kind) for s in stamps for kind in ("export.CSV", "mentions.CSV", "gkg.csv")]
        self.files = {f"{stamp}.export.CSV.zip": export(stamp) for stamp in stamps}
        self.files["masterfilelist.txt"] = ("\n".join(every) + "\n").encode()
        self.files["lastupdate.txt"] = ("\n".join(every[-3:]) + "\n").encode()

    def __call__(self, asked: Asked) -> Says:
        folder, _, name = asked.path.rpartition("/")
        return Says(self.files[name]) if folder == "/gdeltv2" and name in self.files else Says(status=404)


def fetched(place: Place, query: str) -> list[str]:
    return [file.name.partition(".")[0] for file in gdelt.fetch(query, place)]


def paths(server: FakeServer) -> list[str]:
    return [asked.path.rpartition("/")[2] for asked in server.log]


def test_two_days_bring_the_exports_that_were_published_in_them_and_nothing_else(
    place: Place, server: FakeServer
) -> None:
    server.answer = Api(STAMPS)
    files = gdelt.fetch("2023-10-17..2023-10-18", place)
    published = ["20231017121500", "20231018000000", "20231018121500", "20231019000000"]
    assert [file.name for file in files] == [f"{stamp}.export.CSV.zip" for stamp in published]
    assert files[0].read_bytes() == export("20231017121500")
    assert sorted(paths(server)) == sorted(["masterfilelist.txt", *(file.name for file in files)])


def test_moments_bound_a_span_as_well(place: Place, server: FakeServer) -> None:
    server.answer = Api(STAMPS)
    assert fetched(place, "2023-10-17T00:00..2023-10-17T12:15Z") == ["20231017121500"]


def test_what_is_there_is_not_asked_for_again_and_the_long_list_neither(place: Place, server: FakeServer) -> None:
    server.answer = Api(STAMPS)
    fetched(place, "2023-10-17..2023-10-17")
    server.log.clear()
    assert fetched(place, "2023-10-17..2023-10-18")[:2] == ["20231017121500", "20231018000000"]
    assert paths(server) == ["20231018121500.export.CSV.zip", "20231019000000.export.CSV.zip"]


def test_a_list_that_ends_too_early_is_asked_for_again(place: Place, server: FakeServer) -> None:
    server.answer = Api(STAMPS[:4])
    assert fetched(place, "2023-10-17..2023-10-19") == ["20231017121500"]
    server.answer = Api(STAMPS)
    assert len(fetched(place, "2023-10-17..2023-10-19")) == 5
    assert paths(server).count("masterfilelist.txt") == 2


def test_the_latest_is_one_file(place: Place, server: FakeServer) -> None:
    server.answer = Api(STAMPS)
    assert fetched(place, "latest") == [STAMPS[-1]]
    assert paths(server) == ["lastupdate.txt", f"{STAMPS[-1]}.export.CSV.zip"]


def test_a_file_that_is_not_what_the_list_says_is_asked_for_twice_and_never_kept(
    place: Place, server: FakeServer
) -> None:
    api = Api(STAMPS)
    spoilt = bytearray(export(STAMPS[-1]))
    spoilt[-1] ^= 1
    api.files[f"{STAMPS[-1]}.export.CSV.zip"] = bytes(spoilt)
    server.answer = api
    with pytest.raises(FeedTrouble, match="is not what its list says"):
        gdelt.fetch("latest", place)
    assert len(server.log) == 3
    assert not list(place.folder.rglob("*.zip"))


def test_a_file_that_was_cut_on_the_disk_is_asked_for_anew(place: Place, server: FakeServer) -> None:
    server.answer = Api(STAMPS)
    (file,) = gdelt.fetch("latest", place)
    file.write_bytes(file.read_bytes()[:-3])
    assert gdelt.fetch("latest", place)[0].read_bytes() == export(STAMPS[-1])


@pytest.mark.parametrize(
    "wrong",
    ["http://host/gdeltv2/20231017121500.export.CSV.zip", "x abc http://host/20231017121500.export.CSV.zip",
     f"12 {'0' * 32} http://host/20231399121500.export.CSV.zip"],
)  # fmt: skip
def test_a_line_that_cannot_be_checked_is_said(place: Place, server: FakeServer, wrong: str) -> None:
    api = Api(STAMPS)
    api.files["lastupdate.txt"] = wrong.encode()
    server.answer = api
    with pytest.raises(FeedTrouble, match="line 1 of GDELT's list"):
        gdelt.fetch("latest", place)


def test_a_list_cannot_lead_out_of_the_folder(place: Place, server: FakeServer) -> None:
    api = Api(STAMPS)
    api.files["lastupdate.txt"] = line("../../20231017121500", content=export("20231017121500")).encode()
    server.answer = api
    (file,) = gdelt.fetch("latest", place)
    assert file == place.folder / "gdelt" / "20231017121500.export.CSV.zip"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("2023-10-17", "is no span of GDELT"),
        ("2023-10-18..2023-10-17", "ends before it begins"),
        ("yesterday..2023-10-17", "'yesterday' is neither"),
        ("2023-10-17..soon", "'soon' is neither"),
        ("2022-01-01..2022-01-02", "GDELT published no export in 2022-01-01"),
    ],
)
def test_a_span_that_cannot_be_is_refused(place: Place, server: FakeServer, query: str, says: str) -> None:
    server.answer = Api(STAMPS)
    with pytest.raises(BadInput, match=says):
        gdelt.fetch(query, place)


def test_the_files_lie_beside_one_another_whatever_was_asked(place: Place, server: FakeServer, tmp_path: Path) -> None:
    server.answer = Api(STAMPS)
    one, two = gdelt.fetch("latest", place), gdelt.fetch("2023-10-18..2023-10-18", place)
    assert {file.parent for file in one + two} == {tmp_path / "feeds" / "gdelt"}
