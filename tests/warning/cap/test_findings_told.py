"""Every code the package uses has its words, and every code with words is used."""

from __future__ import annotations

import re
from pathlib import Path

from anlan.warning.formats import cap
from anlan.warning.formats.cap.wording import KINDS

FOLDER = Path(cap.__file__).parent


def test_every_code_in_the_sources_is_in_the_table_and_the_other_way_round() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.py") if path.name != "wording.py")
    used = {code for code in KINDS if f'"{code}"' in sources}
    assert set(KINDS) - used == set()
    named = set(re.findall(r'(?:finding|tell)\(\s*"(\w+)"', sources))
    assert named - set(KINDS) == set()
    assert len(named) > 50
