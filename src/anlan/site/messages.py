"""Page words in two languages without system gettext: collect them, compile them, hand the scripts theirs.

`python -m anlan.site.messages` collects every English msgid of Python, templates and TypeScript into the zh-Hans
catalogue (keeping what is translated) and writes the .mo beside it. English needs no catalogue: a msgid is the text.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
SCRIPTS = PACKAGE.parent.parent / "frontend" / "src"
_SCRIPT_WORD = re.compile(r"""\bt\(\s*'((?:[^'\\]|\\.)*)'""")
_KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


@lru_cache(maxsize=4)
def _script_words(language: str) -> str:
    """JSON of script msgid → words in a language, safe inside a script element; "" when the msgid is the text."""
    file = CATALOGUE.parent / "scripts.json"
    if language.startswith("en") or not file.exists():
        return ""
    return file.read_text("utf-8").replace("<", "\\u003c")


def script_words() -> str:
    """Words of the TypeScript islands in the reader's language."""
    from django.utils.safestring import mark_safe

    return mark_safe(_script_words(get_language() or "en"))  # noqa: S308 - our own catalogue, "<" escaped


def _python() -> Iterator[tuple[str, int, Any, str | None]]:
    from babel.messages.extract import extract

    for file in sorted(PACKAGE.rglob("*.py")):
        with file.open("rb") as source:
            for line, message, _notes, context in extract("python", source, _KEYWORDS, ("Words:",)):
                yield str(file.relative_to(PACKAGE)), line, message, context


def _templates() -> Iterator[tuple[str, int, Any, str | None]]:
    from babel.messages.extract import extract
    from django.utils.translation.template import templatize

    for file in sorted(PACKAGE.rglob("templates/**/*.html")):
        source = BytesIO(templatize(file.read_text("utf-8")).encode())
        for line, message, _notes, context in extract("python", source, _KEYWORDS, ()):
            yield str(file.relative_to(PACKAGE)), line, message, context


def _scripts() -> Iterator[tuple[str, str]]:
    for file in sorted(SCRIPTS.rglob("*.ts")):
        for match in _SCRIPT_WORD.finditer(file.read_text("utf-8")):
            yield str(file.relative_to(SCRIPTS.parent.parent)), match.group(1).replace("\\'", "'")


def gathered() -> tuple[Any, list[str]]:
    """The catalogue brought up to date with the sources, in memory, and the msgids the scripts use."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    catalogue = Catalog(locale="zh_Hans", project="Anlan", charset="utf-8")
    if CATALOGUE.exists():
        with CATALOGUE.open("rb") as file:
            catalogue = read_po(file, locale="zh_Hans")
    template, script_ids = Catalog(), []
    for name, _line, message, context in (*_python(), *_templates()):
        template.add(message, locations=[(name, 0)], context=context)
    for name, message in _scripts():
        template.add(message, locations=[(name, 0)])
        script_ids.append(message)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue, script_ids


def untranslated(catalogue: Any) -> list[str]:
    """The msgids that have no Chinese yet."""
    return [str(m.id) for m in catalogue if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]


def collect() -> list[str]:
    """Write the catalogue anew and compile it; returns the msgids still without Chinese."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    catalogue, script_ids = gathered()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, sort_output=True, include_lineno=False, width=110, omit_header=False)
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    words = {word: catalogue[word].string for word in sorted(set(script_ids)) if catalogue[word].string}
    text = json.dumps(words, ensure_ascii=False, indent=0, sort_keys=True)
    (CATALOGUE.parent / "scripts.json").write_text(text + "\n", "utf-8")
    return untranslated(catalogue)


def main() -> int:
    """Collect and compile; exit 1 and list the msgids that have no Chinese yet."""
    missing = collect()
    sys.stdout.writelines(f"no Chinese yet: {message}\n" for message in missing)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
