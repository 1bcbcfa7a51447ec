"""Whole registers as files: complete, masked, marked, written down."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import fastexcel
import pyarrow as pa
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv, parquet

from anlan.kernel.models import Entry
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.engine.mask_columns import masked_names, masked_phones
from anlan.territory.formats.streams import csv_stream
from anlan.territory.models import Unit
from tests.site.ogc_territory import account_make, token_of, units_make

COUNT = 321


@pytest.fixture
def client(db: None) -> Client:
    units_make(COUNT)
    units_make(10, division="410182100", prefix="B")
    token = token_of(account_make(["410181"], roles=("auditor",)))
    return Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})


def body(client: Client, query: str, status: int = 200) -> Any:
    answer = client.get(f"/api/territory/registers/units/download?{query}")
    assert answer.status_code == status, answer.content
    if not answer.streaming:
        return answer.json()
    parts: Iterable[bytes] = answer.streaming_content  # type: ignore[assignment]
    return b"".join(parts)


def rows(data: bytes, form: str) -> list[dict[str, Any]]:
    if form == "csv":
        return list(csv.read_csv(io.BytesIO(data)).to_pylist())
    if form == "parquet":
        return list(parquet.read_table(io.BytesIO(data)).to_pylist())
    if form == "xlsx":
        table = fastexcel.read_excel(data).load_sheet(0).to_arrow()
        return list(pa.table(table).to_pylist())
    return [feature["properties"] for feature in json.loads(data)["features"]]


@pytest.mark.parametrize("form", ["csv", "geojson", "parquet", "xlsx"])
def test_a_file_holds_every_row_of_the_area_once_masked_and_marked(client: Client, form: str) -> None:
    data = body(client, f"format={form}")
    found = rows(data, form)
    assert len(found) == COUNT == len({row["legacy_id"] for row in found})
    assert {row["phone"][3:7] for row in found} == {"****"}
    assert {row["principal"] for row in found} == {"主*"}
    entry = Entry.objects.get(kind="territory.exported")
    assert (entry.data["rows"], entry.data["format"], entry.data["unmasked"]) == (COUNT, form, False)
    assert entry.actor["token"] == "test"
    if form == "parquet":
        assert entry.data["file"] in parquet.read_schema(io.BytesIO(data)).metadata[b"watermark"].decode()
    elif form != "xlsx":
        assert f"reader（test） {entry.at.astimezone():%Y}"[:12] in data.decode("utf-8-sig")
        assert entry.data["file"] in data.decode("utf-8-sig")
    else:
        assert any(entry.data["file"] in str(name) for name in found[0])


def test_filters_and_columns_are_those_of_the_list(client: Client) -> None:
    found = rows(body(client, "format=csv&industry=C&columns=name,industry"), "csv")
    assert {row["industry"] for row in found} == {"C13"}
    assert len(found) == Unit.objects.filter(division__startswith="410181", industry="C13").count()
    assert Entry.objects.get(kind="territory.exported").data["where"] == {"industry": "C"}
    assert body(client, "columns=citizen", 422)["field"] == "columns"
    assert body(client, "format=pdf", 422)["code"] == "request.invalid"


def test_names_in_full_need_the_right_and_a_reason(client: Client) -> None:
    assert body(client, "unmasked=true", 422)["field"] == "reason"
    data = body(client, "unmasked=true&reason=核对联系方式&format=csv")
    assert {row["principal"] for row in rows(data, "csv")} == {"主要负责人"}
    entry = Entry.objects.get(kind="territory.exported")
    assert (entry.data["unmasked"], entry.data["reason"]) == (True, "核对联系方式")
    token = token_of(account_make(["410181"], "plain"), ["territory.read"])
    refused = client.get("/api/territory/registers/units/download", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    token = token_of(account_make(["410181"], "bulk", ("auditor",)), ["territory.bulk"])
    refused = client.get(
        "/api/territory/registers/units/download?unmasked=true&reason=核对联系方式",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert refused.status_code == 403, "the token has no right to personal data"


def test_what_a_spreadsheet_would_run_is_disarmed() -> None:
    names = ["=1+1", "@SUM(A1)", "-", "+8613800000000", "-5", "+cmd", "plain", None]
    batch = pa.RecordBatch.from_arrays([pa.array(names)], names=["name"])
    text = b"".join(csv_stream(batch.schema, [batch], "mark", "")).decode("utf-8-sig")
    cells = [row["name"] for row in csv.read_csv(io.BytesIO(text.encode())).to_pylist()]
    assert cells == ["'=1+1", "'@SUM(A1)", "-", "+8613800000000", "-5", "'+cmd", "plain", ""]


@given(st.lists(st.none() | st.text(max_size=12), max_size=8))
def test_columns_are_masked_as_single_values_are(values: list[str | None]) -> None:
    column = pa.array(values, pa.string())
    assert masked_phones(column).to_pylist() == [None if v is None else mask_phone(v) for v in values]
    assert masked_names(column).to_pylist() == [None if v is None else mask_name(v) if v else v for v in values]
