"""The form of a warning being written: from posted fields to content and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.territory.selectors import division_names, territory_root
from anlan.warning import choices, choices_drafts, selectors
from anlan.warning.services.drafts_received import Told, content_of_received
from anlan.warning.services.drafts_words import (
    content_filled,
    content_of_proposal,
    content_of_signal,
    content_of_warning,
)
from anlan.warning.services.values_drafts import DraftContent

MOST_BYTES = 4_000_000
FIRST = ("public", "officer", "school", "plant")


def ident(text: str) -> UUID | None:
    """An id from a form or an address, None where there is none; Invalid where it is no id."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(code="draft.id", zh="编号有误；请从列表重新进入。", en="That is no id; go in again from the list.",
                      field="id", value=text) from None  # fmt: skip


def started(who: Actor, asked: QueryDict) -> tuple[DraftContent, Told]:
    """The content a new draft starts with: of a signal, a proposal, a received alert, a warning in force, or of the
    reader's own area; and what was taken from where."""
    received = ident(asked.get("received", ""))
    if received is not None:
        row, body = selectors.alert_original(who.scope, received)
        return content_of_received(who.scope, row, body, clock.now())
    return _started(who, asked), ()


def _started(who: Actor, asked: QueryDict) -> DraftContent:
    signal, proposal, warning = (ident(asked.get(name, "")) for name in ("signal", "proposal", "warning"))
    if proposal is not None:
        return content_of_proposal(selectors.proposal_get(who.scope, proposal))
    if signal is not None:
        return content_of_signal(who.scope, signal)
    if warning is not None:
        act = "cancel" if asked.get("act") == "cancel" else "update"
        return content_of_warning(selectors.warning_get(who.scope, warning), act)
    home = next((prefix for prefix in who.scope.prefixes if prefix), "")
    return content_filled(hazard="11B03", colour="orange", area=[home or territory_root()])


def filled(content: DraftContent) -> DraftContent:
    """The same warning with every text from the packs again, for its hazard, colour and area as they are now."""
    return content_filled(
        hazard=content.hazard, colour=content.colour, area=content.area, issuer_kind=content.issuer_kind,
        act=content.act, outline=content.outline, effective=content.effective, expires=content.expires,
        channels=content.channels, reason=content.reason, references=content.references,
        area_kind=content.area_kind, incidents=content.incidents, note=content.note,
    )  # fmt: skip


def content_posted(request: HttpRequest) -> DraftContent:
    """The content as the form says it. Invalid where a time or the drawn outline can't be read."""
    form = request.POST
    actions = {name: _pair(form, f"action_{name}") for name in choices_drafts.AUDIENCES if f"action_{name}_zh" in form}
    return DraftContent(
        hazard=form.get("hazard", ""), colour=form.get("colour", ""), issuer_kind=form.get("issuer_kind", "weather"),
        act=form.get("act", "alert"), area=tuple(code for code in form.get("area", "").split(",") if code),
        outline=_outline(form.get("outline", "")), headline=_pair(form, "headline"),
        description=_pair(form, "description"), actions=actions, sms=_pair(form, "sms"),
        effective=_moment(form.get("effective", ""), "effective"), expires=_moment(form.get("expires", ""), "expires"),
        channels=tuple(form.getlist("channels")) if form.get("channels_own") else None,
        reason=form.get("reason", "").strip(), references=ident(form.get("references", "")),
        area_kind=form.get("area_kind", "divisions"), incidents=form.get("incidents", ""), note=form.get("note", ""),
    )  # fmt: skip


def fields_of(content: DraftContent) -> dict[str, Any]:
    """What the form shows of a content."""
    names = division_names(content.area)
    audiences = [
        {
            "code": code,
            "name": {"zh": choice.zh, "en": choice.en},
            "text": content.actions[code],
            "first": code in FIRST,
        }
        for code, choice in choices_drafts.AUDIENCES.items()
        if code in content.actions
    ]
    return {
        "c": content,
        "area": ",".join(content.area),
        "places": [{"code": code, "name": names.get(code, {"zh": code, "en": code})} for code in content.area],
        "area_kind": choices.name(choices_drafts.AREA_KINDS, content.area_kind),
        "outline": json.dumps(content.outline, ensure_ascii=False) if content.outline else "",
        "effective": _local(content.effective),
        "expires": _local(content.expires),
        "first": [row for row in audiences if row["first"]],
        "rest": [row for row in audiences if not row["first"]],
        "hazards": _options(choices.HAZARDS, content.hazard),
        "colours": _options(choices.COLOURS, content.colour),
        "issuers": _options(choices.ISSUER_KINDS, content.issuer_kind),
        "channels": [
            {"code": code, "name": {"zh": choice.zh, "en": choice.en},
             "on": content.channels is None or code in content.channels}
            for code, choice in choices.CHANNELS.items()
        ],
        "act_name": choices.name(choices_drafts.DRAFT_ACTS, content.act),
    }  # fmt: skip


def _options(table: Mapping[str, choices.Choice], on: str) -> list[dict[str, Any]]:
    return [{"code": code, "name": {"zh": c.zh, "en": c.en}, "on": code == on} for code, c in table.items()]


def _pair(form: QueryDict, name: str) -> dict[str, str]:
    return {language: form.get(f"{name}_{language}", "").strip() for language in ("zh", "en")}


def _outline(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(text) if len(text) <= MOST_BYTES else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(code="draft.outline", zh="读不出所画范围；请重画。", field="outline", value=text[:80],
                      en="The drawn area can't be read; draw it again.")  # fmt: skip
    return found


def _moment(text: str, field: str) -> datetime | None:
    """A time of the form, which speaks the time of the place."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=clock.BEIJING) if text else None
    except ValueError:
        raise Invalid(code="time.form", zh="时间格式有误；请用日期时间框选择。", field=field, value=text,
                      en="That is no time; choose it in the field.") from None  # fmt: skip


def _local(moment: datetime | None) -> str:
    return moment.astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M") if moment else ""
