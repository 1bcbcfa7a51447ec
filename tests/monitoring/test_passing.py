"""Which signals are passed on: mutes, inhibition, storms; the highest level is never hidden."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.monitoring.engine.passing import Order, Standing, Storm, decide, group_of, inhibits

MINUTE = 60_000_000
STORM = Storm(2, 10 * MINUTE)
RULES = ("rainstorm", "basin_rain", "water_level", "level_rise")


def signal(key, **more):
    whole = {"rule": "rainstorm", "place": f"s:{key}", "station": f"R{key}", "element": "rain_mm", "hazard": "11B03",
             "division": "410183108", "grade": 3, "highest": False, "at": MINUTE, **more}  # fmt: skip
    return Standing(id=str(key), **whole)


def area(key, **more):
    return signal(key, **{"rule": "basin_rain", "place": "a:b", "station": "", "element": "", "division": "4101", "area": "b",
                          "inhibits": frozenset({"rainstorm"}), "within": "area", **more})  # fmt: skip


def order(**more):
    return Order(**{"id": "m", "match": {"rule": "rainstorm"}, "division": "4101", "all_levels": False, "start": 0,
                    "end": 60 * MINUTE, **more})  # fmt: skip


def test_a_mute_holds_back_what_fits_while_it_lasts():
    some = [signal(1), signal(2, rule="level_rise"), signal(3, grade=4, highest=True), signal(4, division="370101001")]
    assert decide(some, [order()], STORM, MINUTE) == {"1": "mute:m", "2": "", "3": "", "4": ""}
    assert decide(some, [order()], STORM, 60 * MINUTE)["1"] == ""
    assert decide(some, [order(all_levels=True)], STORM, MINUTE)["3"] == "mute:m"
    assert decide(some, [order(match={"rule": "rainstorm", "station": "R9"})], STORM, MINUTE)["1"] == ""


def test_an_area_mutes_its_gauges_but_not_the_graver_ones():
    members = {"areas": frozenset({"b"})}
    some = [area(9, grade=3), signal(1, **members), signal(2, grade=4, highest=True, **members), signal(3)]
    assert decide(some, [], Storm(99, MINUTE), MINUTE) == {"9": "", "1": "inhibited:9", "2": "", "3": ""}
    assert decide([area(9, grade=2), signal(1, **members)], [], STORM, MINUTE)["1"] == ""
    assert decide([area(9, hazard="11A01"), signal(1, **members)], [], STORM, MINUTE)["1"] == ""


def test_a_held_back_signal_mutes_nobody():
    some = [area(9), signal(1, areas=frozenset({"b"}))]
    assert decide(some, [order(match={"rule": "basin_rain"})], STORM, MINUTE)["1"] == ""


def test_a_graver_rule_mutes_the_lesser_at_its_station_or_in_its_county():
    above = signal(1, rule="water_level", inhibits=frozenset({"level_rise"}), grade=3)
    below = signal(2, rule="level_rise", grade=2, station="R1")
    assert inhibits(above, below)
    assert not inhibits(above, below._replace(station="R2"))
    assert inhibits(above._replace(within="county"), below._replace(station="R2", division="410183999"))
    assert not inhibits(above._replace(within="township"), below._replace(division="410183999"))
    assert not inhibits(above, below._replace(grade=3))


def test_a_storm_passes_the_first_and_groups_the_rest():
    some = [signal(n, at=MINUTE * n) for n in range(1, 6)] + [signal(9, at=5 * MINUTE, grade=4, highest=True)]
    found = decide(some, [], STORM, 9 * MINUTE)
    assert [found[str(n)] for n in (1, 2, 9)] == ["", "", ""]
    assert {found[str(n)] for n in (3, 4, 5)} == {"storm:410183:11B03:1"}
    calm = [signal(n, at=MINUTE * 11 * n) for n in range(1, 6)]
    assert set(decide(calm, [], STORM, 99 * MINUTE).values()) == {""}


def test_what_was_decided_in_a_storm_stays():
    some = [signal(n, at=MINUTE, fresh=False, muted="storm:x" if n > 3 else "") for n in range(1, 6)]
    assert decide(some, [], STORM, 2 * MINUTE) == {"1": "", "2": "", "3": "", "4": "storm:x", "5": "storm:x"}


def test_groups_are_by_hazard_and_county_and_break_after_a_pause():
    some = [signal(1), signal(2, at=5 * MINUTE), signal(3, at=30 * MINUTE), signal(4, division="410184001")]
    found = group_of(some, 10 * MINUTE)
    assert found["1"] == found["2"] != found["3"]
    assert len(set(found.values())) == 3


signals = st.lists(
    st.builds(
        Standing, id=st.uuids().map(str), rule=st.sampled_from(RULES), place=st.just("s:1"), station=st.sampled_from(["A", "B"]),
        element=st.just("rain_mm"), hazard=st.sampled_from(["11B03", "11A01"]), division=st.sampled_from(["410183108", "4101"]),
        grade=st.integers(1, 4), highest=st.booleans(), at=st.integers(0, 20 * MINUTE), fresh=st.booleans(),
        area=st.sampled_from(["", "b"]), areas=st.sets(st.sampled_from(["b", "c"])).map(frozenset),
        inhibits=st.sets(st.sampled_from(RULES)).map(frozenset), within=st.sampled_from(["station", "area", "county"]),
        muted=st.sampled_from(["", "storm:x", "inhibited:y", "mute:m"]),
    ), max_size=12, unique_by=lambda s: s.id,
)  # fmt: skip
orders = st.lists(st.builds(
    Order, id=st.uuids().map(str), match=st.dictionaries(st.sampled_from(["rule", "station"]), st.sampled_from([*RULES, "A"]), min_size=1),
    division=st.sampled_from(["", "41", "410183"]), all_levels=st.booleans(), start=st.integers(0, 5), end=st.integers(0, 10),
), max_size=3)  # fmt: skip


@given(signals, orders, st.integers(0, 10), st.randoms())
@settings(max_examples=300)
def test_the_highest_is_never_hidden_and_order_plays_no_part(some, muting, now, chance):
    found = decide(some, muting, STORM, now)
    assert set(found) == {s.id for s in some}
    by_id = {s.id: s for s in some}
    wide = {o.id for o in muting if o.all_levels}
    for key, reason in found.items():
        kind, _, what = reason.partition(":")
        if by_id[key].highest:
            assert reason == "" or (kind == "mute" and what in wide)
        if kind == "inhibited":  # whoever mutes is passed on, and at least as grave
            assert found[what] == ""
            assert by_id[what].grade >= by_id[key].grade
    mixed = list(some)
    chance.shuffle(mixed)
    assert decide(mixed, muting, STORM, now) == found
