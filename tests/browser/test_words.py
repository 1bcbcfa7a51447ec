"""Every word of every page in both languages, and the compiled catalogue is the written one."""

from __future__ import annotations

import gettext
import json

from anlan.site import messages


def test_every_word_has_its_chinese() -> None:
    catalogue, scripts = messages.gathered()
    assert len(scripts) > 80
    assert messages.untranslated(catalogue) == [], "run python -m anlan.site.messages and translate"


def test_what_is_shipped_is_what_was_translated() -> None:
    catalogue, scripts = messages.gathered()
    with messages.CATALOGUE.with_suffix(".mo").open("rb") as file:
        shipped = gettext.GNUTranslations(file)
    for message in catalogue:
        if message.id and not message.context and isinstance(message.id, str):
            assert shipped.gettext(message.id) == message.string, message.id
    words = json.loads((messages.CATALOGUE.parent / "scripts.json").read_text("utf-8"))
    assert set(words) == set(scripts)
