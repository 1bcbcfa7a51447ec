"""Rule packs in the full form: what is written becomes what the engine judges, and faults are named with path and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from anlan.kernel.problem import Invalid
from anlan.monitoring.engine.rules import All, Any, Leaf, Not, Season, leaves
from anlan.monitoring.formats.rule_pack import parse, parse_rule
from anlan.monitoring.formats.rule_reading import engine_rules, midnight, pack_words
from anlan.monitoring.formats.rule_terms import LONGEST_S, duration, hours, season
from anlan.monitoring.formats.rule_tests import values
from anlan.monitoring.rules import packs
from anlan.site.cli import app
from anlan.site.cli_rules import suite_of

ROOM = Path(__file__).resolve().parents[2] / "src/anlan/monitoring/rules"
FULL = """
pack: bureau.mountain
version: "1"
title: {zh: 山区, en: Mountains}
source: {zh: 文, en: paper}
issuer: {zh: 局, en: bureau}
area: "4101"
valid_from: 2021-01-01
valid_to: 2022-01-01
mark: G
rules:
  - code: soaked
    place: station
    kind: rain
    name: {zh: 饱和降雨, en: Rain on soaked ground}
    hazard: 11A06
    season: "05-15..09-30"
    hours: "20:00-06:00"
    for: 10m
    keep: 1h30m
    inhibits: [rainstorm]
    within: township
    citation: {zh: 第三条, en: article 3}
    levels:
      - code: watch
        name: {zh: 注意, en: watch}
        when:
          all:
            - {element: rain_mm, measure: sum, window: 3h, at_least: 30}
            - not: {element: soil_pct, at_most: 20}
            - any:
                - {element: rain_mm, measure: max, window: 1h, limit: burst, offset: 1.5, season: "06-01..08-31"}
                - {element: level_m, limit: low_m, below: true}
