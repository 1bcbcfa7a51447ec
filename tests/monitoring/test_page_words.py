"""Words of the pages: every element, limit and hazard the shipped rules speak of has a name; lines are those that hold."""

from __future__ import annotations

import pytest
from django.utils import translation

from anlan.kernel.actor import Actor
from anlan.kernel.scope import Scope
from anlan.monitoring.engine.rules import leaves
from anlan.monitoring.models import Area, Station
from anlan.monitoring.pages import signal_words, words
from anlan.monitoring.pages.thresholds import sums_of
from anlan.monitoring.rules import shipped_rules, shipped_words
from anlan.monitoring.selectors.rule_rows import places_named
from anlan.monitoring.services.rules import rule_save
from anlan.monitoring.templatetags.signals import measured
from tests.monitoring.rule_rows import station
from tests.monitoring.test_levels import AT, COLOURED

LEAVES = [leaf for rule in shipped_rules() for level in rule.levels for leaf in leaves(level.when)]


def chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def test_what_the_shipped_rules_speak_of_is_named_in_chinese() -> None:
    with translation.override("zh-hans"):
        for leaf in LEAVES:
            assert chinese(words.element(leaf.element)), leaf.element
            assert not leaf.limit or chinese(words.limit(leaf.limit)), leaf.limit
        for told in shipped_words().values():
            assert chinese(signal_words.hazard(told.hazard)), told.hazard


def test_an_element_of_a_protocol_is_called_what_its_table_calls_it() -> None:
    with translation.override("zh-hans"):
        assert (words.element("w01018"), words.element("of_no_table")) == ("化学需氧量", "of_no_table")
    with translation.override("en"):
        assert words.element("w01018") == "Chemical oxygen demand"


def test_a_silence_is_told_in_hours_and_a_sum_with_its_window() -> None:
    with translation.override("zh-hans"):
        assert "7 小时 02 分" in measured(25_332.67, "s")
        assert measured(73.87, "mm", 3) == '<b>73.87</b> <span class="unit">mm/3 小时</span>'
        assert measured(None, "mm") == "–"


@pytest.mark.django_db
def test_the_lines_of_a_chart_are_those_of_the_version_that_holds_there() -> None:
    rule_save(by=Actor.system("test"), code="rainstorm", body=COLOURED, division="4101", note="test")
    here, elsewhere = sums_of("rain_mm", "410181001"), sums_of("rain_mm", "410201001")
    assert [line["value"] for line in here[3]] == [80]
    assert [line["value"] for line in elsewhere[3]] == [50, 100]


@pytest.mark.django_db
def test_places_of_a_trial_are_named_within_the_scope() -> None:
    Station.objects.bulk_create([station("N1", AT), station("N2", AT, "410201001")])
    Area.objects.create(division="410183", code="N1", name_zh="上游", name_en="Upstream")
    near = Scope(("410183",))
    assert places_named(near, ["N1", "N2", "N3"], areas=False) == {"N1": {"zh": "N1站", "en": "N1 gauge"}}
    assert places_named(near, ["N1"], areas=True) == {"N1": {"zh": "上游", "en": "Upstream"}}
