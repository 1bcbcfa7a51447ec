"""Files in: every format and encoding into the same columns of text; hostile and broken ones refused in words."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from anlan.kernel.problem import Invalid
from anlan.territory.engine.mapping import guess, missing
from anlan.territory.formats import csv, excel, excel_peek, geojson
from anlan.territory.formats import parquet as parquet_in
from anlan.territory.formats.tables import MOST_COLUMNS, format_of
from anlan.territory.sources.home import open_columns
from anlan.territory.sources.place_columns import attribute_headings, template
from anlan.territory.sources.reading import about_of, read_file
from anlan.territory.sources.registers import register, registers

HEAD = ["统一社会信用代码", "单位名称", "行政区划代码"]
ROWS = [["91410182MAANLAN12H", "甲，“乙”\n丙", "410182109000"], ["91371702MAANL0A20H", None, "371702001000"]]


def workbook(path: Path, rows: list[list[Any]], *, start: int = 0, shared: bool = True) -> Path:
    book = xlsxwriter.Workbook(path, {"constant_memory": not shared})
    sheet = book.add_worksheet("台账")
    for place, row in enumerate(rows, start=start):
        for at, cell in enumerate(row):
            if cell is not None:
                sheet.write(place, at, cell)
    book.close()
    return path


def cells(batches: Any) -> list[list[str | None]]:
    return [list(row.values()) for batch in batches for row in batch.to_pylist()]


def through(path: Path, kind: str, tmp_path: Path, **options: Any) -> tuple[dict[str, Any], list[list[str | None]]]:
    out = tmp_path / "out.arrow"
    read_file(path, out, register="units", kind=kind, options=options, memory_mb=2048)
    found = open_columns(out)
    assert found is not None
    return about_of(found), cells(found.get_batch(place) for place in range(found.num_record_batches))


@pytest.mark.parametrize("shared", [True, False])
def test_excel_rows_count_as_in_excel(tmp_path: Path, shared: bool) -> None:
    path = workbook(tmp_path / "a.xlsx", [["某市台账"], HEAD, *ROWS, [None], ["x", "丁", "1"]], start=2, shared=shared)
    about, rows = through(path, "xlsx", tmp_path)
    assert about == {"header": HEAD, "header_row": 4, "first_row": 5, "sheet": "台账"}
    assert rows == [*ROWS, [None] * 3, ["x", "丁", "1"]]
    seen = excel_peek.peek(path)
    assert seen is not None
    assert seen[1] == ["台账"]
    assert seen[0][3] == HEAD
    assert seen[0][4] == ROWS[0]


def test_numbers_of_a_workbook_come_as_they_were_typed(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [[*HEAD, "经度"], ["甲", 410182109000, 371702001000, 115.48054], [1e-7, True, 45296.0, 0.1]],
    )
    _, rows = through(path, "xlsx", tmp_path)
    assert rows == [["甲", "410182109000", "371702001000", "115.48054"], ["0.0000001", "true", "45296", "0.1"]]


@pytest.mark.parametrize(
    ("encoding", "sign"), [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", ","), ("gb18030", "\t"), ("utf-16", ",")]
)
def test_csv_in_any_encoding(tmp_path: Path, encoding: str, sign: str) -> None:
    lines = [
        sign.join(HEAD),
        sign.join(["91410182MAANLAN12H", '"甲，“乙”\n丙"', "410182109000"]),
        sign.join(["91371702MAANL0A20H", "", "371702001000"]),
    ]
    path = tmp_path / "a.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    about, rows = through(path, "csv", tmp_path)
    assert about["header"] == HEAD
    assert rows == ROWS


def test_a_large_csv_is_told_by_its_whole_length(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("a,b\n" + "1,2\n" * 800_000).encode() + "3,单位\n".encode("gb18030"))
    assert csv.encoding_of(path) == "gb18030"


def test_a_csv_row_that_is_too_wide_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n1,2,3\n" * 60)
    with pytest.raises(Invalid) as refusal:
        cells(csv.read(path).batches)
    assert (refusal.value.code, refusal.value.value) == ("file.row_width", 3)


def test_parquet_and_geojson(tmp_path: Path) -> None:
    table = pa.table(
        {HEAD[0]: [row[0] for row in ROWS], "经度": [113.5, None], "成立日期": pa.array([0, None], pa.date32())}
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    found = parquet_in.read(tmp_path / "a.parquet")
    assert found.names == table.schema.names
    assert cells(found.batches) == [["91410182MAANLAN12H", "113.5", "1970-01-01"], ["91371702MAANL0A20H", None, None]]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [113.5, 34.5]},
            "properties": {"名称": "甲", "n": 1},
        },
        {"type": "Feature", "geometry": None, "properties": {"名称": "乙", "n": None}},
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (tmp_path / "a.geojson").write_text(body)
    read = geojson.read(tmp_path / "a.geojson")
    assert read.names == ["名称", "n", "lon", "lat"]
    assert cells(read.batches) == [["甲", "1", "113.5", "34.5"], ["乙", None, None, None]]
    (tmp_path / "b.geojson").write_text(body[:-30])
    with pytest.raises(Invalid):
        cells(geojson.read(tmp_path / "b.geojson").batches)


def test_geojson_is_read_piece_by_piece(tmp_path: Path) -> None:
    feature = '{"type":"Feature","geometry":{"type":"Point","coordinates":[113.5,34.5]},"properties":{"n":"%s"}}'
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[\n' + ",\n".join(feature % ("x" * 90) for _ in range(20_000)) + "]}"
    )
    assert sum(batch.num_rows for batch in geojson.read(path).batches) == 20_000


def test_a_geopackage_is_read_where_gdal_is_and_refused_where_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = {"type": "Point", "coordinates": [113.5, 34.5]}
    feature = {"type": "Feature", "geometry": point, "properties": {"名称": "甲", "区划": "410182109000"}}
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    if shutil.which("ogr2ogr"):
        subprocess.run(["ogr2ogr", "-f", "GPKG", tmp_path / "a.gpkg", tmp_path / "a.geojson"], check=True)
        about, rows = through(tmp_path / "a.gpkg", "gpkg", tmp_path)
        assert dict(zip(about["header"], rows[0], strict=True)) == {
            "名称": "甲", "区划": "410182109000", "lon": "113.5", "lat": "34.5",
        }  # fmt: skip
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Invalid) as refusal:
        through(tmp_path / "a.gpkg", "gpkg", tmp_path)
    assert refusal.value.code == "file.no_gdal"


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(300):
            part.write(b"0" * 1024**2)
    with pytest.raises(Invalid) as refusal:
        excel.read(path)
    assert refusal.value.code == "file.bomb"


def test_a_sheet_that_claims_to_be_huge_takes_no_memory_of_ours(tmp_path: Path) -> None:
    """A cell in the last corner makes readers lay out the whole grid; the reader's own process runs out, not ours."""
    path = workbook(tmp_path / "a.xlsx", [HEAD])
    body = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(body) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename.endswith("sheet1.xml"):
                data = data.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            new.writestr(item, data)
    with pytest.raises(Invalid) as refusal:
        read_file(path, tmp_path / "o", register="units", kind="xlsx", options={}, memory_mb=1024)
    assert refusal.value.code in ("file.memory", "file.wide", "file.broken")


