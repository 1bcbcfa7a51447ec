"""The words of a warning where the issuer gives none: plain, from the packs, for the issuer to better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anlan.territory.selectors import division_names
from anlan.warning import choices, rules
from anlan.warning.engine.wording import sentence
from anlan.warning.services.values import Texts


def compose(hazard: str, colour: str, area: Sequence[str], why: Mapping[str, str] | None = None) -> Texts:
    """Headline, description and instruction for this hazard, colour and area; `why` {zh, en} says what was seen."""
    names = list(division_names(area).values())
    zh, en = "、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names)
    kind, mark = choices.HAZARDS[hazard], choices.COLOURS[colour]
    what = sentence(rules.instructions(), hazard, colour, "public") or {"zh": "", "en": ""}
    seen = why or {}
    return Texts(
        headline_zh=f"{zh}{kind.zh}{mark.zh}预警",
        headline_en=f"{mark.en} {kind.en.lower()} warning for {en}",
        description_zh=seen.get("zh") or f"{zh}已达或将达{kind.zh}{mark.zh}预警标准，并可能持续。",
        description_en=seen.get("en")
        or f"{kind.en} at {mark.en.lower()} level has been or will be reached in {en}, and may go on.",
        instruction_zh=what["zh"],
        instruction_en=what["en"],
    )
