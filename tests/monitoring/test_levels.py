"""Levels of every pack: named in both languages and coloured, the same in SQL, on pages and in the live state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from anlan.kernel.actor import Actor
from anlan.kernel.scope import Scope
from anlan.monitoring import selectors
from anlan.monitoring.formats.rule_reading import COLOURS
from anlan.monitoring.models import Signal, Station
from anlan.monitoring.rules import packs, shipped_words
from anlan.monitoring.selectors.grades import GRADES, JOIN_GRADES, RANK
from anlan.monitoring.selectors.station import station_signals
from anlan.monitoring.selectors.station_sql import StationQuery
from anlan.monitoring.selectors.stations import stations_page
from anlan.monitoring.services.rules import rule_save
from tests.monitoring.rule_rows import signal, station

AT = datetime(2021, 7, 20, 10, tzinfo=UTC)
LEVELS = [(words, level) for words in shipped_words().values() for level in words.levels]
OWN = {
    "code": "cloudburst", "name": {"zh": "短时强降雨", "en": "Cloudburst"}, "kind": "rain", "element": "rain_mm", "unit": "mm",
    "leave": {"ratio": 0.9, "hold_min": 60},
    "levels": [
        {"code": "much", "colour": "red", "name": {"zh": "很大", "en": "a lot"}, "window_h": 1, "threshold": 30},
    ],
}  # fmt: skip
COLOURED = {  # a bureau's own version of a shipped rule, in its colours
    **OWN, "code": "rainstorm", "scale": "warning_colour", "levels": [{"code": "red", "window_h": 3, "threshold": 80}],
}  # fmt: skip


def rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [])
        return list(cursor.fetchall())


def test_every_level_of_every_pack_has_a_name_in_both_languages_and_a_colour() -> None:
    assert {words.code for words, _level in LEVELS} == {rule.code for pack in packs() for rule in pack.rules}
    for words, level in LEVELS:
        assert level.colour in COLOURS, (words.code, level.code)
        assert level.name.zh.strip() not in ("", level.code), (words.code, level.code)
        assert level.name.en.strip(), (words.code, level.code)
        assert any("一" <= sign <= "鿿" for sign in level.name.zh), (words.code, level.name.zh)


@pytest.mark.django_db
def test_levels_in_sql_are_those_of_the_packs_and_of_a_bureaus_own() -> None:
    for body in (OWN, COLOURED):
        rule_save(by=Actor.system("test"), code=str(body["code"]), body=body, division="4101", note="test")
    found = set(rows(f"SELECT * FROM {GRADES}"))
    shipped = {(w.code, w.version, v.code, v.grade, v.name.zh, v.name.en, w.unit) for w, v in LEVELS}
    assert found - shipped == {
        ("cloudburst", "4101-1", "much", 4, "很大", "a lot", "mm"), ("rainstorm", "4101-1", "red", 4, "红色", "Red", "mm"),
    }  # fmt: skip
    assert shipped <= found


@pytest.mark.django_db
def test_one_code_means_what_its_rule_says_wherever_it_is_shown() -> None:
    gauges = [station(code, AT) for code in ("L1", "L2", "L3")]
    Station.objects.bulk_create(gauges)
    Signal.objects.bulk_create([
        signal(gauges[0], AT, "fast", rule="level_rise", rule_version="2026.2"),
        signal(gauges[1], AT, "fast", rule="ground_rate", rule_version="2026.1"),
        signal(gauges[2], AT, "guarantee", rule="water_level", rule_version="long gone"),
    ])  # fmt: skip
    told = {"L1": "yellow", "L2": "orange", "L3": "red"}
    assert {row["code"]: row["colour"] for row in stations_page(Scope.whole(), StationQuery()).rows} == told
    assert {row["code"]: row["colour"] for row in selectors.stations_state(Scope.whole()).values()} == told
    active = {row["station"]: row for row in selectors.signals_active(Scope.whole()).values()}
    assert {code: row["colour"] for code, row in active.items()} == told
    assert active["L1"]["level_name"] == {"zh": "急涨", "en": "rising fast"}
    assert (active["L1"]["unit"], active["L2"]["unit"]) == ("m/h", "mm/h")
    (one,) = station_signals(gauges[1].pk, AT, AT)
    assert (one["colour"], one["level_name"]["zh"]) == ("orange", "快速变形")
    assert {rank for (rank,) in rows(f"SELECT {RANK} FROM monitoring_signal g {JOIN_GRADES}")} == {2, 3, 4}