def test_broken_and_foreign_files_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(Invalid):
        excel.read(path)
    (tmp_path / "a.parquet").write_bytes(b"PAR1xxxx")
    with pytest.raises(Invalid):
        parquet_in.read(tmp_path / "a.parquet")
    with pytest.raises(Invalid):
        format_of("a.pdf")
    wide = tmp_path / "w.csv"
    wide.write_text(",".join("x" for _ in range(MOST_COLUMNS + 1)))
    with pytest.raises(Invalid) as refusal:
        csv.read(wide)
    assert refusal.value.code == "file.wide"
    with pytest.raises(Invalid) as refusal:
        excel.read(workbook(tmp_path / "s.xlsx", [HEAD]), sheet="没有")
    assert refusal.value.code == "file.sheet"


@pytest.mark.parametrize("name", [found.name for found in registers()])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_templates_open_and_their_headings_are_known(tmp_path: Path, name: str, language: str) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(template(register(name), language))
    reader = fastexcel.read_excel(path)
    assert len(reader.sheet_names) == 2
    found = excel.read(path)
    header = [text for text in cells(found.batches)[0] if text]
    mapping = {
        heading: guessed.field for heading, guessed in guess(register(name), header, attribute_headings(name)).items()
    }
    assert all(mapping.values())
    assert missing(register(name), mapping) == []
