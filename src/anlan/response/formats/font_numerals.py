"""The numerals Ⅰ to Ⅻ of a pressed face, put together from its own capitals I, V and X.

The open Chinese faces that stand in on papers lack them; another face's look slight beside the characters, most of all in a
title. As in Chinese faces each stands in a whole square, its letters joined at the serifs.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

NUMERALS: Final = {
    0x2160 + n: letters
    for n, letters in enumerate(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"))
}
WIDEST = 0.92  # of the square, the rest is air
JOINED = 0.20  # how far an I runs into the next letter, of its own width: its serif
APART = 0.10  # of the square, between letters without serifs
THIN = 0.16  # of the square: an I narrower than this has none


def numerals_made(
    glyphs: MutableMapping[str, Any],
    metrics: MutableMapping[str, tuple[int, int]],
    characters: MutableMapping[int, str],
    square: int,
) -> None:
    """Add the numerals that `characters` lacks, each from the capitals it is written with; nothing where those lack."""
    if any(ord(letter) not in characters for letter in "IVX"):
        return
    capitals = {letter: characters[ord(letter)] for letter in "IVX"}
    for name in capitals.values():
        glyphs[name].recalcBounds(glyphs)
    for code, letters in NUMERALS.items():
        if code in characters:
            continue
        name = f"numeral.{code:04x}"
        glyphs[name], left = _written([capitals[letter] for letter in letters], glyphs, capitals["I"], square)
        metrics[name], characters[code] = (square, left), name


def _written(names: Sequence[str], glyphs: Mapping[str, Any], one: str, square: int) -> tuple[Glyph, int]:
    """A composite glyph of these, in the middle of the square, and where its ink begins."""
    stroke = glyphs[one].xMax - glyphs[one].xMin
    gap = square * APART if stroke < square * THIN else -stroke * JOINED
    wide = [glyphs[name].xMax - glyphs[name].xMin for name in names]
    total = sum(wide) + gap * (len(names) - 1)
    scale = min(1.0, square * WIDEST / total)
    at = left = (square - total * scale) / 2
    made = Glyph()
    made.numberOfContours, made.components = -1, []
    for name, width in zip(names, wide, strict=True):
        part = GlyphComponent()
        part.glyphName, part.flags = name, 0x0004
        part.x, part.y = round(at - glyphs[name].xMin * scale), 0
        if scale < 1:
            part.transform = ((scale, 0.0), (0.0, 1.0))
        made.components.append(part)
        at += (width + gap) * scale
    made.recalcBounds(glyphs)
    return made, round(left)
