"""Rule packs: what ships is sound, the right one is chosen, and a broken one is named with field and remedy."""

from __future__ import annotations

import pytest

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats.rule_pack import parse
from anlan.monitoring.rules import packs, watch_for

GOOD = """
pack: local
version: "1"
title: {zh: 河南, en: Henan}
source: {zh: 文, en: paper}
issuer: {zh: 局, en: bureau}
area: "41"
valid_from: 2021-01-01
valid_to: null
mark: G
rules:
  - code: rainstorm
    kind: rain
    metric: rain_mm
    unit: mm
    scale: warning_colour
    name: {zh: 暴雨, en: Rainstorm}
    levels:
      - {code: orange, window_h: 3, threshold: 50}
      - {code: red, window_h: 3, threshold: 80}
    leave: {ratio: 0.9, margin: 0, hold_min: 60}
"""


def test_shipped_packs_name_source_issuer_area_and_dates():
    assert {pack.pack for pack in packs()} == {
        "monitoring.rainstorm", "monitoring.water", "monitoring.data", "monitoring.flash_flood", "monitoring.basin_rain",
        "monitoring.plants", "monitoring.silence",
    }  # fmt: skip
    for pack in packs():
        assert pack.source.zh
        assert pack.source.en
        assert pack.mark in ("S", "G")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("threshold: 80", "threshold: much", "rules[0].levels[1].threshold"),
        ("window_h: 3, threshold: 80", "window_h: 500, threshold: 80", "rules[0].levels[1].window_h"),
        ("threshold: 80", "threshold: -1", "rules[0].levels[1].threshold"),
        ("code: red", "code: purple", "rules[0].levels"),
        ("code: red", "code: blue", "rules[0].levels"),
        ("ratio: 0.9", "ratio: 1.9", "rules[0].leave"),
        ("valid_to: null", "valid_to: 2020-01-01", "valid_to"),
        ("mark: G", "mark: G\nextra: 1", "file"),
        ("pack: local", "pack: [", "file"),
    ],
)
def test_a_broken_pack_is_named(old, new, field):
    with pytest.raises(Invalid) as caught:
        parse(GOOD.replace(old, new, 1), "local.yaml")
    assert caught.value.field == f"local.yaml:{field}"
    assert caught.value.zh
    assert caught.value.en


def test_every_kind_of_station_has_its_watch():
    assert watch_for("rain").hour_most == 350
    assert watch_for("level").hour_most is None
    with pytest.raises(KeyError):
        watch_for("wind")
