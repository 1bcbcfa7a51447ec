"""What issuing would do, before anybody does it (发布前预览): who, how many, by which channels, in which words. Writes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Final

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.problem import NotFound, Problem
from anlan.territory import choices as territory_choices
from anlan.territory.selectors import division_names
from anlan.warning import choices, choices_drafts, rules
from anlan.warning.channels import switchboard
from anlan.warning.engine import targeting
from anlan.warning.engine.ladder import LadderRule
from anlan.warning.engine.short_form import size_of
from anlan.warning.models import Warning
from anlan.warning.services import audience
from anlan.warning.services.findings import BLOCKS, findings, lasts
from anlan.warning.services.issue import earlier
from anlan.warning.services.message import cap_file
from anlan.warning.services.rows import warning_row
from anlan.warning.services.sending import MARKS, call_text, public_short, public_text
from anlan.warning.services.values_drafts import DraftContent

SITES_SHOWN: Final = 12


def draft_preview(by: Actor, content: DraftContent, at: datetime | None = None) -> dict[str, Any]:
    """What would happen if `by` issued `content` now.

    findings; count of people; levels, roles, audiences, channels: lists of {code, name, count}; sites: kinds of special
    site in calling order with counts, and the first posts; unmanned: posts nobody holds; channels also say `required`
    and `ready`; missing: required channels that would not be used; texts: what each audience gets, marked as in a
    drill; sms: {zh, en} with characters and parts; cap: the file as it would be, with a number that is not yet taken.
    NotFound when the area is outside the scope. Where a check blocks the rest, only the findings are given.
    """
    moment = at or clock.now()
    for code in content.area:
        if not by.scope.covers(code):
            raise NotFound(code="warning.area", zh="该区域不在您的管辖范围内；请选择辖区内的区划。", field="area", value=code,
                           en="That area is outside your scope; choose divisions inside it.")  # fmt: skip
    found = findings(content, moment)
    body: dict[str, Any] = {"at": moment, "drill": drill_state() is not None, "findings": found, "sms": _sizes(content)}
    broken = {each.field.partition(".")[0] for each in found if each.weight == BLOCKS}
    if broken & {"area", "hazard", "colour", "issuer_kind", "expires", "references"}:
        return body | {"ready": False}
    if content.act == "cancel":
        return body | {"ready": not broken, "cap": _cap(by, content, moment)}
    rule = audience.ladder_rule(content.hazard, content.colour, moment)
    people = audience.reach(content.area, rule, moment, SITES_SHOWN)
    row = _row(by, content, moment)
    return body | {
        "ready": not broken, **_people(people), "channels": _channels(content, rule, people.count),
        "missing": _missing(content, rule), "answer_limit_s": rule.limit_s,
        "texts": _texts(row, content), "cap": _cap(by, content, moment), "area": list(division_names(content.area).values()),
    }  # fmt: skip


def _people(people: audience.Reach) -> dict[str, Any]:
    pack, sites = rules.instructions(), people.sites
    told = Counter[str]()
    for role, n in people.roles.items():
        told[pack.audience(role)] += n
    return {
        "count": people.count,
        "levels": [
            {"code": code, "name": choices.name(choices.LEVELS, code), "count": n} for code, n in people.levels.items()
        ],
        "roles": [
            {"code": code, "name": territory_choices.name(territory_choices.POST_ROLES, code), "count": n}
            for code, n in sorted(people.roles.items(), key=lambda row: (-row[1], row[0]))
        ],
        "audiences": [
            {"code": code, "name": choices.name(choices_drafts.AUDIENCES, code), "count": told[code]}
            for code in choices_drafts.AUDIENCES
            if told[code]
        ],
        "sites": [
            {"code": kind, "name": territory_choices.name(territory_choices.PLACE_KINDS, kind), "count": sites[kind]}
            for kind in targeting.SITE_ORDER
            if sites.get(kind)
        ],
        "first": [{"post": lead.post_code, "name": {"zh": lead.zh, "en": lead.en}} for lead in people.first],
        "unmanned": people.unmanned,
    }


def _channels(content: DraftContent, rule: LadderRule, people: int) -> list[dict[str, Any]]:
    ready, used = switchboard.available(), set(chosen(content, rule))
    return [
        {
            "code": code,
            "name": choices.name(choices.CHANNELS, code),
            "required": code in rule.required_channels,
            "ready": code in ready,
            "used": code in used,
            "public": code in choices.PUBLIC_CHANNELS,
            "count": people if code in used and code in rule.channels else 0,
        }
        for code in choices.CHANNELS
    ]


def chosen(content: DraftContent, rule: LadderRule) -> list[str]:
    """The channels that would be used, as `warning_issue` chooses them."""
    ready, wanted = switchboard.available(), content.channels
    known = {*rule.named, *(wanted or ())}
    return [code for code in choices.CHANNELS if code in ready and code in known and (wanted is None or code in wanted)]


def _missing(content: DraftContent, rule: LadderRule) -> list[dict[str, Any]]:
    used = set(chosen(content, rule))
    return [
        {"code": code, "name": choices.name(choices.CHANNELS, code)}
        for code in rule.required_channels
        if code not in used
    ]


def _texts(row: Warning, content: DraftContent) -> list[dict[str, Any]]:
    """What each audience gets, word for word."""
    pack = rules.instructions()
    role_of = {audience_code: role for role, audience_code in reversed(list(pack.audience_of.items()))}
    told = []
    for code in choices_drafts.AUDIENCES:
        if code in content.actions:
            zh, en = public_text(row) if code == "public" else call_text(row, role_of.get(code, ""))
            told.append({"code": code, "name": choices.name(choices_drafts.AUDIENCES, code), "zh": zh, "en": en})
    zh, en = public_short(row)
    return [*told, {"code": "sms", "name": choices.name(choices.CHANNELS, "mass_sms"), "zh": zh, "en": en}]


def _sizes(content: DraftContent) -> dict[str, dict[str, Any]]:
    marks = MARKS if drill_state() is not None else ("", "")
    found = {}
    for language, mark in zip(("zh", "en"), marks, strict=True):
        size = size_of(mark + content.sms.get(language, ""))
        found[language] = {"characters": size.characters, "parts": size.parts, "alphabet": size.alphabet}
    return found


def _chain(content: DraftContent) -> tuple[Warning | None, Warning | None]:
    named = Warning.objects.filter(id=content.references).first() if content.references else None
    if named is None:
        return None, None
    first = Warning.objects.get(id=named.references_id or named.id)
    later = list(Warning.objects.filter(references=first).order_by("issued_at", "id"))
    standing = [row for row in (first, *later) if row.state == "in_force"]
    return first, standing[-1] if standing else None


def _row(by: Actor, content: DraftContent, at: datetime) -> Warning:
    first, _ = _chain(content)
    return warning_row(
        by=by, hazard=content.hazard, colour=content.colour, area=content.area, texts=content.texts(),
        issuer_kind=content.issuer_kind, lasts=lasts(content, at), first=first, words=content.words(),
        drawn=content.drawn(), at=at,
    )  # fmt: skip


def _cap(by: Actor, content: DraftContent, at: datetime) -> dict[str, Any]:
    """The file, or why there can be none yet."""
    try:
        first, standing = _chain(content)
        row = _row(by, content, at)
        if content.act == "cancel" and standing is not None:
            number, row = row.number, standing
            xml = cap_file(row, "Cancel", earlier(first, standing), at=at, number=number, note=content.reason)
        else:
            xml = cap_file(row, "Update" if first else "Alert", earlier(first, standing), at=at)
    except Problem as problem:
        return {"xml": "", "refusal": {"zh": problem.zh, "en": problem.en}}
    return {"xml": xml, "refusal": None}
