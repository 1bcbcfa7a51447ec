"""An area's own report clocks against what binds it from above: case by case, and against all dues worked out one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from anlan.response.engine.bounds_words import looser_words
from anlan.response.engine.report_bounds import looser, no_later
from anlan.response.engine.report_rules import Limit, Rule, Table, first_due
from anlan.response.formats.report_packs import report_rules
from tests.response.engine.report_dues import CITY, COUNTY, LIMITS, MOMENTS, leaves_less, replace, versions

ELSEWHERE = "4301"


def of(topic: str, area: str) -> list[Rule]:
    """The rows of a topic that hold in an area, as its own."""
    near = [rule for rule in report_rules().rules if rule.topic == topic and area.startswith(rule.area)]
    return [replace(rule, area=area, mark="L", notice=False) for rule in near]


def told(own: list[Rule], area: str, table: Table | None = None) -> tuple[str, str, str] | None:
    """The row that binds, the field, what is wrong."""
    found = looser(own, table or report_rules(), area)
    return (found.rule.code, looser_words(found).field, found.fault) if found else None


def changed(topic: str, area: str, code: str, **fields: Any) -> list[Rule]:
    return [replace(rule, **fields) if rule.code == code else rule for rule in of(topic, area)]


def test_a_province_binds_its_cities_and_a_notice_may_be_renewed_by_who_laid_it_down() -> None:
    assert told(of("authority_first", CITY), CITY) is None
    longer = changed("authority_first", CITY, "henan_phone", limit=Limit(minutes=20))
    assert told(longer, CITY) == ("henan_phone", "rules[1].limit", "limit")
    assert told([replace(rule, area="41") for rule in longer], "41") is None  # its own notice: the statute alone binds
    law = changed("authority_first", "37", "shandong_direct", limit=Limit(minutes=45))
    assert told(law, "37") == ("shandong_direct", "rules[1].limit", "limit")


def test_what_the_version_leaves_out_stays_with_the_wider_rows() -> None:
    phone = [
        replace(rule, limit=Limit(minutes=10)) for rule in of("authority_first", CITY) if rule.code == "henan_phone"
    ]
    assert told(phone, CITY) == ("henan_written_serious", "rules", "missing")
    serious = [rule for rule in of("authority_first", CITY) if rule.code in ("henan_phone", "henan_written_serious")]
    assert told(serious, CITY) is None  # it says nothing about the smaller ones
    partly = [replace(rule, at_least={"dead_missing": 3}) for rule in phone]
    assert told(partly, CITY) == ("henan_written_serious", "rules", "missing")


@pytest.mark.parametrize(
    ("how", "field"),
    [({"to": ("city",), "copies": ()}, "rules[1].to"), ({"form": "written"}, "rules"), ({"form": "any"}, "rules"),
     ({"by": "city"}, "rules"), ({"grades": ("serious",)}, "rules"), ({"hazards": ("12D",)}, "rules"),
     ({"start": "level_received"}, "rules"), ({"what": "follow"}, "rules"), ({"limit": None}, "rules[1].limit"),
     ({"limit": Limit(minutes=10, extend_days=1)}, "rules[1].limit"), ({"steps": True}, "rules[1].to")],
)  # fmt: skip
def test_each_way_to_be_looser_is_refused_by_its_field(how: dict[str, Any], field: str) -> None:
    found = told(changed("authority_first", CITY, "henan_phone", **how), CITY)
    assert found is not None
    assert found[:2] == ("henan_phone", field)


@pytest.mark.parametrize(
    "how",
    [{"limit": Limit(minutes=15)}, {"limit": Limit(minutes=1)}, {"grades": ()}, {"hazards": ()}, {"start": "happened"},
     {"copies": ("city", "state")}, {"to": ("city", "province"), "copies": ()}, {"by": "authority"}],
)  # fmt: skip
def test_what_is_as_strict_or_stricter_passes(how: dict[str, Any]) -> None:
    assert told(changed("authority_first", CITY, "henan_phone", **how), CITY) is None


def test_step_by_step_or_straight_up() -> None:
    steps = of("authority_first", ELSEWHERE)
    assert told(steps, ELSEWHERE) is None
    lower = {**steps[0].reach, "serious": "province"}
    assert told([replace(steps[0], reach=lower)], ELSEWHERE) == ("department_steps", "rules[0].to", "to")
    straight = replace(steps[0], steps=False, to=("province",), copies=("city",), limit=Limit(minutes=30))
    assert told([straight], ELSEWHERE) == ("department_steps", "rules[0].to", "to")  # nobody tells the State Council
    onward = replace(straight, code="onward", by="province", to=("state",), copies=(), start="level_received")
    assert told([straight, onward], ELSEWHERE) is None
    assert told([straight, replace(onward, limit=Limit(minutes=180))], ELSEWHERE) == (
        "department_steps", "rules[1].limit", "limit")  # fmt: skip


def test_defaults_do_not_bind_and_a_wider_bureaus_own_does() -> None:
    assert told(changed("press", CITY, "press", limit=Limit(days=9)), CITY) is None
    city = [replace(rule, area="41") for rule in changed("press", CITY, "press", limit=Limit(days=2))]
    table = replace(report_rules(), rules=(*report_rules().rules, *city))
    assert told(changed("press", CITY, "press", limit=Limit(days=9)), CITY, table) == (
        "press",
        "rules[0].limit",
        "limit",
    )
    assert told(changed("press", CITY, "press", limit=Limit(days=1)), CITY, table) is None


def test_the_higher_level_may_lead_and_the_daily_duty_counts_from_the_same_response() -> None:
    reach = report_rules().rule("investigation").reach  # type: ignore[union-attr]
    raised = changed("investigation", CITY, "investigation", reach={**reach, "ordinary": "city"})
    assert told(raised, CITY) is None
    handed_down = changed("investigation", CITY, "investigation", reach={**reach, "serious": "city"})
    assert told(handed_down, CITY) == ("investigation", "rules", "missing")
    daily = of("response_zero", "41")
    table = replace(report_rules(), rules=(*report_rules().rules, *daily))
    mine = of("response_zero", CITY)
    assert told(mine, CITY, table) is None
    assert told([replace(mine[0], from_level=3)], CITY, table) == ("response_zero", "rules", "missing")
    assert told([replace(mine[0], limit=Limit(every_h=48))], CITY, table) == (
        "response_zero",
        "rules[0].limit",
        "limit",
    )
    assert told([replace(mine[0], to=("province",))], CITY, table) == ("response_zero", "rules[0].to", "to")


def test_the_refusal_names_row_basis_limits_and_remedy() -> None:
    found = looser(changed("authority_first", COUNTY, "henan_phone", limit=Limit(minutes=20)), report_rules(), COUNTY)
    assert found is not None
    field, value, words = looser_words(found)
    assert (field, value) == ("rules[1].limit", "20分钟")
    for part in ("河南省应急厅信息报告通知", "15分钟", "20分钟", "特别重大", "县报省"):
        assert part in words.zh
    for part in (
        "Notice of the Henan emergency department",
        "15 min",
        "20 min",
        "especially serious",
        "the county to the province",
    ):
        assert part in words.en


@given(LIMITS, LIMITS)
def test_a_limit_is_no_longer_where_it_is_never_due_later(mine: Limit, asked: Limit) -> None:
    def last(limit: Limit, start: datetime) -> datetime:
        return first_due(limit, start, "Asia/Shanghai") + timedelta(days=limit.extend_days)

    never_later = all(
        first_due(mine, start, "Asia/Shanghai") <= first_due(asked, start, "Asia/Shanghai")
        and last(mine, start) <= last(asked, start)
        for start in MOMENTS
    )
    assert no_later(mine, asked) == (never_later and (mine.recurs or not asked.recurs))


@settings(max_examples=120)
@given(versions())
def test_refused_are_exactly_the_versions_by_which_some_report_is_owed_later(found: tuple[list[Rule], Table]) -> None:
    own, table = found
    if own:
        assert (looser(own, table, CITY) is not None) == leaves_less(own, table, CITY)
