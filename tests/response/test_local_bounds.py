"""A bureau's own rules against what binds its area from above: looser ones refused, overtaken ones told of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.problem import Forbidden, Invalid
from anlan.response.selectors.local_bounds import overtaken
from anlan.response.services import local_rule_approve, local_rule_end, local_rule_tried
from tests.response.reporting import DrillClock
from tests.response.scene import data, person
from tests.response.test_local_rules import TODAY, approved, drafted, floods, quicker

pytestmark = pytest.mark.django_db


def test_looser_than_what_binds_is_refused_when_drafted_tried_and_approved(drill: DrillClock) -> None:
    longer = {"kind": "clock", "code": "authority_first", "body": quicker(12, 30)}
    city, county = person("4101.duty", "duty"), person("410182.duty", "duty")
    waiting = drafted(**longer, division="410182", by=county)  # the province's 15 minutes bind so far
    approved(kind="clock", code="authority_first", valid_from=TODAY + timedelta(days=30))  # the city's 10 in a month
    with pytest.raises(Invalid) as refused, transaction.atomic():
        local_rule_approve(by=person("410182.commander", "decider"), rule=waiting.pk)
    found = refused.value
    assert (found.code, found.field, found.value, found.extra) == (
        "local_rule.looser", "rules[0].limit", "12分钟", {"binds": "henan_phone"})  # fmt: skip
    for part in ("（2021-08-19起）", "10分钟", "12分钟", "上位规定有约束力"):
        assert part in found.zh
    for part in ("(from 2021-08-19 on)", "10 min", "12 min", "It binds"):
        assert part in found.en
    waiting.refresh_from_db()
    assert waiting.state == "draft"
    tried: dict[str, Any] = {**longer, "division": "410182", "valid_from": TODAY}
    with pytest.raises(Invalid), transaction.atomic():
        local_rule_tried(by=county, **tried)
    assert len(local_rule_tried(by=county, **{**tried, "body": quicker()})) == 2
    assert len(local_rule_tried(by=city, **{**tried, "division": "4101"})) == 2  # the city itself may renew its own
    with pytest.raises(Forbidden):
        local_rule_tried(by=county, **{**tried, "division": "4101"})


def test_what_a_wider_version_overtakes_is_told_and_holds_on_until_its_next_one(drill: DrillClock) -> None:
    county = {"kind": "clock", "code": "authority_first", "division": "410182", "by": person("410182.duty", "duty")}
    row = drafted(**county, body=quicker(12, 30))
    local_rule_approve(by=person("410182.commander", "decider"), rule=row.pk)
    assert overtaken([row], TODAY) == {} and data("local_rule.overtaken") == []
    month = TODAY + timedelta(days=30)
    above = approved(kind="clock", code="authority_first", valid_from=month)  # the city: 10 minutes in a month
    (told,) = data("local_rule.overtaken")
    assert (told["rule"], told["above"], told["binds"]) == (str(row.pk), str(above.pk), "henan_phone")
    assert (told["from_day"], told["field"]) == (month.isoformat(), "rules[0].limit")
    row.refresh_from_db()
    less = overtaken([row, above], TODAY)[row.pk]
    assert (row.state, row.ended_at) == ("in_force", None)
    assert f"（{month}起）" in less.words.zh and "10分钟" in less.words.zh and "12 min" in less.words.en
    assert "起）" not in overtaken([row], month)[row.pk].words.zh, "by then it binds already"
    again = drafted(**county, body=quicker(10, 30))
    local_rule_approve(by=person("410182.commander", "decider"), rule=again.pk)
    row.refresh_from_db()
    assert overtaken([row, again, above], TODAY) == {}
    local_rule_end(by=person("4101.commander", "decider"), rule=above.pk, reason="撤回")
    assert overtaken([again], TODAY) == {}


def test_a_table_overtaken_by_a_wider_one_is_told_too(drill: DrillClock) -> None:
    row = drafted(division="410182", by=person("410182.duty", "duty"))  # five dead are 重大
    local_rule_approve(by=person("410182.commander", "decider"), rule=row.pk)
    body = floods()
    body["rows"][1]["any_of"][0]["at_least"] = body["rows"][2]["any_of"][0]["below"] = 4
    approved(body=body)
    (told,) = data("local_rule.overtaken")
    assert (told["rule"], told["from_day"]) == (str(row.pk), TODAY.isoformat())
    row.refresh_from_db()
    assert list(overtaken([row], TODAY)) == [row.pk]


def test_a_table_that_grades_lower_is_refused(drill: DrillClock) -> None:
    approved()  # the city: five dead are 重大
    body = floods()
    body["rows"][1]["any_of"][0]["at_least"] = body["rows"][2]["any_of"][0]["below"] = 6
    with pytest.raises(Invalid) as refused, transaction.atomic():
        drafted(body=body, division="410182", by=person("410182.duty", "duty"))
    assert (refused.value.field, refused.value.extra) == ("rows[1].any_of[0].at_least", {"binds": "natural_hazard"})
    assert drafted(body=floods(), division="410182", by=person("410182.duty", "duty")).state == "draft"
