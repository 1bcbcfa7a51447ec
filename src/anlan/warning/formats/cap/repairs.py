"""Recording mode: what can be put right without guessing is put right, each repair told as a finding. Pure.

The finding keeps the code of the rule that was broken, so that strict and recording mode speak of the same thing; its
`repair` says what was done. The caller keeps the original bytes.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from anlan.warning.formats.cap import geometry, instants, rules_info, structure
from anlan.warning.formats.cap.values import Alert, Area, Finding, Info, Resource
from anlan.warning.formats.cap.wording import finding

_FRACTION: Final = re.compile(r"[.,]\d+(?=Z|[+-]\d\d:?\d\d\Z|\Z)")
_SHORT_OFFSET: Final = re.compile(r"([+-]\d\d)(\d\d)?\Z")
_BRACKETS: Final = str.maketrans("()[]{};\n\t\r", " " * 10)
_LOOSE_COMMA: Final = re.compile(r" ?, ?")
_BLANKS: Final = re.compile(r"\s\s+")
_LONGEST_RING: Final = 2_000_000
_DIGITS: Final = 9  # of a shifted longitude: a tenth of a millimetre, far finer than anything measured
_CLOSED: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("urgency", structure.URGENCIES), ("severity", structure.SEVERITIES), ("certainty", structure.CERTAINTIES),
)  # fmt: skip


def mend(alert: Alert) -> tuple[Alert, list[Finding]]:
    """The message with what can be put right put right, and a finding for each repair."""
    told: list[Finding] = []
    changes: dict[str, Any] = {"sent": _time(alert.sent, "/alert/sent", told)}
    for field, name, allowed in (
        ("status", "status", structure.STATUSES), ("msg_type", "msgType", structure.MSG_TYPES),
        ("scope", "scope", structure.SCOPES),
    ):  # fmt: skip
        changes[field] = _word(getattr(alert, field), allowed, f"/alert/{name}", told)
    changes["infos"] = tuple([_info(one, f"/alert/info[{n}]", told) for n, one in enumerate(alert.infos, 1)])
    if alert.version == "1.0":  # what 1.0 allowed is brought over, not repaired
        told = [msgspec.structs.replace(f, severity="info") if _was_allowed(f) else f for f in told]
    return msgspec.structs.replace(alert, **changes), told


def _was_allowed(told: Finding) -> bool:
    return told.code == "time_form" or (told.code == "enumeration" and "Very Likely" in told.en)


def _info(info: Info, path: str, told: list[Finding]) -> Info:
    changes: dict[str, Any] = {}
    for field in ("effective", "onset", "expires"):
        text = getattr(info, field)
        if text is not None:
            changes[field] = _time(text, f"{path}/{field}", told)
    for field, allowed in _CLOSED:
        changes[field] = _word(getattr(info, field), allowed, f"{path}/{field}", told)
    changes["categories"] = tuple(_word(w, structure.CATEGORIES, f"{path}/category", told) for w in info.categories)
    changes["responses"] = tuple(_word(w, structure.RESPONSES, f"{path}/responseType", told) for w in info.responses)
    if info.language is not None and len(info.language) < 100 and not rules_info.LANGUAGE.match(info.language):
        better = info.language.replace("_", "-")
        if rules_info.LANGUAGE.match(better):
            told.append(finding("language_form", f"{path}/language", info.language, f"read as {better}"))
            changes["language"] = better
    changes["areas"] = tuple([_area(one, f"{path}/area[{n}]", told) for n, one in enumerate(info.areas, 1)])
    changes["resources"] = tuple([_file(one, f"{path}/resource[{n}]", told) for n, one in enumerate(info.resources, 1)])
    return msgspec.structs.replace(info, **changes)


def _time(text: str, path: str, told: list[Finding]) -> str:
    """YYYY-MM-DDThh:mm:ss±hh:mm from what names an instant in another form; as it was when none is named."""
    if instants.STRICT.match(text) or len(text) > 40:
        return text
    better = _FRACTION.sub("", text.strip()).replace("Z", "-00:00").replace("z", "-00:00").replace(" ", "T", 1)
    if not instants.STRICT.match(better):
        better = _SHORT_OFFSET.sub(lambda m: f"{m[1]}:{m[2] or '00'}", better)
    try:
        instants.instant(better)
    except ValueError:
        return text
    if not instants.STRICT.match(better):
        return text
    told.append(finding("time_form", path, text, f"read as {better}"))
    return better


def _word(text: str, allowed: frozenset[str], path: str, told: list[Finding]) -> str:
    """A value of a closed list written in another case, or "Very Likely" of CAP 1.0."""
    if text in allowed or len(text) > 40:
        return text
    plain = text.lower()
    better = "Likely" if plain == "very likely" else next((one for one in allowed if one.lower() == plain), None)
    if better is None or better not in allowed:
        return text
    told.append(finding("enumeration", path, text, f"read as {better}"))
    return better


def _file(resource: Resource, path: str, told: list[Finding]) -> Resource:
    size = resource.size
    if size is None or len(size) > 40 or rules_info.is_size(size):
        return resource
    better = size.replace(",", "").replace(" ", "").removesuffix("bytes").removesuffix("B")
    if not rules_info.is_size(better):
        return resource
    told.append(finding("size_form", f"{path}/size", size, f"read as {better}"))
    return msgspec.structs.replace(resource, size=better)


def _area(area: Area, path: str, told: list[Finding]) -> Area:
    rings = tuple([_ring(text, f"{path}/polygon[{n}]", told) for n, text in enumerate(area.polygons, 1)])
    circles = tuple([_circle(text, f"{path}/circle[{n}]", told) for n, text in enumerate(area.circles, 1)])
    if rings == area.polygons and circles == area.circles:
        return area
    return msgspec.structs.replace(area, polygons=rings, circles=circles)


def _ring(text: str, path: str, told: list[Finding]) -> str:
    """A ring closed, without stray marks, and within ±180 degrees; as it was when that does not make it readable."""
    better = text
    if text.count(",") > geometry.MOST_POINTS or len(text) > _LONGEST_RING:
        return text
    try:
        numbers = geometry.flat(text)
    except ValueError:
        better = _tidy(text)
        try:
            numbers = geometry.flat(better)
        except ValueError:
            return text
        told.append(finding("ring_form", path, text, "stray marks left out"))
    if len(numbers) < 6:
        return better
    if numbers[0] != numbers[-2] or numbers[1] != numbers[-1]:
        told.append(finding("ring_open", path, repair="closed with its first point"))
        better = f"{better} {better.split(None, 1)[0]}"
        numbers += numbers[:2]
    lon = numbers[1::2]
    if (max(lon) > 180 or min(lon) < -180) and min(lon) >= -360 and max(lon) <= 360:
        told.append(finding("ring_range", path, text, "longitudes beyond ±180 turned by 360"))
        pairs = zip(better.split(), lon, strict=True)
        better = " ".join(word if -180 <= x <= 180 else _turned(word, x) for word, x in pairs)
    return better


def _tidy(text: str) -> str:
    text = text.translate(_BRACKETS).replace("，", ",")
    return _LOOSE_COMMA.sub(",", _BLANKS.sub(" ", text)).strip(" ,")


def _turned(word: str, lon: float) -> str:
    turned = f"{lon - 360 if lon > 180 else lon + 360:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return f"{word.partition(',')[0]},{turned}"


def _circle(text: str, path: str, told: list[Finding]) -> str:
    """A circle without stray marks: "(lat,lon) km", "lat,lon,km", "lat lon km" are all read."""
    if len(text) > geometry.LONGEST_PAIR:
        return text
    try:
        geometry.circle(text)
    except ValueError:
        parts = _tidy(text).replace(",", " ").split()
        better = f"{parts[0]},{parts[1]} {parts[2]}" if len(parts) == 3 else text
        try:
            geometry.circle(better)
        except ValueError:
            return text
        told.append(finding("circle_form", path, text, f"read as {better}"))
        return better
    return text
