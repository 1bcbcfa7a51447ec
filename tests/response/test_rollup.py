"""Returns rolled up village → township → county → city → province, and the casualty figures of July 2021 (§9.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response.engine.plan import Words
from anlan.response.engine.public_draft import Said, public_draft
from anlan.response.models import Disaster, ReportDuty, ReturnDifference, ReturnTotal
from anlan.response.selectors import breaches
from anlan.response.services import (
    Where,
    casualty_enter,
    claim_add,
    claim_judge,
    difference_explain,
    disaster_open,
    incident_open,
    report_file,
)
from anlan.response.tasks import sweep
from tests.response.scene import BEIJING, SCENE, kinds

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 7, 20, 8, 0, tzinfo=BEIJING)
COUNTY, TOWN = "410182", "410182109"


def flood(at: datetime = T0) -> Disaster:
    return disaster_open(
        by=SCENE, division="41", kind="flood", title={"zh": "暴雨洪涝", "en": "Flood"}, happened_at=at, at=at
    )


def say(row: Disaster, division: str, at: datetime, kind: str = "follow", reason: str = "", **figures: float) -> Any:
    return report_file(by=SCENE, division=division, figures=figures, kind=kind, disaster=row.pk, at=at, reason=reason)


def total(row: Disaster, division: str) -> ReturnTotal:
    return ReturnTotal.objects.get(disaster=row, division=division)


def gaps(row: Disaster) -> dict[str, dict[str, float]]:
    found = ReturnDifference.objects.filter(disaster=row).exclude(state="gone")
    return {one.division: {code: own - below for code, (own, below) in one.items.items()} for one in found}


def test_sums_climb_from_villages_to_the_province(plan: Any) -> None:
    row = flood()
    say(row, TOWN + "201", T0, affected=100, dead=2)
    say(row, TOWN + "202", T0, affected=50)
    say(row, "410182001", T0, affected=7, loss=1.25)
    run_until_quiet(strict=True)
    assert total(row, TOWN).below == {"affected": 150, "dead": 2}
    assert total(row, "41").below == {"affected": 157, "dead": 2, "loss": 1.25}
    assert (total(row, COUNTY).reported, total(row, "41").reported) == (2, 1)
    assert total(row, COUNTY).expected >= 2
    # the township's own word counts above it, for what it tells; the village's stays visible underneath
    say(row, TOWN, T0 + timedelta(minutes=5), dead=1)
    run_until_quiet(strict=True)
    assert total(row, "4101").below == {"affected": 157, "dead": 1, "loss": 1.25}
    assert total(row, "4101").raw == {"affected": 157, "dead": 2, "loss": 1.25}
    assert gaps(row) == {TOWN: {"dead": -1}}
    say(row, TOWN, T0 + timedelta(minutes=9), dead=2)
    run_until_quiet(strict=True)
    assert gaps(row) == {}
    assert [kind for kind, _ in kinds("returns.differ", "returns.agree")] == ["returns.differ", "returns.agree"]


def test_a_difference_stands_until_it_is_explained_or_gone(plan: Any) -> None:
    row = flood()
    say(row, TOWN, T0, affected=10, dead=3)
    say(row, COUNTY, T0 + timedelta(minutes=1), affected=10, dead=2)
    run_until_quiet(strict=True)
    found = say(row, COUNTY, T0 + timedelta(minutes=2), dead=2)
    assert [finding["code"] for finding in found.findings] == ["report.ledger", "report.differs_below"]
    with pytest.raises(Invalid), transaction.atomic():
        difference_explain(by=SCENE, disaster=row.pk, division=COUNTY, words={"affected": "无差异"})
    said = difference_explain(by=SCENE, disaster=row.pk, division=COUNTY, words={"dead": "一人户籍在外县"}, at=T0)
    assert said.state == "explained"
    say(row, TOWN, T0 + timedelta(minutes=5), dead=4)  # the figures move on: the explanation no longer holds
    run_until_quiet(strict=True)
    one = ReturnDifference.objects.get(disaster=row, division=COUNTY)
    assert (one.state, one.items, one.explained) == ("open", {"dead": [2, 4]}, {})
    with pytest.raises(NotFound), transaction.atomic():
        difference_explain(by=SCENE, disaster=row.pk, division="410181", words={"dead": "x"})


# --- July 2021: the figures as they were published ------------------------------------------------------------------

DAY = timedelta(days=1)
PROVINCE = [  # when, dead, missing, affected
    (datetime(2021, 7, 22, 17, tzinfo=BEIJING), 33, 8, 3_004_000),
    (datetime(2021, 7, 24, 17, tzinfo=BEIJING), 58, 5, 9_305_800),
    (datetime(2021, 7, 25, 12, tzinfo=BEIJING), 63, 5, 11_447_800),
    (datetime(2021, 7, 26, 12, tzinfo=BEIJING), 69, 5, 12_907_400),
    (datetime(2021, 8, 2, 12, tzinfo=BEIJING), 302, 50, 14_531_600),
]


def test_four_silent_days_of_the_city_are_four_breaches_seen_by_the_province(plan: Any) -> None:
    row = flood()
    for day in range(1, 5):  # reported each day up to the 24th
        say(row, "4101", T0 + day * DAY - timedelta(hours=1), kind="zero", dead=14 * day)
    silent_from, spoke = T0 + 4 * DAY, T0 + 8 * DAY + timedelta(minutes=5)
    sweep(spoke)
    mine = [b for b in breaches(Scope(("41",))) if b["division"] == "4101"]
    assert [b["in_a_row"] for b in mine] == [1, 2, 3, 4]
    assert [datetime.fromisoformat(b["due_at"]) for b in mine] == [silent_from + n * DAY for n in (1, 2, 3, 4)]
    assert {b["rule"] for b in mine} == {"disaster_zero_city"}
    late = say(row, "4101", spoke, dead=97)
    assert late.delta[0] == ["dead", 56, 97]
    mine = [b for b in breaches(Scope(("41",))) if b["division"] == "4101"]
    assert all(datetime.fromisoformat(b["made_good_at"]) == spoke for b in mine)  # made good, and still on record
    assert ReportDuty.objects.get(disaster=row, division="4101", kind="zero").breaches == 0


def test_the_published_series_has_no_fall_and_a_fall_is_refused(plan: Any) -> None:
    row = flood()
    for at, dead, missing, affected in PROVINCE:
        say(row, "41", at, dead=dead, missing=missing, affected=affected)
    with pytest.raises(Invalid) as refused, transaction.atomic():
        say(row, "41", PROVINCE[-1][0] + DAY, dead=292)
    assert refused.value.code == "report.fall_without_reason"
    assert "302" in refused.value.zh
    assert say(row, "41", PROVINCE[-1][0] + DAY, dead=292, reason="十人重复统计，已核减").falls == [["dead", 302, 292]]


def test_missing_who_were_found_dead_are_no_fall(plan: Any) -> None:
    row = flood()
    say(row, "41", T0 + DAY, dead=33, missing=8)
    assert say(row, "41", T0 + 2 * DAY, dead=36, missing=5).falls == []


def test_the_concealed_139_show_as_differences_between_levels(plan: Any) -> None:
    """380 are known in the villages; townships leave out 15, counties 49, the city 75: 241 reach the province."""
    row = flood()
    towns = {"410182109": (200, 10), "410182001": (80, 3), "410181100": (100, 2)}
    for town, (known, concealed) in towns.items():
        say(row, town + "201", T0, dead=known)
        say(row, town, T0 + timedelta(minutes=1), dead=known - concealed)
    say(row, "410182", T0 + timedelta(minutes=2), dead=267 - 40)
    say(row, "410181", T0 + timedelta(minutes=2), dead=98 - 9)
    say(row, "4101", T0 + timedelta(minutes=3), dead=316 - 75)
    say(row, "41", T0 + timedelta(minutes=4), dead=241)
    run_until_quiet(strict=True)
    found = gaps(row)
    by_level = {
        length: -sum(gap["dead"] for code, gap in found.items() if len(code) == length) for length in (9, 6, 4, 2)
    }
    assert by_level == {9: 15, 6: 49, 4: 75, 2: 0}
    assert sum(by_level.values()) == 139
    assert total(row, "41").raw == {"dead": 380}  # what the villages know is seen by the province
    assert total(row, "41").own == {"dead": 241}


def test_unknown_people_count_and_are_merged_later(plan: Any) -> None:
    row = flood()
    for number in range(3):
        entry = casualty_enter(by=SCENE, division=TOWN, kind="dead", place=Where(f"河滩{number}"), source="村民",
                               reporter="灾害信息员", disaster=row.pk)  # fmt: skip
        assert entry.label == f"unknown-{number + 1}"
    assert say(row, TOWN, T0 + DAY, dead=3).findings == []
    assert [f["code"] for f in say(row, COUNTY, T0 + DAY, dead=2).findings] == ["report.ledger"]


def test_both_statements_on_the_dam_stand_and_the_public_draft_uses_neither(plan: Any) -> None:
    incident = incident_open(by=SCENE, kind="dam_breach", title={"zh": "郭家咀水库险情", "en": "Danger at a dam"},
                             division="410102", source="110", at=T0)  # fmt: skip
    told = {"by": SCENE, "incident": incident.pk, "topic": "dam", "at": T0}
    first = claim_add(**told, value="breached", text={"zh": "溃坝", "en": "the dam has breached"}, source="新闻")
    claim_add(**told, value="holds", text={"zh": "未发生决口溃坝", "en": "no breach"}, source="水利部门")
    claim_add(**{**told, "topic": "moved"}, value="110000", text={"zh": "下游转移11万人", "en": "110,000 people moved"},
              source="市防指", confidence="high")  # fmt: skip

    def draft() -> str:
        said = [
            Said(c.topic, c.value, c.text_zh, c.text_en, c.state, c.contradicted, c.confidence)
            for c in incident.claims.order_by("id")
        ]
        return public_draft(Words(incident.title_zh, incident.title_en), T0, said).zh

    assert incident.claims.filter(topic="dam", contradicted=True).count() == 2
    # two that contradict each other, and one nobody has confirmed
    assert draft() == "7月20日08时00分，郭家咀水库险情。其他情况正在核实，将及时发布。"
    moved = incident.claims.get(topic="moved")
    claim_judge(by=SCENE, claim=moved.pk, true=True, reason="花名册")
    assert draft() == "7月20日08时00分，郭家咀水库险情。下游转移11万人。其他情况正在核实，将及时发布。"
    claim_judge(by=SCENE, claim=first.pk, true=False, reason="现场查看，坝体未溃")
    assert "决口" not in draft()  # the other one is still only a statement
    assert "溃坝" not in draft()
