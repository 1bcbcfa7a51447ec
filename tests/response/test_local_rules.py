"""A bureau's own grading tables and report clocks: written, approved by another hand, holding from their day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.formats.grades import grade_tables
from anlan.response.formats.local_rules import clocks_body, table_body
from anlan.response.formats.report_packs import report_rules
from anlan.response.models import Incident, IncidentGrade, LocalRule, ReportDuty
from anlan.response.selectors.preview_grade import grade_preview
from anlan.response.selectors.reports import reports_owed
from anlan.response.services import (
    figure_set,
    incident_open,
    incident_owed,
    local_rule_approve,
    local_rule_draft,
    local_rule_end,
    report_extend,
)
from tests.response.reporting import T0, DrillClock, accident, owed_by
from tests.response.scene import SCENE, SYSTEM, kinds, person

pytestmark = pytest.mark.django_db

TODAY = T0.date()


def floods(**changed: Any) -> dict[str, Any]:
    """The shipped default for floods, stricter: from five dead on it is 重大."""
    body = table_body(next(one for one in grade_tables() if one.code == "natural_hazard"))
    serious, relative = body["rows"][1]["any_of"][0], body["rows"][2]["any_of"][0]
    serious["at_least"], relative["below"] = 5, 5
    return body | changed


def quicker(minutes: int = 10, written: int = 30) -> dict[str, Any]:
    """Henan's first reports, of all grades: by telephone within so many minutes, in writing within some more."""
    rules = [rule for rule in report_rules().rules if rule.code in ("henan_phone", "henan_written_serious")]
    body = clocks_body(tuple(rules))
    for row, limit in zip(body["rules"], (minutes, written), strict=True):
        row["limit"], row["grades"] = {"minutes": limit}, []
    return body


def drafted(
    kind: str = "grade", code: str = "natural_hazard", division: str = "4101", by: Actor | None = None, **how: Any
) -> LocalRule:
    told = {"body": floods() if kind == "grade" else quicker(), "valid_from": TODAY, "document": "郑应急〔2021〕3号",
            "note": "本市标准", **how}  # fmt: skip
    return local_rule_draft(by=by or person("4101.duty", "duty"), kind=kind, code=code, division=division, **told)


def approved(**how: Any) -> LocalRule:
    row = drafted(**how)
    return local_rule_approve(by=person("4101.commander", "decider"), rule=row.pk)


def five_dead(division: str = "410182", days: int = 0) -> Incident:
    at = T0 + timedelta(days=days)
    row = incident_open(by=SCENE, kind="flash_flood", title={"zh": "山洪", "en": "Flash flood"}, division=division,
                        source="110", type_code="11A06", at=at)  # fmt: skip
    figure_set(by=SCENE, incident=row.pk, metric="deaths", value=5, as_of=at, source="县局", at=at)
    row.refresh_from_db()
    return row


def test_an_own_table_grades_the_events_of_its_area_from_its_day_on(drill: DrillClock) -> None:
    yesterday = five_dead(days=-1)
    approved()
    today, elsewhere = five_dead(), five_dead("370102")
    assert [row.grade for row in (yesterday, today, elsewhere)] == [
        "relatively_serious",
        "serious",
        "relatively_serious",
    ]
    kept = IncidentGrade.objects.get(incident=today, grade="serious")
    assert (kept.table, kept.table_version, kept.mark) == ("natural_hazard", "4101-1", "L")
    figure_set(by=SCENE, incident=yesterday.pk, metric="deaths", value=6, as_of=T0, source="县局", at=T0)
    yesterday.refresh_from_db()
    assert yesterday.grade == "relatively_serious"  # an old case keeps the text of its day
    preview = grade_preview("11A06", "410182", T0, {"deaths": 5})
    assert preview is not None
    assert (preview.grade, preview.mark) == ("serious", "L")


def test_a_draft_holds_nothing_and_its_maker_can_not_approve_it(drill: DrillClock) -> None:
    row = drafted()
    assert five_dead().grade == "relatively_serious"
    both = person("4101.duty", "duty", "decider")
    with pytest.raises(Conflict) as refused, transaction.atomic():
        local_rule_approve(by=both, rule=row.pk)
    assert refused.value.code == "local_rule.same_hand"
    with pytest.raises(Forbidden), transaction.atomic():
        local_rule_approve(by=person("410182.duty", "duty"), rule=row.pk)
    with pytest.raises(NotFound), transaction.atomic():
        local_rule_approve(by=person("4101.commander", "decider", scope="37"), rule=row.pk)
    with pytest.raises(Forbidden), transaction.atomic():
        drafted(division="41")
    again = drafted(note="再改")
    assert (again.pk, again.number) == (row.pk, 1)  # one draft a table and area


