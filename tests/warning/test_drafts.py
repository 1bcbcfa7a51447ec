"""Warnings are made, checked, signed and issued by different hands; nothing goes out that was not read as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.warning.formats import cap
from anlan.warning.models import Call, Warning, WarningDraft
from anlan.warning.selectors.drafts import draft_get, drafts_open
from anlan.warning.services import stop_order_start, warning_issue, warning_propose
from anlan.warning.services.drafts import draft_change, draft_drop, draft_make
from anlan.warning.services.drafts_flow import draft_check, draft_return, draft_second_sign, draft_sign
from anlan.warning.services.drafts_issue import draft_issue, draft_issue_urgent
from anlan.warning.services.drafts_words import content_of_proposal, content_of_warning
from anlan.warning.services.values_drafts import DraftContent
from tests.warning.conftest import DUTY, SCENARIO, T0
from tests.warning.drafting import (
    CHECKER,
    MAKER,
    MINUTE,
    OTHER,
    SIGNER,
    checked,
    code_of,
    content,
    make,
    person,
    signed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
Entries = Callable[..., list[Any]]


def test_three_hands_take_a_draft_to_a_warning(entries: Entries) -> None:
    draft = signed(make())
    assert not Warning.objects.exists()
    row = draft_issue(by=SIGNER, draft=draft, seen=draft.digest, at=T0 + 3 * MINUTE)
    warning = Warning.objects.get()
    assert (row.state, row.warning) == ("issued", warning)
    assert (warning.issued_at, warning.state) == (T0 + 3 * MINUTE, "in_force")
    assert [kind for kind, *_ in entries("draft.made", "draft.checked", "draft.signed", "draft.issued")] == [
        "draft.made", "draft.checked", "draft.signed", "draft.issued"]  # fmt: skip
    assert entries("draft.issued")[0][3]["seconds"] == 180
    names = [row.made_by["name"], (row.checked_by or {})["name"], (row.signed_by or {})["name"]]
    assert names == ["制作岗", "审核岗", "签发岗"]
    assert Call.objects.filter(warning=warning).count() > 50


def test_maker_checker_and_signer_are_three_people(monkeypatch: pytest.MonkeyPatch) -> None:
    both = person("一人两岗", "issuer", "duty")
    draft = draft_make(by=both, content=content(), at=T0)
    assert code_of(Forbidden, lambda: draft_check(by=both, draft=draft, seen=draft.digest)) == "draft.separation"
    row = checked(draft)
    assert code_of(Forbidden, lambda: draft_sign(by=both, draft=row, seen=row.digest)) == "draft.separation"
    hasty = person("审核岗", "issuer")
    same = replace(hasty, person=CHECKER.person)
    monkeypatch.setitem(options.__dict__, "warning_hands", 2)
    assert code_of(Forbidden, lambda: draft_sign(by=same, draft=row, seen=row.digest)) == "draft.separation"
    assert draft_sign(by=both, draft=row, seen=row.digest).state == "signed"


def test_another_token_of_the_same_account_is_the_same_hand() -> None:
    made = Actor("person", "甲", Scope(("410181",)), roles=frozenset({"issuer"}), account=7)
    token = Actor("person", "甲", Scope(("410181",)), roles=frozenset({"issuer"}), account=7, token="t",
                  rights=frozenset({"warning.write"}))  # fmt: skip
    draft = draft_make(by=made, content=content(), at=T0)
    assert code_of(Forbidden, lambda: draft_check(by=token, draft=draft, seen=draft.digest)) == "draft.separation"


def test_rights_are_asked_at_every_step() -> None:
    stranger, responder = person("外县", area="410182"), person("村干部", "responder")
    assert code_of(Forbidden, lambda: draft_make(by=stranger, content=content())) == "actor.may_not"
    draft = make()
    assert code_of(Forbidden, lambda: draft_check(by=responder, draft=draft, seen=draft.digest)) == "actor.may_not"
    row = checked(draft)
    third = person("值班", "duty")
    assert code_of(Forbidden, lambda: draft_sign(by=third, draft=row, seen=row.digest)) == "actor.may_not"
    row = draft_sign(by=SIGNER, draft=row, seen=row.digest)
    assert code_of(Forbidden, lambda: draft_issue(by=third, draft=row, seen=row.digest)) == "actor.may_not"
    assert code_of(NotFound, lambda: draft_get(stranger.scope, draft.id)) == "draft.not_found"
    assert code_of(NotFound, lambda: draft_get(Scope(("410181100",)), draft.id)) == "draft.not_found"
    assert [row.id for row in drafts_open(MAKER.scope)] == [draft.id]
    assert drafts_open(stranger.scope) == []


@pytest.mark.parametrize("after", ["checked", "signed"])
def test_a_change_after_checking_takes_it_back_to_made(after: str, entries: Entries) -> None:
    row = checked(make()) if after == "checked" else signed(make())
    before = row.digest
    own = DraftContent.from_json(row.content)
    said = {"zh": "雨很大。", "en": "Heavy rain."}
    row = draft_change(by=OTHER, draft=row, content=replace(own, description=said), seen=before, at=T0 + 4 * MINUTE)
    assert (row.state, row.checked_by, row.signed_by, row.checked_digest) == ("made", None, None, "")
    assert row.digest != before
    (told,) = entries("draft.changed")
    assert (told[3]["fields"], told[3]["undone"], told[3]["before"]) == (["description"], after, before)
    assert code_of(Forbidden, lambda: draft_check(by=OTHER, draft=row, seen=row.digest)) == "draft.separation"
    assert code_of(Forbidden, lambda: draft_check(by=MAKER, draft=row, seen=row.digest)) == "draft.separation"
    assert code_of(Conflict, lambda: draft_check(by=CHECKER, draft=row, seen=before)) == "draft.moved"
    assert code_of(Conflict, lambda: draft_issue(by=SIGNER, draft=row, seen=row.digest)) == "draft.state"


def test_a_change_that_changes_nothing_keeps_the_check(entries: Entries) -> None:
    row = checked(make())
    same = draft_change(by=MAKER, draft=row, content=DraftContent.from_json(row.content), seen=row.digest)
    assert same.state == "checked"
    assert entries("draft.changed") == []


def test_steps_come_in_order() -> None:
    draft = make()
    assert code_of(Conflict, lambda: draft_sign(by=SIGNER, draft=draft, seen=draft.digest)) == "draft.state"
    row = signed(draft)
    assert code_of(Conflict, lambda: draft_check(by=OTHER, draft=row, seen=row.digest)) == "draft.state"
    draft_issue(by=SIGNER, draft=row, seen=row.digest, at=T0 + 3 * MINUTE)
    assert code_of(Conflict, lambda: draft_issue(by=SIGNER, draft=row, seen=row.digest)) == "draft.over"
    assert Warning.objects.count() == 1


def test_sent_back_with_a_reason_and_made_anew(entries: Entries) -> None:
    draft = make()
    assert code_of(Invalid, lambda: draft_return(by=CHECKER, draft=draft, reason=" ")) == "draft.no_reason"
    row = draft_return(by=CHECKER, draft=draft, reason="区域写错", at=T0 + MINUTE)
    assert (row.state, row.reason) == ("returned", "区域写错")
    assert code_of(Conflict, lambda: draft_check(by=CHECKER, draft=row, seen=row.digest)) == "draft.state"
    row = draft_change(by=MAKER, draft=row, content=DraftContent.from_json(row.content), seen=row.digest)
    assert (row.state, row.reason) == ("made", "")
    assert entries("draft.returned")[0][3]["state"] == "made"
    dropped = draft_drop(by=MAKER, draft=row, reason="雨停")
    assert dropped.state == "dropped"
    assert drafts_open(MAKER.scope) == []
    assert code_of(Conflict, lambda: draft_drop(by=MAKER, draft=row, reason="x")) == "draft.over"


def test_what_a_check_finds_is_refused_with_field_and_remedy() -> None:
    own = content()
    bad = {**own.actions, "school": {"zh": " ", "en": "Suspend classes."}}
    for change, field in (
        ({"actions": bad}, "actions.school.zh"), ({"headline": {"zh": "暴雨", "en": ""}}, "headline.en"),
        ({"actions": {**own.actions, "public": {"zh": "", "en": "x"}}}, "instruction_zh"),
        ({"expires": T0 - MINUTE}, "expires"), ({"sms": {"zh": "", "en": ""}}, "sms.zh"),
    ):  # fmt: skip
        draft = make(**change)
        with pytest.raises(Invalid) as refused:
            checked(draft)
        assert refused.value.field == field
    assert code_of(Invalid, lambda: make(colour="purple")) == "warning.colour"
    assert code_of(Invalid, lambda: make(area=())) == "warning.area"


def test_each_audience_hears_its_own_words_and_phones_get_the_short_form(monkeypatch: pytest.MonkeyPatch) -> None:
    from anlan.warning.channels import switchboard
    from anlan.warning.channels.base import Outgoing

    sent: list[Outgoing] = []
    monkeypatch.setattr(switchboard, "send", sent.extend)
    own = content()
    school = {"zh": "立即停课，在校学生上二楼。", "en": "Suspend classes, pupils to the second floor."}
    draft = signed(make(actions={**own.actions, "school": school}, sms={"zh": "短信正文", "en": "short text"}))
    draft_issue(by=SIGNER, draft=draft, seen=draft.digest, at=T0 + 3 * MINUTE)
    told = {message.role: message.text_zh for message in sent if message.person}
    assert school["zh"] in told["school_head"]
    assert school["zh"] not in told["village_head"]
    public = {channel: message.text_zh for message in sent if not message.person for channel in message.channels}
    assert public["mass_sms"] == "短信正文"
    assert "立即停止户外活动" in public["loudspeaker"]


def contradicting() -> WarningDraft:
    stop_order_start(by=SCENARIO, kind="metro", division="4101", source_zh="停运令", source_en="order", at=T0)
    said = {"zh": "请选择地铁出行。", "en": "Heavy rain."}
    return signed(make(description=said))


def test_f11_words_against_an_order_wait_for_a_second_signature() -> None:
    draft = contradicting()
    assert code_of(Conflict, lambda: draft_issue(by=SIGNER, draft=draft, seen=draft.digest)) == "warning.contradiction"
    assert code_of(Forbidden, lambda: draft_second_sign(by=SIGNER, draft=draft, seen=draft.digest)) == "draft.second"
    row = draft_second_sign(by=OTHER, draft=draft, seen=draft.digest, at=T0 + 3 * MINUTE)
    assert draft_issue(by=OTHER, draft=row, seen=row.digest, at=T0 + 4 * MINUTE).state == "issued"


def test_f11_a_single_audience_is_checked_too_and_the_urgent_way_is_closed() -> None:
    stop_order_start(by=SCENARIO, kind="metro", division="4101", source_zh="停运令", source_en="order", at=T0)
    own = content()
    draft = make(actions={**own.actions, "school": {"zh": "学生乘地铁回家。", "en": "Stay."}})
    assert (
        code_of(Conflict, lambda: draft_issue_urgent(by=SIGNER, draft=draft, seen=draft.digest, reason="急"))
        == "warning.contradiction"
    )
    assert not Warning.objects.exists()


def test_no_second_signature_where_nothing_contradicts() -> None:
    row = signed(make())
    assert (
        code_of(Conflict, lambda: draft_second_sign(by=OTHER, draft=row, seen=row.digest)) == "draft.no_contradiction"
    )


def test_a_proposal_becomes_a_draft_and_is_answered_by_its_issue() -> None:
    proposal = warning_propose(by=SCENARIO, division="410181", hazard="11B03", colour="red", at=T0,
                               explanation={"zh": "三小时一百毫米", "en": "100 mm in 3 h"})  # fmt: skip
    assert proposal is not None
    filled = content_of_proposal(proposal)
    assert filled.description == {"zh": "三小时一百毫米", "en": "100 mm in 3 h"}
    draft = signed(draft_make(by=MAKER, content=filled, proposal=proposal, at=T0))
    assert draft.source == "proposal"
    draft_issue(by=SIGNER, draft=draft, seen=draft.digest, at=T0 + 3 * MINUTE)
    proposal.refresh_from_db()
    assert proposal.state == "issued"


def test_update_and_cancel_act_on_the_chain() -> None:
    first = warning_issue(by=SIGNER, hazard="11B03", colour="orange", area=["410181"], at=T0)
    own = content_of_warning(first, "update")
    assert own.headline["zh"] == first.headline_zh
    draft = draft_make(by=MAKER, content=replace(own, colour="red"), at=T0)
    assert draft.source == "warning"
    draft = signed(draft)
    row = draft_issue(by=SIGNER, draft=draft, seen=draft.digest, at=T0 + 3 * MINUTE)
    first.refresh_from_db()
    assert (first.state, row.warning and row.warning.references_id) == ("updated", first.id)
    over = content_of_warning(first, "cancel")
    bare = draft_make(by=MAKER, content=over, at=T0)
    assert code_of(Invalid, lambda: checked(bare)) == "warning.no_reason"
    bare = draft_change(by=MAKER, draft=bare, content=replace(over, reason="雨停"), seen=bare.digest)
    gone = signed(bare)
    assert (
        code_of(Invalid, lambda: draft_issue_urgent(by=SIGNER, draft=gone, seen=gone.digest, reason="急"))
        == "draft.not_urgent"
    )
    done = draft_issue(by=SIGNER, draft=gone, seen=gone.digest, at=T0 + 5 * MINUTE)
    assert done.warning is not None
    assert (done.warning.state, done.warning.cancel_reason) == ("cancelled", "雨停")
    late = draft_make(by=MAKER, content=replace(over, reason="雨停"), at=T0)
    assert code_of(Invalid, lambda: checked(late)) == "warning.over"


def test_a_draft_of_real_life_is_not_issued_in_a_drill_and_the_other_way_round() -> None:
    from anlan.kernel.drill import drill_create

    draft = signed(make())
    drill_create(by=SCENARIO, scenario="zhengzhou-2021", seed=7, profile="tiny", starts_at=T0, tick_s=30,
                 ends_at=T0 + timedelta(hours=36), settings={})  # fmt: skip
    assert code_of(Conflict, lambda: draft_issue(by=SIGNER, draft=draft, seen=draft.digest)) == "draft.drill"
    drilled = signed(make())
    assert drilled.drill
    row = draft_issue(by=SIGNER, draft=drilled, seen=drilled.digest, at=T0 + 3 * MINUTE)
    assert row.warning is not None
    alert = cap.read(row.warning.cap_xml.encode()).alert
    assert alert is not None
    assert alert.status == "Exercise"


def test_duty_may_make_but_not_issue() -> None:
    draft = draft_make(by=DUTY, content=content(), at=T0)
    assert draft.state == "made"
