"""The numerals of levels on papers: in the face of the text around them, a square each, not another face's."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from anlan.response.formats.font_numerals import NUMERALS
from anlan.response.formats.fonts import OPEN, Face


@pytest.mark.parametrize("face", OPEN, ids=lambda face: face.family)
def test_each_face_writes_them_with_its_own_capitals(fonts: list[Path], face: Face) -> None:
    font = TTFont(fonts[-1] / f"{face.family.replace(' ', '')}.ttf")
    known, shapes, square = font.getBestCmap(), font["glyf"], font["head"].unitsPerEm
    for code, letters in NUMERALS.items():
        glyph = shapes[known[code]]
        assert [part.glyphName for part in glyph.components] == [known[ord(letter)] for letter in letters]
        assert font["hmtx"][known[code]][0] == square == font["hmtx"][known[ord("级")]][0]
        assert glyph.xMin >= 0
        assert glyph.xMax <= square
        middle = (glyph.xMin + glyph.xMax) / 2
        assert middle == pytest.approx(square / 2, abs=square / 50)
        starts = [part.x for part in glyph.components]
        assert starts == sorted(set(starts)), "one letter after the other"
