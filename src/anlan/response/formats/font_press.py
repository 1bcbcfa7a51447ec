"""Whole font files out of the pieces web packages come in: one weight, one family name, no layout tables.

Typst reads neither WOFF2 nor a font cut into a hundred pieces. Papers set square characters on a grid, so no ligatures
or kerning are lost that they would use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.varLib import instancer

from anlan.response.formats.font_numerals import numerals_made

KEPT: Final = ("head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name", "post")
LAID_OUT: Final = ("GSUB", "GPOS", "GDEF", "BASE", "HVAR", "VVAR", "MVAR", "STAT")
NOTHING: Final = ".notdef"


def press(pieces: Sequence[Path], *, family: str, weight: int, dest: Path) -> int:
    """Write one TrueType font of `family` at `weight` (of the axis `wght`, where the pieces have one) to `dest`.

    Of a character found in several pieces the first counts. Returns how many characters it has. Raises ValueError when
    there are no pieces, fontTools' own errors for files that are no fonts.
    """
    if not pieces:
        raise ValueError(f"no pieces of the font {family}")
    glyphs: dict[str, Any] = {}
    metrics: dict[str, tuple[int, int]] = {}
    characters: dict[int, str] = {}
    whole = None
    for number, path in enumerate(pieces):
        font = _piece(path, weight)
        names = {name: name if name == NOTHING else f"{number}.{name}" for name in font.getGlyphOrder()}
        for name, renamed in names.items():
            glyph = font["glyf"][name]
            if glyph.isComposite():
                for part in glyph.components:
                    part.glyphName = names[part.glyphName]
            glyphs.setdefault(renamed, glyph)
            metrics.setdefault(renamed, font["hmtx"][name])
        for code, name in font.getBestCmap().items():
            characters.setdefault(code, names[name])
        whole = whole or font
    numerals_made(glyphs, metrics, characters, int(whole["head"].unitsPerEm) if whole is not None else 1000)
    _write(whole, glyphs, metrics, characters, family, dest)
    return len(characters)


def _piece(path: Path, weight: int) -> Any:
    font = TTFont(path, recalcTimestamp=False)
    if "fvar" in font:
        for tag in LAID_OUT:
            if tag in font:
                del font[tag]
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True, optimize=False)
    return font


def _used(glyphs: Mapping[str, Any], characters: Mapping[int, str]) -> list[str]:
    """The glyphs that characters need, with the parts they are made of, in the order they came."""
    used, open_ = set(characters.values()), list(characters.values())
    while open_:
        glyph = glyphs[open_.pop()]
        if glyph.isComposite():
            new = {part.glyphName for part in glyph.components} - used
            used |= new
            open_ += new
    return [NOTHING, *(name for name in glyphs if name in used and name != NOTHING)]


def _write(
    font: Any,
    glyphs: Mapping[str, Any],
    metrics: Mapping[str, tuple[int, int]],
    characters: Mapping[int, str],
    family: str,
    dest: Path,
) -> None:
    for tag in [tag for tag in font.keys() if tag not in KEPT and tag != "GlyphOrder"]:  # noqa: SIM118 - no dict
        del font[tag]
    order = _used(glyphs, characters)
    font.setGlyphOrder(order)
    font["glyf"].glyphs = {name: glyphs[name] for name in order}
    font["glyf"].glyphOrder = order
    font["hmtx"].metrics = {name: metrics[name] for name in order}
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, dict(characters)
    font["cmap"].tables = [table]
    font["post"].formatType = 3.0
    font["name"].names = []
    for key, words in ((1, family), (2, "Regular"), (4, family), (6, family.replace(" ", ""))):
        font["name"].setName(words, key, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 400
    font["maxp"].numGlyphs = len(order)
    font.flavor = None
    font.save(dest)
