from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.training.rollup.gdelt_rows import ROW, line, write
from training.reading.records import Reject
from training.rollup.staging import Layout, Staged, stage
from training.sources import gdelt, icews, polecat
from truce.errors import WrongFile

LAYOUT = gdelt.FEED.layout


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def rows_of(staged: Staged) -> list[tuple[str, int, str]]:
    return [
        (row["file"], row["line"], row["GLOBALEVENTID"])
        for part in staged.parts
        for row in pq.ParquetFile(part).read().to_pylist()
    ]


def test_every_row_keeps_its_line_whatever_stands_between(tmp_path: Path, scratch: Path) -> None:
    lines = [line(GLOBALEVENTID="1"), "", "too\tshort", line(GLOBALEVENTID="2"), line(GLOBALEVENTID="3") + "\tmore"]
    file = write(tmp_path / "a.export.CSV", [*lines, line(GLOBALEVENTID="4")])
    staged = stage([file], LAYOUT, scratch)
    assert rows_of(staged) == [("a.export.CSV", 1, "1"), ("a.export.CSV", 4, "2"), ("a.export.CSV", 6, "4")]
    assert staged.rejects == [
        Reject(3, "2 columns where the file has 61", "a.export.CSV"),
        Reject(5, "62 columns where the file has 61", "a.export.CSV"),
    ]


def test_lines_are_right_across_the_blocks_that_are_read_at_once(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.rollup.staging._BLOCK", 1000)
    lines = [line(GLOBALEVENTID=str(n)) if n % 7 else "broken" for n in range(1, 200)]
    staged = stage([write(tmp_path / "a.csv", lines)], LAYOUT, scratch)
    assert [(number, int(name)) for _, number, name in rows_of(staged)] == [(n, n) for n in range(1, 200) if n % 7]
    assert [reject.line for reject in staged.rejects] == [n for n in range(1, 200) if not n % 7]


def test_plain_gz_and_zip_hold_the_same(tmp_path: Path, scratch: Path) -> None:
    text = f"{line()}\r\n{line(GLOBALEVENTID='2', Actor1Name='A' + chr(13) + 'B')}\r\n".encode()
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "a.export.CSV.zip", "w") as archive:
        archive.writestr("a.export.CSV", text)
    staged = stage(sorted(tmp_path.glob("a.*")), LAYOUT, scratch)
    assert [name for _, _, name in rows_of(staged)] == ["1", "2"] * 3
    assert staged.rejects == []


def test_a_quote_is_a_letter_like_any_other(tmp_path: Path, scratch: Path) -> None:
    file = write(tmp_path / "a.csv", [line(Actor1Name='"OPEN'), line(GLOBALEVENTID="2")])
    assert len(rows_of(stage([file], LAYOUT, scratch))) == 2


def test_files_that_are_none_of_the_feed_are_refused_whole(tmp_path: Path, scratch: Path) -> None:
    whole = gzip.compress("".join(f"{line(GLOBALEVENTID=str(n))}\n" for n in range(2000)).encode())
    cases = {
        "short.gz": (whole[: len(whole) // 2], "cut short or damaged"),
        "no.zip": (b"PK\x03\x04 and nothing", "not a whole zip"),
        "empty.csv": (b"", "is empty"),
        "two.csv": (b"a\tb\nc\td\n", "has 2 columns set apart by tabs, where GDELT 2.0 has 61"),
        "comma.csv": (b"a,b,c\n1,2,3\n", "has 1 columns set apart by tabs"),
        "no.parquet": (b"PAR1 and nothing", "cannot be read as a table"),
    }
    for name, (content, reason) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WrongFile, match=reason):
            stage([tmp_path / name], LAYOUT, scratch)


def test_a_table_without_the_columns_or_with_codes_that_lost_their_zeros_is_refused(
    tmp_path: Path, scratch: Path
) -> None:
    good = {column: [value] for column, value in ROW.items()}
    for name, table, reason in (
        ("without", {"SQLDATE": ["20200301"]}, "has no column GLOBALEVENTID"),
        ("numbers", {**good, "EventCode": [42]}, "lost its leading zeros"),
    ):
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
        with pytest.raises(WrongFile, match=reason):
            stage([tmp_path / f"{name}.parquet"], LAYOUT, scratch)
    pq.write_table(pa.table(good), tmp_path / "good.parquet")
    packed = tmp_path / "good.parquet.gz"
    packed.write_bytes(gzip.compress((tmp_path / "good.parquet").read_bytes()))
    staged = stage([tmp_path / "good.parquet", packed], LAYOUT, scratch)
    assert staged.parquet[0] == tmp_path / "good.parquet"
    assert staged.parquet[1].parent == scratch


@pytest.mark.parametrize("width", [61, 58, 57])
def test_gdelt_of_both_ages_is_known_by_its_width(width: int) -> None:
    found = LAYOUT.named(width, [])
    assert found is not None
    names, has_header = found
    assert (len(names), has_header) == (width, False)
    assert names[-1] == ("SOURCEURL" if width > 57 else "DATEADDED")
    assert LAYOUT.named(width + 2, []) is None


@pytest.mark.parametrize(
    ("layout", "columns"), [(polecat.FEED.layout, polecat.COLUMNS), (icews.FEED.layout, icews.WANTED)]
)
def test_a_feed_with_a_header_is_known_by_it(layout: Layout, columns: tuple[str, ...]) -> None:
    header = [*columns, *["more"] * (20 - len(columns))]
    found = layout.named(len(header), header)
    assert found is not None
    assert found[1]
    assert layout.named(len(header), ["x"] * len(header)) is None


def test_a_polecat_release_whose_header_is_longer_than_its_rows_is_read_by_its_rows() -> None:
    header = [*polecat.COLUMNS[:3], "Headline", *polecat.COLUMNS[3:]]
    assert polecat.FEED.layout.named(40, header) == ([*polecat.COLUMNS], True)
    padded = polecat.FEED.layout.named(42, [*polecat.COLUMNS, "", ""])
    assert padded is not None
    assert padded[0][:40] == [*polecat.COLUMNS]