def test_a_next_version_ends_the_one_before_and_taking_back_brings_the_shipped_one(drill: DrillClock) -> None:
    first = approved()
    later = TODAY + timedelta(days=10)
    body = floods()
    body["rows"][1]["any_of"][0]["at_least"] = body["rows"][2]["any_of"][0]["below"] = 4
    second = approved(body=body, valid_from=later)
    first.refresh_from_db()
    assert (first.valid_to, second.number) == (later, 2)
    drill.to(T0 + timedelta(days=12))
    local_rule_end(by=person("4101.commander", "decider"), rule=second.pk, reason="与省标准统一")
    got = {days: grade_preview("11A06", "410182", T0 + timedelta(days=days), {"deaths": 4}) for days in (5, 11, 13)}
    assert {days: one.table.version for days, one in got.items() if one} == {5: "4101-1", 11: "4101-2", 13: "1"}
    with pytest.raises(Conflict), transaction.atomic():
        local_rule_end(by=person("4101.commander", "decider"), rule=second.pk, reason="再撤")
    assert [kind for kind, _at in kinds("local_rule.drafted", "local_rule.approved", "local_rule.ended")] == [
        "local_rule.drafted", "local_rule.approved", "local_rule.drafted", "local_rule.approved", "local_rule.ended",
    ]  # fmt: skip


def test_own_clocks_stand_instead_of_the_wider_ones_and_old_duties_keep_theirs(drill: DrillClock) -> None:
    old = accident("serious")
    incident_owed(by=SYSTEM, incident=old, at=T0)
    approved(kind="clock", code="authority_first", valid_from=TODAY + timedelta(days=1))
    assert "henan_written_serious" in owed_by(old)
    drill.to(T0 + timedelta(days=1))
    incident_owed(by=SYSTEM, incident=old, at=drill.now)  # known yesterday: yesterday's clocks
    assert "henan_written_serious" in owed_by(old)
    fresh = accident("ordinary")
    incident_owed(by=SYSTEM, incident=fresh, at=drill.now)
    found = owed_by(fresh)
    assert (found["henan_phone"], found["henan_written_serious"]) == (24 * 60 + 10, 24 * 60 + 30)
    assert "henan_written_ordinary" not in found
    assert found["unit_first"] == 24 * 60 + 60  # other topics stay
    duty = ReportDuty.objects.get(incident=fresh, rule="henan_phone")
    assert duty.rule_version == "4101-1"
    told = {one["id"]: one for one in reports_owed(person("410182.duty", "duty").scope, drill.now)}
    assert told[str(duty.pk)]["mark"] == "L"
    beside = accident("ordinary", "370102")
    incident_owed(by=SYSTEM, incident=beside, at=drill.now)
    assert owed_by(beside)["shandong_direct"] == 24 * 60 + 30


def test_putting_off_asks_the_version_the_duty_was_made_by(drill: DrillClock) -> None:
    rules = clocks_body(tuple(rule for rule in report_rules().rules if rule.code == "investigation"))
    rules["rules"][0]["limit"] = {"days": 30, "extend_days": 10}
    approved(kind="clock", code="investigation", body=rules)
    row = accident("ordinary")
    incident_owed(by=SYSTEM, incident=row, at=T0)
    duty = ReportDuty.objects.get(incident=row, rule="investigation")
    assert duty.next_due_at == T0 + timedelta(days=30)
    desk = person("410182.duty", "duty")
    with pytest.raises(Invalid), transaction.atomic():
        report_extend(by=desk, duty=duty.pk, days=11, reason="鉴定")
    assert report_extend(by=desk, duty=duty.pk, days=10, reason="鉴定").next_due_at == T0 + timedelta(days=40)


def _gap() -> dict[str, Any]:
    body = floods()
    body["rows"][1]["any_of"][0]["at_least"] = 6
    return body


