"""The call sheet (接报单) as a form: what a hand types, read into what was said; every slip named with its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.moment_said import count_said, moment_said
from anlan.response.formats.grades import event_types
from anlan.response.selectors.duty_board import phone_of_call
from anlan.response.selectors.incidents import place_at
from anlan.response.services import Said
from anlan.territory.selectors import territory_root

MAIN = ("deaths", "missing", "injured", "seriously_injured", "trapped")
WORDS = ("what", "type", "place", "division", "lon", "lat", "when", "cause", "measures", "trend", "told", "confidence",
         "door", "caller_name", "caller_unit", "caller_post", "caller_phone", "title_zh", "title_en", "about")  # fmt: skip
MORE = tuple(metric for metric in codes.FIGURES if metric not in MAIN and metric != "affected")


@dataclass(frozen=True)
class Sheet:
    """A sheet as it stands: its fields as typed, what they say, and where it is."""

    fields: dict[str, str]
    said: Said
    division: str
    door: str
    title: dict[str, str] | None = None
    faults: dict[str, Invalid] = field(default_factory=dict)


def sheet_posted(scope: Scope, form: Mapping[str, str], at: datetime) -> Sheet:
    """Read a posted sheet. Slips are gathered in `faults` by field, so that the page can show all of them at once."""
    typed = {name: str(form.get(name, "")).strip() for name in (*WORDS, *codes.FIGURES)}
    faults: dict[str, Invalid] = {}
    counted = _counts(typed, faults)
    lon, lat = (_degrees(typed, name, faults) for name in ("lon", "lat"))
    happened = _when(typed["when"], at, faults)
    said = Said(
        what=typed["what"] or typed["title_zh"], type_code=_class(typed["type"], faults), happened_at=happened,
        place_words=typed["place"][:200], lon=lon, lat=lat, cause=typed["cause"], measures=typed["measures"],
        trend=typed["trend"], casualties=counted, told=typed["told"][:300],
        caller=_caller(scope, typed),
        confidence=typed["confidence"] if typed["confidence"] in choices.CONFIDENCES else "medium",
    )  # fmt: skip
    title = {"zh": typed["title_zh"], "en": typed["title_en"] or typed["title_zh"]} if typed["title_zh"] else None
    door = typed["door"] if typed["door"] in codes.DOORS else "phone"
    return Sheet(typed, said, _division(scope, typed, lon, lat), door, title, faults)


def _caller(scope: Scope, typed: Mapping[str, str]) -> dict[str, str]:
    """Who called; the number of a telephone record goes over with it unless another one is typed."""
    caller = {key: typed[f"caller_{key}"][:80] for key in ("name", "unit", "post", "phone")}
    return caller if caller["phone"] else caller | {"phone": phone_of_call(scope, typed["about"])}


def blank(about: str = "") -> dict[str, str]:
    """The fields of a sheet nobody has written on."""
    empty = dict.fromkeys((*WORDS, *codes.FIGURES), "")
    return {**empty, "confidence": "medium", "door": "phone", "about": about}


def _division(scope: Scope, typed: Mapping[str, str], lon: float | None, lat: float | None) -> str:
    """Where it is: the place chosen, else the division round the point, else the reader's own."""
    if typed["division"].isdigit():
        return typed["division"]
    if lon is not None and lat is not None:
        found = place_at(scope, lon, lat)
        if found:
            return str(found["division"])
    own = min(scope.prefixes, key=len, default="")
    return own or territory_root()


def _counts(typed: Mapping[str, str], faults: dict[str, Invalid]) -> dict[str, Any]:
    counted: dict[str, Any] = {}
    for metric, rule in codes.FIGURES.items():
        if rule.words is not None:
            if typed[metric] in rule.words:
                counted[metric] = typed[metric]
            continue
        try:
            told, number = count_said(typed[metric])
            if number is not None and rule.whole and number % 1:
                raise ValueError(metric)
        except ValueError:
            faults[metric] = _fault(metric, typed[metric], f"“{rule.zh}”请填数字；不清楚填“?”。",
                                    f"{rule.en}: write a number, or ? when nobody knows.")  # fmt: skip
            continue
        if told:
            counted[metric] = number
    return counted


def _degrees(typed: Mapping[str, str], name: str, faults: dict[str, Invalid]) -> float | None:
    if not typed[name]:
        return None
    most = 180 if name == "lon" else 90
    try:
        value = float(typed[name])
        if not -most <= value <= most:
            raise ValueError(name)
    except ValueError:
        faults[name] = _fault(name, typed[name], "经纬度应为度数。", "Longitude and latitude are degrees.")
        return None
    return value


def _when(text: str, at: datetime, faults: dict[str, Invalid]) -> datetime | None:
    try:
        found = moment_said(text, at, clock.BEIJING)
        if found is not None and found > at:
            raise ValueError(text)
    except ValueError:
        faults["when"] = _fault("when", text, "时间写成 14:20、20 14:20，或 -15（15分钟前）；不能晚于现在。",
                                "Write 14:20, 20 14:20, or -15 for 15 minutes ago; not later than now.")  # fmt: skip
        return None
    return found


def _class(text: str, faults: dict[str, Invalid]) -> str:
    """A class by its code, or by words that name just one."""
    if not text:
        return ""
    types = event_types()
    code = text.split()[0].upper()
    if types.find(code) is not None:
        return code
    found = types.search(text)
    exact = [one for one in found if text in (one.zh, one.en)] or found
    if len(exact) == 1:
        return exact[0].code
    faults["type"] = _fault("type", text, "请从列表中选择类别。", "Choose a class from the list.")
    return ""


def _fault(name: str, value: str, zh: str, en: str) -> Invalid:
    return Invalid(code=f"intake.{name}", zh=zh, en=en, field=name, value=value)