"""


def test_the_full_form_becomes_the_engines_rule():
    (rule,) = engine_rules(parse(FULL, "m.yaml"))
    assert (rule.code, rule.version, rule.place, rule.kind, rule.division) == ("soaked", "1", "station", "rain", "4101")
    assert (rule.for_s, rule.keep_s, rule.hours) == (600, 5400, (1200, 360))
    assert rule.season == Season((5, 15), (9, 30))
    assert (rule.valid_from, rule.valid_to) == (1_609_430_400_000_000, 1_640_966_400_000_000)
    assert rule.levels[0].when == All((
        Leaf("rain_mm", "sum", 10800, 30.0),
        Not(Leaf("soil_pct", "last", 0, 20.0, below=True)),
        Any((
            Leaf("rain_mm", "max", 3600, None, "burst", 1.5, season=Season((6, 1), (8, 31))),
            Leaf("level_m", "last", 0, None, "low_m", below=True),
        )),
    ))  # fmt: skip


def test_words_stay_beside_the_rule():
    (words,) = pack_words(parse(FULL, "m.yaml"))
    assert (words.hazard, words.inhibits, words.within, words.source.en) == (
        "11A06",
        ("rainstorm",),
        "township",
        "article 3",
    )
    assert (words.colour("watch"), words.level_name("watch").zh, words.colour("?")) == ("yellow", "注意", "yellow")


def test_the_highest_level_is_red_or_the_last_from_orange_on():
    words = {w.code: w for pack in packs() for w in pack_words(pack)}
    assert [level.code for level in words["rainstorm"].levels if words["rainstorm"].highest(level.code)] == ["red"]
    assert [level.code for level in words["water_level"].levels if words["water_level"].highest(level.code)] == [
        "guarantee", "record",
    ]  # fmt: skip
    assert words["flood_limit"].highest("far_over")
    assert not words["silent_gas"].highest("long")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("for: 10m", "for: 10", "rules[0].for"),
        ("for: 10m", "for: ten", "rules[0].for"),
        ('hours: "20:00-06:00"', 'hours: "20:00-26:00"', "rules[0].hours"),
        ('season: "05-15..09-30"', 'season: "05-15..09-31"', "rules[0].season"),
        ("window: 3h", "window: 8d", "rules[0].levels[0].when.all[0].window"),
        ("measure: sum, window: 3h", "measure: sum", "rules[0].levels[0].when.all[0].window"),
        ("window: 3h, at_least: 30", "window: 3h", "rules[0].levels[0].when.all[0]"),
        ("at_least: 30", 'at_least: "30"', "rules[0].levels[0].when.all[0].at_least"),
        ("at_least: 30", "at_least: 30, at_most: 40", "rules[0].levels[0].when.all[0]"),
        ("at_least: 30", "at_least: 30, over: mean", "rules[0].levels[0].when.all[0].over"),
        ("at_least: 30", "at_least: 30, members: 3", "rules[0].levels[0].when.all[0].members"),
        ("element: soil_pct, ", "", "rules[0].levels[0].when.all[1].not.element"),
        ("limit: low_m, below: true", "below: true, at_most: 1", "rules[0].levels[0].when.all[2].any[1].below"),
        ("limit: burst, offset", "at_least: 1, offset", "rules[0].levels[0].when.all[2].any[0].offset"),
        ("measure: max", "measure: median", "rules[0].levels[0].when.all[2].any[0].measure"),
        ("inhibits: [rainstorm]", "inhibits: [soaked]", "rules[0].inhibits"),
        ("within: township", "within: area", "rules[0].within"),
        ("place: station", "place: basin", "rules[0].place"),
        ("code: watch", "code: Watch", "rules[0].levels[0].code"),
        ("keep: 1h30m", "keep: 1h\n    leave: {hold_min: 5}", "rules[0].keep"),
        ("pack: bureau", "x: &a 1\ny: *a\npack: bureau", "file"),
    ],
)
def test_a_fault_is_named_with_its_path_and_a_remedy(old, new, field):
    assert old in FULL
    with pytest.raises(Invalid) as caught:
        parse(FULL.replace(old, new, 1), "m.yaml")
    assert caught.value.field == f"m.yaml:{field}"
    assert "m.yaml" in caught.value.zh
    assert "m.yaml" in caught.value.en


def test_what_is_long_deep_or_many_is_refused():
    for text in ("[" * 500, "a: " + "x" * 300_000, "[" + "1," * 30_000 + "1]", "\x00"):
        with pytest.raises(Invalid):
            parse(text, "m.yaml")
    deep = "{element: x, at_least: 1}"
    for _ in range(9):
        deep = f"{{not: {deep}}}"
    with pytest.raises(Invalid, match="deep"):
        parse_rule(
            f"{{code: a, name: {{zh: a, en: a}}, place: station, levels: [{{code: a, name: {{zh: a, en: a}}, when: {deep}}}]}}",
            "r",
        )


@given(st.text(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["code", "levels", "when", "all", "not", "window", "season", "rules", "name", "limit"]), inner, max_size=5
    ), max_leaves=20,
).map(lambda value: yaml.safe_dump(value)))  # fmt: skip
@settings(max_examples=300)
def test_any_text_is_a_pack_or_a_refusal(text):
    for read in (parse, parse_rule):
        try:
            read(text, "any.yaml")
        except Invalid as refusal:
            assert refusal.field.startswith("any.yaml")


@given(st.integers(0, 6), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_durations_read_back(d, h, m, s):
    seconds = d * 86400 + h * 3600 + m * 60 + s
    text = f"{d}d{h}h{m}m{s}s"
    assert duration(text) == seconds <= LONGEST_S


def test_terms():
    assert season("11-15..03-15") == Season((11, 15), (3, 15))
    assert hours("06:00-24:00") == (360, 1440)
    assert values("0 0.5 _ 1+0.5x2 3x1 _x2 -1-1x1") == [0, 0.5, None, 1, 1.5, 2, 3, 3, None, None, -1, -2]
    for bad in ("1x", "x3", "a", "1+x2", "1x9999999"):
        with pytest.raises(ValueError):
            values(bad)
    assert midnight(parse(FULL, "m").valid_from) == 1_609_430_400_000_000


def test_every_shipped_figure_has_a_mark_and_both_languages():
    for pack in packs():
        for words in pack_words(pack):
            assert words.mark in ("S", "G"), words.code
            assert all(text.strip() for text in (words.name.zh, words.name.en, words.source.zh, words.source.en))
        for rule in engine_rules(pack):
            assert all(leaf.window_s <= 12 * 3600 for level in rule.levels for leaf in leaves(level.when))


@pytest.mark.parametrize("path", sorted((ROOM / "tests").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_packs_pass_their_own_tests(path):
    done = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert done.exit_code == 0, done.output


def test_every_pack_with_rules_has_tests_that_name_each_rule():
    tested = {code.code for path in (ROOM / "tests").glob("*.yaml") for code in suite_of(path)[1]}
    assert tested == {rule.code for pack in packs() for rule in pack.rules}


def test_a_test_that_fails_says_how(tmp_path):
    text = (ROOM / "tests/rainstorm_signals.yaml").read_text("utf-8")
    (tmp_path / "rainstorm_signals.yaml").write_text((ROOM / "rainstorm_signals.yaml").read_text("utf-8"), "utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("../rainstorm", "rainstorm").replace("level: orange", "level: red"), "utf-8")
    done = CliRunner().invoke(app, ["rules", "test", str(file)])
    assert done.exit_code == 1
    assert "2021-07-20 11:00:00  + rainstorm R1 orange firing" in done.output
    assert "2021-07-20 11:00:00  - rainstorm R1 red firing" in done.output
    file.write_text(text.replace("../rainstorm", "rainstorm").replace("step: 1h", "step: 1y", 1), "utf-8")
    done = CliRunner().invoke(app, ["rules", "test", str(file)])
    assert done.exit_code == 1
    assert "tests[0].readings[0].step" in done.output
    done = CliRunner().invoke(
        app, ["rules", "check", str(tmp_path / "none.yaml"), str(tmp_path / "rainstorm_signals.yaml")]
    )
    assert done.exit_code == 1
    assert "none.yaml" in done.output
    assert "16-2007" in done.output
