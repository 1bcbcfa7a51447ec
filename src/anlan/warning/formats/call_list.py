"""The printed call list (叫应名单): who is to be called by hand, with room to write the answer. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from html import escape

HEADS = {
    "place": ("区划", "Division"), "post": ("岗位", "Post"), "name": ("姓名", "Name"), "phone": ("电话", "Telephone"),
    "holder": ("角色", "Holder"), "state": ("状态", "State"),
}  # fmt: skip
STYLE = """body{font:11pt/1.4 sans-serif;margin:1.5cm}h1{font-size:15pt}table{border-collapse:collapse;width:100%}
td,th{border:1px solid #444;padding:3px 6px;text-align:left}td.w{width:18%}thead{display:table-header-group}
tr{break-inside:avoid}@page{size:A4 landscape}"""


@dataclass(frozen=True, slots=True)
class Row:
    """One person to call."""

    place: str
    post: str
    name: str
    phone: str
    holder: str
    state: str


def call_list_csv(rows: Sequence[Row]) -> bytes:
    """UTF-8 with a mark, so that spreadsheets read it; a cell that would be a formula is defused."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([f"{zh} {en}" for zh, en in HEADS.values()] + ["回应 Answer", "时间 Time"])
    for row in rows:
        writer.writerow([_safe(str(getattr(row, field.name))) for field in fields(Row)] + ["", ""])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(cell: str) -> str:
    return "'" + cell if cell[:1] in "=+-@\t\r" else cell


def call_list_html(title: str, script: str, rows: Sequence[Row]) -> bytes:
    """A page to print: the words to say, then the list with room for answer and time."""
    heads = "".join(f"<th>{zh} {en}</th>" for zh, en in HEADS.values()) + "<th>回应 Answer</th><th>时间 Time</th>"
    body = "".join(
        "<tr>"
        + "".join(f"<td>{escape(str(getattr(row, field.name)))}</td>" for field in fields(Row))
        + '<td class="w"></td><td class="w"></td></tr>'
        for row in rows
    )
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<h1>{escape(title)}</h1><p>{escape(script)}</p><p>{len(rows)} 人 people</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></html>"
    ).encode()
