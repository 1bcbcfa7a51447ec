"""Does a CAP message keep a profile? Pure: (alert, profile) → findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from anlan.warning.formats.cap.values import DEFAULT_LANGUAGE, Alert, Coded, Finding
from anlan.warning.formats.profiles.values import Profile, Rule

# Field of a rule → (attribute of our values, element in the document).
FIELDS: Final = {
    "identifier": ("identifier", "identifier"),
    "sender": ("sender", "sender"),
    "source": ("source", "source"),
    "note": ("note", "note"),
    "info.language": ("language", "language"),
    "info.event": ("event", "event"),
    "info.audience": ("audience", "audience"),
    "info.effective": ("effective", "effective"),
    "info.onset": ("onset", "onset"),
    "info.expires": ("expires", "expires"),
    "info.sender_name": ("sender_name", "senderName"),
    "info.headline": ("headline", "headline"),
    "info.description": ("description", "description"),
    "info.instruction": ("instruction", "instruction"),
    "info.web": ("web", "web"),
    "info.contact": ("contact", "contact"),
}
LISTS: Final = {
    "codes": ("codes", "code"),
    "infos": ("infos", "info"),
    "info.areas": ("areas", "area"),
    "info.event_codes": ("event_codes", "eventCode"),
}
_UNSURE: Final = {
    "K": ("〔待核对原文〕", " (to be confirmed in the text)"),
    "G": ("〔平台默认〕", " (platform default)"),
}


class _Place(NamedTuple):
    """Where a rule looks, and the text or thing that stands there."""

    path: str
    thing: object


def profile_check(alert: Alert, profile: Profile) -> tuple[Finding, ...]:
    """Every rule of `profile` that `alert` breaks, in the order of the rules, then of the document.

    A finding's code is the rule's; its words carry the rule's words and the value seen, and say so when the rule was
    not read in a source.
    """
    return tuple(
        _finding(rule, path, seen)
        for rule in profile.rules
        if all(getattr(alert, name) in allowed for name, allowed in rule.when.items())
        for path, seen in _KINDS[rule.kind](alert, rule)
    )


_Broken = Iterator[tuple[str, str]]
"""(path, text seen there) of each place where a rule is broken; the text is "" when something is missing."""


def _finding(rule: Rule, path: str, seen: str) -> Finding:
    zh, en = _UNSURE.get(rule.mark, ("", ""))
    short = seen if len(seen) <= 80 else seen[:79] + "…"
    return Finding(
        code=rule.code,
        severity=rule.severity,
        path=path,
        zh=f"{rule.zh}{f'（现为“{short}”）' if seen else ''}{zh}",
        en=f"{rule.en}{f' (it is {short!r})' if seen else ''}{en}",
    )


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _fits(text: str, rule: Rule) -> bool:
    return not (
        (rule.values and text not in rule.values)
        or (rule.pattern and not _compiled(rule.pattern).fullmatch(text))
        or (rule.avoid and _compiled(rule.avoid).match(text))
        or (rule.max_length is not None and len(text) > rule.max_length)
    )


def _code(alert: Alert, rule: Rule) -> _Broken:
    if not any(_fits(code, rule) for code in alert.codes):
        yield "/alert/code", " ".join(alert.codes)


def _owners(alert: Alert, field: str) -> Iterator[_Place]:
    if not field.startswith("info."):
        yield _Place("/alert", alert)
        return
    for at, info in enumerate(alert.infos, 1):
        yield _Place(f"/alert/info[{at}]", info)


def _field(alert: Alert, rule: Rule) -> _Broken:
    attribute, element = FIELDS[rule.field]
    for path, owner in _owners(alert, rule.field):
        text = getattr(owner, attribute)
        if not text:
            if rule.required:
                yield f"{path}/{element}", ""
        elif not _fits(text, rule):
            yield f"{path}/{element}", text


def _count(alert: Alert, rule: Rule) -> _Broken:
    attribute, element = LISTS[rule.field]
    for path, owner in _owners(alert, rule.field):
        if len(getattr(owner, attribute)) < rule.least:
            yield f"{path}/{element}", ""


def _pairs(path: str, pairs: tuple[Coded, ...], element: str, rule: Rule) -> _Broken:
    found = False
    for at, pair in enumerate(pairs, 1):
        if pair.name == rule.name:
            found = True
            if not _fits(pair.value, rule):
                yield f"{path}/{element}[{at}]", pair.value
    if rule.required and not found:
        yield f"{path}/{element}", ""


def _event_code(alert: Alert, rule: Rule) -> _Broken:
    for at, info in enumerate(alert.infos, 1):
        yield from _pairs(f"/alert/info[{at}]", info.event_codes, "eventCode", rule)


def _parameter(alert: Alert, rule: Rule) -> _Broken:
    for at, info in enumerate(alert.infos, 1):
        yield from _pairs(f"/alert/info[{at}]", info.parameters, "parameter", rule)


def _geocode(alert: Alert, rule: Rule) -> _Broken:
    for at, info in enumerate(alert.infos, 1):
        for place, area in enumerate(info.areas, 1):
            yield from _pairs(f"/alert/info[{at}]/area[{place}]", area.geocodes, "geocode", rule)


def _language(alert: Alert, rule: Rule) -> _Broken:
    seen = [info.language or DEFAULT_LANGUAGE for info in alert.infos]
    for at, language in enumerate(seen, 1):
        if not _fits(language, rule):
            yield f"/alert/info[{at}]/language", language
    held = set(seen) & set(rule.together)
    if held and held != set(rule.together):
        yield "/alert/info", " ".join(sorted(held))


def _one_event(alert: Alert, rule: Rule) -> _Broken:
    first: frozenset[str] | None = None
    for at, info in enumerate(alert.infos, 1):
        codes = frozenset(pair.value for pair in info.event_codes if pair.name == rule.name)
        if len(codes) > 1 or (first is not None and codes != first):
            yield f"/alert/info[{at}]/eventCode", " ".join(sorted(codes))
        first = codes if first is None else first


_KINDS: Final[dict[str, Callable[[Alert, Rule], _Broken]]] = {
    "code": _code,
    "field": _field,
    "count": _count,
    "event_code": _event_code,
    "parameter": _parameter,
    "geocode": _geocode,
    "language": _language,
    "one_event": _one_event,
}
