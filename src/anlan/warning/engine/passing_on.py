"""From a CAP message of others to what a warning of ours would say (收到的预警转换): hazard, colour, words, times. Pure.

Everything is a proposal for the maker: `told` says in words what was taken from where, and what had to be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from anlan.warning.formats import cap

_CODE: Final = re.compile(r"\d{2}[A-Z]\d{2}")
_GEOCODES: Final = ("gb/t2260", "gb/t10114", "stats12", "gbt2260", "gbt10114", "行政区划")
Pair = dict[str, str]


@dataclass(frozen=True, slots=True)
class PassingOn:
    """The rule pack: words of events by hazard, colours by severity, parameters that name a colour."""

    version: str
    severities: Mapping[str, str]
    unknown: str
    parameters: frozenset[str]
    colours: Mapping[str, tuple[str, ...]]
    hazards: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a message is proposed as. hazard: "" where nothing fits; headline, description, instruction: by language, only
    those it has; codes: divisions it names, as written; told: remarks {zh, en}."""

    hazard: str
    colour: str
    headline: Pair
    description: Pair
    instruction: Pair
    codes: tuple[str, ...]
    begins: datetime | None
    ends: datetime | None
    told: tuple[Pair, ...]


def taken(alert: cap.Alert, pack: PassingOn, hazards: Collection[str]) -> Taken:
    """What `alert` is proposed as; `hazards` are the codes a warning may have."""
    infos = alert.infos
    hazard, how = _hazard(infos, pack, hazards)
    colour, why = _colour(infos, pack)
    words = {name: _words(infos, name) for name in ("headline", "description", "instruction")}
    told = [how, why]
    if not any(words["description"].values()):
        told.append(
            {
                "zh": "该预警没有中文或英文正文，内容取自模板。",
                "en": "It has no text in Chinese or English; ours comes from the packs.",
            }
        )
    return Taken(
        hazard, colour, **words, codes=tuple(dict.fromkeys(_codes(infos))),
        begins=_first(infos, "onset") or _first(infos, "effective"), ends=_last(infos), told=tuple(told),
    )  # fmt: skip


def _hazard(infos: Iterable[cap.Info], pack: PassingOn, hazards: Collection[str]) -> tuple[str, Pair]:
    for info in infos:
        for code in info.event_codes:
            found = _CODE.match(code.value.strip().upper())
            if found is not None and found[0] in hazards:
                return found[0], {"zh": f"种类取自事件编码 {code.name} {code.value}。",
                                  "en": f"The hazard is that of its event code {code.name} {code.value}."}  # fmt: skip
    said = [text for info in infos for text in (info.event, info.headline) if text]
    for text in said:
        for hazard, words in pack.hazards.items():
            if hazard in hazards and any(_has(text.lower(), word) for word in words):
                return hazard, {"zh": f"种类按事件名称“{text[:60]}”推定，请核对。",
                                "en": f"The hazard is guessed from “{text[:60]}”; check it."}  # fmt: skip
    named = said[0][:60] if said else "–"
    return "", {"zh": f"事件“{named}”没有对应的种类，请自选。", "en": f"No hazard of ours fits “{named}”; choose one."}


def _has(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}", text)) if word.isascii() else word in text


def _colour(infos: Iterable[cap.Info], pack: PassingOn) -> tuple[str, Pair]:
    for info in infos:
        for one in info.parameters:
            found = _named(one.value.lower(), pack) if one.name.strip().lower() in pack.parameters else ""
            if found:
                return found, {"zh": f"颜色取自参数 {one.name}“{one.value[:40]}”。",
                               "en": f"The colour is that of its parameter {one.name}, “{one.value[:40]}”."}  # fmt: skip
    ranks = list(pack.severities)
    known = sorted((info.severity for info in infos if info.severity in ranks), key=ranks.index)
    if known:
        return pack.severities[known[0]], {"zh": f"颜色由严重程度 {known[0]} 推定，请核对。",
                                           "en": f"The colour is guessed from the severity {known[0]}; check it."}  # fmt: skip
    return pack.unknown, {
        "zh": "该预警未说明严重程度，颜色须由您确定。",
        "en": "It gives no severity; you must decide the colour.",
    }


def _named(value: str, pack: PassingOn) -> str:
    return next((colour for colour, words in pack.colours.items() if any(word in value for word in words)), "")


def _words(infos: Iterable[cap.Info], name: str) -> Pair:
    """The first text in each of our languages; what is in neither stands for English, for somebody must read it."""
    found: Pair = {}
    for info in infos:
        text = (getattr(info, name) or "").strip()
        language = (info.language or "en-US").lower()
        if text and language.startswith(("zh", "en")):
            found.setdefault(language[:2], text)
    other = next((text for info in infos if (text := (getattr(info, name) or "").strip())), "")
    return found or ({"en": other} if other else {})


def _codes(infos: Iterable[cap.Info]) -> Iterable[str]:
    for info in infos:
        for area in info.areas:
            for one in area.geocodes:
                if one.name.replace(" ", "").lower() in _GEOCODES and one.value.strip().isdigit():
                    yield one.value.strip()


def _first(infos: Iterable[cap.Info], name: str) -> datetime | None:
    found = [at for info in infos if (at := _moment(getattr(info, name))) is not None]
    return min(found, default=None)


def _last(infos: Iterable[cap.Info]) -> datetime | None:
    return max([at for info in infos if (at := _moment(info.expires)) is not None], default=None)


def _moment(text: str | None) -> datetime | None:
    try:
        return cap.instant(text) if text else None
    except ValueError:
        return None