def _clock(**changed: Any) -> dict[str, Any]:
    body = quicker()
    body["rules"][0].update(changed)
    return body


@pytest.mark.parametrize(
    ("how", "field"),
    [({"document": " "}, "document"), ({"note": ""}, "note"), ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
     ({"body": floods(code="other")}, "code"), ({"body": floods(types=[])}, "types"), ({"body": {}}, "code"),
     ({"body": _gap()}, "rows[2].any_of[0].below"), ({"body": floods(rows="x")}, "rows"), ({"kind": "plan"}, "kind"),
     ({"division": "4101x"}, "division"),
     ({"kind": "clock", "code": "gossip"}, "topic"), ({"kind": "clock", "code": "authority_first", "body": {"rules": []}}, "rules"),
     ({"kind": "clock", "code": "authority_first", "body": quicker(20)}, "rules[0].limit"),
     ({"kind": "clock", "code": "authority_first", "body": {"rules": [{**quicker()["rules"][0], "code": f"r{n}"} for n in range(25)]}}, "rules"),
     *(({"kind": "clock", "code": "authority_first", "body": _clock(**bad)}, f"rules.{code}") for code, bad in (
         ("henan_phone", {"limit": {"minutes": 5, "days": 1}}), ("henan_phone", {"to": ["parish"]}), ("henan_phone", {"to": ["lead"]}),
         ("henan_phone", {"limit": {"daily_at": ["25:00"]}}), ("henan_phone", {"start": "later"}),
         ("press", {"code": "press"}), ("henan_phone", {"basis": {"zh": "", "en": ""}})))],
)  # fmt: skip
def test_a_wrong_version_is_refused_by_its_field(drill: DrillClock, how: dict[str, Any], field: str) -> None:
    by = person("4101.duty", "duty", scope="4101")
    told: dict[str, Any] = {"kind": "grade", "code": "natural_hazard", "division": "4101", "valid_from": TODAY,
                            "document": "文", "note": "改", "body": floods(), **how}  # fmt: skip
    with pytest.raises(Invalid) as refused, transaction.atomic():
        local_rule_draft(by=by, **told)
    assert refused.value.field == field
    assert not LocalRule.objects.exists()


def test_one_post_is_one_hand_where_no_person_is_known(drill: DrillClock) -> None:
    row = drafted()
    again = replace(person("4101.duty", "duty", "decider"), name="另一账号", account=7)
    with pytest.raises(Conflict), transaction.atomic():
        local_rule_approve(by=again, rule=row.pk)
    known = replace(again, person=uuid4())
    assert local_rule_draft(by=known, kind="grade", code="natural_hazard", division="4101", body=floods(), valid_from=TODAY,
                            document="文", note="改").makers[-1]["person"] == str(known.person)  # fmt: skip
    with pytest.raises(Conflict), transaction.atomic():
        local_rule_approve(by=replace(known, post=None), rule=row.pk)
    assert local_rule_approve(by=replace(known, post=None, person=uuid4()), rule=row.pk).state == "in_force"


@pytest.mark.parametrize(
    "table", [one for one in grade_tables() if one.valid_to is None], ids=lambda one: f"{one.code}-{one.version}"
)
def test_every_shipped_table_can_be_started_from(table: Any) -> None:
    from anlan.response.services import local_rule_checked

    made = local_rule_checked("grade", table.code, table_body(table), division="41", valid_from=date(2026, 1, 1))
    assert [(row.code, len(row.any_of)) for row in made.rows] == [(row.code, len(row.any_of)) for row in table.rows]
    assert made.window == table.window


@pytest.mark.parametrize("topic", dict.fromkeys(rule.topic for rule in report_rules().rules))
def test_every_shipped_topic_can_be_started_from(topic: str) -> None:
    from anlan.response.services import local_rule_checked

    rules = tuple(rule for rule in report_rules().rules if rule.topic == topic)
    made = local_rule_checked("clock", topic, clocks_body(rules), division="41", valid_from=date(2026, 1, 1))
    same = (
        "code",
        "what",
        "by",
        "to",
        "copies",
        "limit",
        "grades",
        "hazards",
        "reach",
        "start",
        "content",
        "major",
        "form",
    )
    assert [[getattr(rule, name) for name in same] for rule in made] == [
        [getattr(rule, name) for name in same] for rule in rules
    ]
