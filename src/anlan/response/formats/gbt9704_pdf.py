"""A paper as PDF: Chinese in the layout of GB/T 9704-2012, English plain. Set by typst."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import typst

from anlan.response.engine.paper import Card, Line, Paper, Table, lines
from anlan.response.engine.paper_bounds import settled
from anlan.response.engine.paper_shape import column_shares, signature_indents, title_lines, width
from anlan.response.formats.fonts import FACES
from anlan.territory.engine.qr import qr_matrix

HERE = Path(__file__).parent
TEMPLATES = {"zh": HERE / "gbt9704.typ", "en": HERE / "paper_en.typ"}
CARDS = HERE / "paper_cards.typ"
LATIN = "Libertinus Serif"  # typst's own


def paper_pdf(paper: Paper, *, fonts: Sequence[Path]) -> bytes:
    """Return the paper as PDF. Any text is taken: what can't be printed is left out. Raises typst's own error only when a
    font folder is bad."""
    template, inputs = _job(paper)
    return bytes(typst.compile(template, font_paths=[str(path) for path in fonts], ignore_system_fonts=True,
                               sys_inputs=inputs, format="pdf"))  # fmt: skip


def paper_pictures(paper: Paper, *, fonts: Sequence[Path], dpi: float = 96.0) -> list[bytes]:
    """Return the paper as pictures (PNG), one a page."""
    template, inputs = _job(paper)
    found: Any = typst.compile(template, font_paths=[str(path) for path in fonts], ignore_system_fonts=True,
                               sys_inputs=inputs, format="png", ppi=dpi)  # fmt: skip
    return [bytes(page) for page in found] if isinstance(found, list) else [bytes(found)]


def _job(paper: Paper) -> tuple[str, dict[str, str]]:
    whole = settled(paper)
    template = CARDS if whole.form == "cards" else TEMPLATES[whole.language]
    return str(template), {"paper": json.dumps(_inputs(whole), ensure_ascii=False)}


def _with_numerals(name: str, families: Sequence[str]) -> list[str]:
    """The families of a face; before the sans-serif ones that stand in, typst's own, for what a bureau's face may lack: the
    numerals Ⅰ to Ⅳ among others."""
    if name == "hei":
        return list(families)
    own = [family for family in families if not family.startswith(("Noto Sans", "Source Han Sans"))]
    return [*own, LATIN, *families[len(own) :]]


def _inputs(paper: Paper) -> dict[str, Any]:
    printed = lines(paper)
    said = {line.role: line.text for line in printed}
    faces: Mapping[str, Sequence[str]] = FACES
    return {
        "form": paper.form,
        "language": paper.language,
        "title_lines": title_lines(said.get("title", "")),
        "corner": len({"copy_no", "secrecy", "urgency"} & said.keys()),
        "lines": [_line(line) for line in printed],
        "faces": {name: _with_numerals(name, families) for name, families in faces.items()}
        | {"latin": [LATIN, *faces["body"]]},
        "organ_width": width(said.get("organ", "")),
        "indents": signature_indents(said.get("signed_by", ""), said.get("dated", "")),
        "seal": paper.seal,
        "drill": paper.drill,
    }


def _line(line: Line) -> dict[str, Any]:
    block = msgspec.to_builtins(line.block) if line.block is not None else None
    if isinstance(line.block, Card) and block is not None:
        block["qr"] = qr_svg(line.block.address) if line.block.address else ""
    elif isinstance(line.block, Table) and block is not None:
        block["shares"] = column_shares(line.block)
    return {"role": line.role, "text": line.text, "block": block}


def qr_svg(text: str) -> str:
    """Return a text as QR code in SVG with its quiet zone; "" when it is longer than a code holds."""
    try:
        matrix = qr_matrix(text)
    except ValueError:
        return ""
    side = len(matrix) + 8
    dark = "".join(f"M{x + 4} {y + 4}h1v1h-1z" for y, row in enumerate(matrix) for x, on in enumerate(row) if on)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{dark}" fill="#000"/></svg>'
    )
