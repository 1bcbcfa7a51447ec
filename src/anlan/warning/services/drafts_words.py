"""The first words of a warning being written: from the packs, for every audience, for its maker to better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from anlan.kernel.drill import drill_state
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.monitoring.selectors.signal_one import signal_one
from anlan.territory.selectors import division_names
from anlan.warning import choices, choices_drafts, rules
from anlan.warning.engine.short_form import short_form
from anlan.warning.engine.wording import sentence
from anlan.warning.models import Warning, WarningProposal
from anlan.warning.services.checks import check_area, check_codes
from anlan.warning.services.compose import compose
from anlan.warning.services.drafts_area import of_signal
from anlan.warning.services.message import issuer_label
from anlan.warning.services.rows import home_of
from anlan.warning.services.sending import MARKS
from anlan.warning.services.values_drafts import DraftContent

GSM_ALONE = 160
ALWAYS = ("public", "officer", "school", "plant")


def content_filled(
    *,
    hazard: str,
    colour: str,
    area: Sequence[str],
    issuer_kind: str = "weather",
    why: Mapping[str, str] | None = None,
    **more: Any,
) -> DraftContent:
    """Content with every text filled in from the packs; `why` {zh, en} says what was seen, `more` are other fields."""
    check_codes(hazard, colour, issuer_kind)
    places = check_area(area)
    said = compose(hazard, colour, places, why)
    pack = rules.instructions()
    found = {name: sentence(pack, hazard, colour, name) for name in choices_drafts.AUDIENCES}
    public = found["public"]
    actions = {
        name: dict(pair) for name, pair in found.items() if pair is not None and (name in ALWAYS or pair is not public)
    }
    return DraftContent(
        hazard=hazard, colour=colour, area=places, issuer_kind=issuer_kind,
        headline={"zh": said.headline_zh, "en": said.headline_en},
        description={"zh": said.description_zh, "en": said.description_en},
        actions=actions, sms=sms_filled(said.headline_zh, said.headline_en, public or {}, places, issuer_kind), **more,
    )  # fmt: skip


def sms_filled(zh: str, en: str, action: Mapping[str, str], area: Sequence[str], issuer_kind: str) -> dict[str, str]:
    """The short form: who says it, what, and the leading clauses of what to do, in one part each."""
    home = home_of(area)
    name = division_names([home]).get(home, {"zh": "", "en": ""})
    issuer = issuer_label(issuer_kind, name["zh"], name["en"])
    room_zh, room_en = (len(mark) if drill_state() is not None else 0 for mark in MARKS)
    return {
        "zh": short_form(f"【{issuer['zh']}】{zh}。", action.get("zh", ""), "。", 70 - room_zh),
        "en": short_form(f"{en}. ", action.get("en", ""), ".", GSM_ALONE - room_en),
    }


def content_of_signal(scope: Scope, signal: UUID) -> DraftContent:
    """Content for a signal: its hazard and colour as the proposal rules say, for its basin or the county it stands in."""
    found = signal_one(scope, signal)
    row = found["row"]
    kind = row.station.kind if row.station is not None else ""
    hazard, colour = rules.proposals().proposed(row.rule, kind, row.level) or (found["words"].hazard, found["colour"])
    if hazard not in choices.HAZARDS or colour not in choices.COLOURS:
        raise Invalid(
            code="draft.signal",
            zh="此信号没有对应的预警种类或颜色；请直接制作预警并自选种类。",
            en="This signal stands for no hazard or colour of a warning; write a warning and choose them yourself.",
            field="signal",
            value=signal,
        )
    why = {key: str(row.explanation.get(key, "")) for key in ("zh", "en")}
    placed = of_signal(scope, signal)
    return content_filled(
        hazard=hazard, colour=colour, area=placed.area, why=why, outline=placed.outline, area_kind="signal"
    )


def content_of_proposal(proposal: WarningProposal) -> DraftContent:
    """Content for a proposal, as it was proposed."""
    why = {key: str(proposal.explanation.get(key, "")) for key in ("zh", "en")}
    return content_filled(hazard=proposal.hazard, colour=proposal.colour, area=proposal.area, why=why)


def content_of_warning(warning: Warning, act: str) -> DraftContent:
    """Content for an update or a cancel of `warning`: its own words, to be changed."""
    kept = content_filled(
        hazard=warning.hazard, colour=warning.colour, area=warning.area, issuer_kind=warning.issuer_kind, act=act,
        references=warning.id, outline=warning.outline, area_kind="drawn" if warning.outline else "divisions",
        incidents=warning.incidents, note=warning.note,
        expires=warning.expires if act == "cancel" else None,
    )  # fmt: skip
    public = {"zh": warning.instruction_zh, "en": warning.instruction_en}
    own = {**kept.to_json(), "headline": {"zh": warning.headline_zh, "en": warning.headline_en},
           "description": {"zh": warning.description_zh, "en": warning.description_en},
           "actions": {**kept.actions, **warning.words.get("actions", {}), "public": public},
           "sms": warning.words.get("sms") or kept.sms}  # fmt: skip
    return DraftContent.from_json(own)
