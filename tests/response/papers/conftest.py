"""The open fonts for the layout tests: of the hundred pieces of each only those pressed that the samples have characters of."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from anlan.response.engine.paper import facts
from anlan.response.formats.fonts import FILES, OPEN, Face, built_folder, paper_folders
from tests.response.papers.samples import card, flash, notice

ALWAYS = "0123456789—〔〕第期号签发人：附件抄送印发（）、。，一二三四五六七八九十"


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    built, home = built_folder(), tmp_path_factory.mktemp("fonts")
    assert built.is_dir(), "the front end is not built: ./anlan builds it, or npm ci && npm run build in frontend/"
    paper = notice(blocks=(*notice().blocks, card(), card("水库值守员"), card("地铁值班站长")))
    wanted = {ord(c) for text in (*facts(paper), *facts(flash()), ALWAYS) for c in text}
    for name in FILES:
        (home / name).symlink_to(built / name)
    for face in OPEN:
        _some(built, home, face, wanted)
    return paper_folders(make=True, own="", built=home)


def _some(built: Path, home: Path, face: Face, wanted: set[int]) -> None:
    """Link the pieces that add characters not found before."""
    (home / face.pieces).mkdir(exist_ok=True)
    left = set(wanted)
    for path in sorted((built / face.pieces).glob("*.woff2")):
        own = set(TTFont(path, lazy=True).getBestCmap())
        link = home / face.pieces / path.name
        if left & own and not link.exists():
            link.symlink_to(path)
        left -= own
