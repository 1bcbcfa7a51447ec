"""A warning drafted from a CAP message of others (据收到的预警制作): its area, times and words as proposals, marked as from
whom; the message it goes back to stands in CAP's `note` and `incidents`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from anlan.kernel.problem import Invalid, Problem
from anlan.kernel.scope import Scope
from anlan.territory import codes
from anlan.territory.selectors import division_names, territory_root
from anlan.warning import choices, rules
from anlan.warning.engine.passing_on import Taken, taken
from anlan.warning.formats import cap
from anlan.warning.models import ReceivedAlert
from anlan.warning.services.checks import check_area
from anlan.warning.services.drafts_area import Placed, outline_divisions
from anlan.warning.services.drafts_words import content_filled
from anlan.warning.services.findings import MOST_LINE, MOST_WORDS
from anlan.warning.services.received_reading import Shape, shape
from anlan.warning.services.values_drafts import DraftContent

FIRST_HAZARD: Final = "11B03"
Told = tuple[dict[str, str], ...]


def content_of_received(scope: Scope, row: ReceivedAlert, body: bytes, at: datetime) -> tuple[DraftContent, Told]:
    """Content for passing on a received message, and what was taken from where. Raises Invalid `draft.received` where the
    message can't be read, speaks of what is over, or of no place in the scope."""
    alert = cap.read(body, "record").alert
    if alert is None or not alert.infos or row.msg_type not in ("Alert", "Update"):
        raise _no(
            "该消息没有可转发的内容；请直接制作预警。",
            "This message has nothing to pass on; write a warning yourself.",
            row,
        )
    found = taken(alert, rules.passing_on(), choices.HAZARDS)
    if found.ends is not None and found.ends <= at:
        raise _no(
            "该预警已过有效期；确需发布请直接制作预警。",
            "This alert has run out; write a warning yourself if one is needed.",
            row,
        )
    placed, told = _placed(scope, found, shape(body), row)
    sender = (alert.infos[0].sender_name or row.sender)[:100]
    why = {"zh": "", "en": ""} | _marked(found.description, sender)
    filled = content_filled(
        hazard=found.hazard or FIRST_HAZARD, colour=found.colour, area=placed.area, why=why, outline=placed.outline,
        area_kind=placed.kind, expires=found.ends, incidents=_incidents(alert, row), note=source_note(row),
        effective=found.begins if found.begins is not None and found.begins > at else None,
    )  # fmt: skip
    headline = {**filled.headline, **{key: text[:MOST_LINE] for key, text in found.headline.items()}}
    public = {**filled.actions["public"], **{key: text[:MOST_WORDS] for key, text in found.instruction.items()}}
    own = replace(filled, headline=headline, actions={**filled.actions, "public": public})
    return own, (*found.told, *told)


def source_note(row: ReceivedAlert) -> str:
    """The words for CAP's `note`: whose message this goes back to, in the form of a reference."""
    return f"Based on 据 {triple(row)}"


def triple(row: ReceivedAlert) -> str:
    """sender,identifier,sent of a received message, as CAP's references are written."""
    return f"{row.sender},{row.identifier},{row.sent_text}"


def _placed(scope: Scope, found: Taken, where: Shape, row: ReceivedAlert) -> tuple[Placed, Told]:
    """The area by the divisions it names, else by its polygons and circles. Its own outline is kept where it lies within
    those divisions; one that spills over is a border drawn coarsely."""
    named = _within(scope, _known(found.codes))
    outline = _outline(where)
    drawn: tuple[str, ...] = ()
    if outline is not None:
        try:
            drawn = outline_divisions(scope, outline)
        except Problem as problem:
            told = ({"zh": f"所附图形未采用：{problem.zh}", "en": f"Its shapes are not used: {problem.en}"},)
            if named:
                return Placed("received", None, named), told
    if named:
        fits = bool(drawn) and all(code.startswith(named) for code in drawn)
        return Placed("received", outline if fits else None, drawn if fits else named), ()
    if drawn:
        return Placed("received", outline, drawn), ()
    home = next((prefix for prefix in scope.prefixes if prefix), "") or territory_root()
    if not home:
        raise _no(
            "该预警没有涉及本辖区的范围；请直接制作预警。",
            "This alert names no place in your area; write a warning yourself.",
            row,
        )
    told = (
        {
            "zh": "该预警没有可用的范围，暂以本辖区代之，请核对。",
            "en": "It names no area that is known here; yours stands in, check it.",
        },
    )
    return Placed("divisions", None, check_area([home])), told


def _known(given: Sequence[str]) -> list[str]:
    found = []
    for code in given:
        try:
            found.append(codes.any_form(code))
        except Problem:
            continue
    return sorted(division_names(found))


def _within(scope: Scope, known: Sequence[str]) -> tuple[str, ...]:
    """What of these divisions is the reader's: those inside the scope, and the reader's own part of larger ones."""
    inside = [code for code in known if scope.covers(code)]
    inside += [one for code in known for one in scope.prefixes if one.startswith(code) and one != code]
    return check_area(inside) if inside else ()


def _outline(where: Shape) -> dict[str, Any] | None:
    """GeoJSON of a message's polygons and circles, None where it has none."""
    features: list[dict[str, Any]] = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[list(p) for p in ring]]}}
        for ring in where.rings
    ]
    features += [
        {"type": "Feature", "properties": {"radius_km": km}, "geometry": {"type": "Point", "coordinates": [lon, lat]}}
        for lon, lat, km in where.circles
        if km > 0
    ]
    return {"type": "FeatureCollection", "features": features} if features else None


def _marked(text: Mapping[str, str], sender: str) -> dict[str, str]:
    marks = {"zh": f"据{sender}发布：", "en": f"From {sender}: "}
    return {key: (marks[key] + said)[:MOST_WORDS] for key, said in text.items()}


def _incidents(alert: cap.Alert, row: ReceivedAlert) -> str:
    """The incidents the message names, else the message itself (quoted where it has blanks, CAP 1.2 §3.2.1)."""
    own = (alert.incidents or "").strip()
    return own or (f'"{row.identifier}"' if " " in row.identifier else row.identifier)


def _no(zh: str, en: str, row: ReceivedAlert) -> Invalid:
    return Invalid(code="draft.received", zh=zh, en=en, field="received", value=row.identifier)
