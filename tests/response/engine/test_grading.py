"""Event grades: the oracle of the law's table, every bound of every table, texts that switch by date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.clock import BEIJING
from anlan.kernel.problem import Invalid
from anlan.response.engine.event_types import kinship
from anlan.response.engine.grading import GRADES, RANK, Inputs, grade, graver, in_window, table_for, window_end
from anlan.response.formats.grades import event_types, grade_table_read, grade_tables
from anlan.response.formats.packs import pack_text

ES, S, RS, O = GRADES  # noqa: E741 - as in the table: 特别重大, 重大, 较大, 一般
DAY = date(2026, 7, 1)
TABLES = grade_tables()


def graded(kind: str, on: date = DAY, **values):
    found = grade(TABLES, Inputs(kind, on, values))
    return found.grade if found else ""


# --- work safety (Decree 493 art. 3) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deaths", "injured", "loss", "wanted"),
    [(3, 0, 0, RS), (2, 10, 0, RS), (0, 0, 1000, RS), (9, 49, 4999, RS), (10, 0, 0, S), (29, 99, 9999, S),
     (1, 100, 0, ES), (0, 0, 10000, ES), (2, 9, 999, O),
     (30, 0, 0, ES), (29, 0, 0, S), (9, 0, 0, RS), (2, 0, 0, O), (1, 0, 0, O), (0, 0, 0, O),
     (0, 99, 0, S), (0, 50, 0, S), (0, 49, 0, RS), (0, 10, 0, RS), (0, 9, 0, O),
     (0, 0, 9999.99, S), (0, 0, 5000, S), (0, 0, 4999.99, RS), (0, 0, 999.99, O)],
)  # fmt: skip
def test_the_oracle_of_work_safety(deaths: int, injured: int, loss: float, wanted: str) -> None:
    assert graded("work_safety", deaths=deaths, seriously_injured=injured, loss_wan=loss) == wanted
    assert graded("12F00", deaths=deaths, seriously_injured=injured, loss_wan=loss) == wanted


def test_an_accident_of_which_nothing_is_known_has_the_least_grade_and_no_criterion() -> None:
    found = grade(TABLES, Inputs("12C00", DAY, {}))
    assert found is not None
    assert (found.grade, found.criterion, found.value) == (O, None, None)


def test_the_missing_do_not_grade_an_accident_but_are_told() -> None:
    found = grade(TABLES, Inputs("work_safety", DAY, {"deaths": 2, "missing": 1}))
    assert found is not None
    assert (found.grade, found.possible) == (O, RS)
    assert "493" in found.citation.zh
    assert grade(TABLES, Inputs("work_safety", DAY, {"deaths": 2, "missing": 0})).possible == ""  # type: ignore[union-attr]
    hurt = grade(TABLES, Inputs("work_safety", DAY, {"injured": 60}))
    assert hurt is not None
    assert (hurt.grade, hurt.possible) == (O, S)  # how seriously isn't known


# --- the other tables ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "wanted"),
    [({"deaths": 30}, ES), ({"deaths": 29}, S), ({"deaths": 10}, S), ({"deaths": 9}, RS), ({"deaths": 3}, RS),
     ({"deaths": 2}, O), ({"deaths": 0}, O), ({"loss_wan": 1000}, ES), ({"loss_wan": 999.99}, S), ({"loss_wan": 500}, S),
     ({"loss_wan": 499.99}, RS), ({"loss_wan": 100}, RS), ({"loss_wan": 99.99}, O), ({"deaths": 2, "loss_wan": 1000}, ES), ({}, O)],
)  # fmt: skip
def test_geological_bounds_and_names(values: dict[str, float], wanted: str) -> None:
    assert graded("geological", **values) == graded("11D01", **values) == wanted
    table = table_for(TABLES, Inputs("11D02", DAY, {}))
    assert table is not None
    assert [table.grade_names[code].zh for code in GRADES] == ["特大型", "大型", "中型", "小型"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [({"area_ha": 0.5}, O), ({"area_ha": 1}, RS), ({"area_ha": 99.9}, RS), ({"area_ha": 100}, S),
     ({"area_ha": 999.9}, S), ({"area_ha": 1000}, ES), ({"deaths": 1}, O), ({"deaths": 2}, O), ({"deaths": 3}, RS),
     ({"deaths": 9}, RS), ({"deaths": 10}, S), ({"deaths": 29}, S), ({"deaths": 30}, ES), ({"seriously_injured": 1}, O),
     ({"seriously_injured": 9}, O), ({"seriously_injured": 10}, RS), ({"seriously_injured": 49}, RS),
     ({"seriously_injured": 50}, S), ({"seriously_injured": 99}, S),
     ({"seriously_injured": 100}, ES), ({"area_ha": 0.1, "deaths": 3}, RS)],
)  # fmt: skip
def test_forest_fire_bounds(values: dict[str, float], wanted: str) -> None:
    assert graded("forest_fire", **values) == graded("11G00", **values) == wanted


@pytest.mark.parametrize(
    ("values", "of_2012", "of_2006"),
    [({"deaths": 300}, ES, ES), ({"deaths": 299}, S, S), ({"deaths": 50}, S, S), ({"deaths": 49}, RS, RS),
     ({"deaths": 20}, RS, RS), ({"deaths": 19}, RS, O), ({"deaths": 10}, RS, O), ({"deaths": 9}, O, O),
     ({"deaths": 40, "missing": 10}, S, RS), ({"deaths": 290, "missing": 10}, ES, S), ({"missing": 10}, RS, ""),
     ({"loss_gdp_percent": 1}, ES, ES), ({"loss_gdp_percent": 0.99}, "", ""),
     ({"loss_class": "severe"}, S, ""), ({"loss_class": "considerable"}, RS, ""), ({"loss_class": "some"}, O, "")],
)  # fmt: skip
def test_earthquake_losses_switch_with_the_date(values: dict[str, float | str], of_2012: str, of_2006: str) -> None:
    assert graded("earthquake", **values) == of_2012
    assert graded("11C00", date(2012, 8, 28), **values) == of_2012
    assert graded("11C00", date(2012, 8, 27), **values) == of_2006
    assert graded("earthquake", date(2006, 1, 11), **values) == ""  # before either text


@pytest.mark.parametrize(
    ("magnitude", "fairly", "dense", "of_2006"),
    [(7.0, ES, ES, ES), (6.9, S, ES, S), (6.5, S, ES, S), (6.4, S, ES, RS), (6.0, S, ES, RS), (5.9, RS, S, O),
     (5.0, RS, S, O), (4.9, O, RS, ""), (4.0, O, RS, ""), (3.9, "", "", "")],
)  # fmt: skip
def test_earthquake_first_guess(magnitude: float, fairly: str, dense: str, of_2006: str) -> None:
    assert graded("earthquake", magnitude=magnitude, density="populous") == fairly
    assert graded("earthquake", magnitude=magnitude, density="dense") == dense
    assert graded("earthquake", date(2010, 4, 14), magnitude=magnitude, density="populous") == of_2006
    assert graded("earthquake", magnitude=magnitude) == ""  # without a density nothing is guessed


def test_the_first_guess_is_marked_and_a_measured_figure_of_the_same_grade_speaks_first() -> None:
    guess = grade(TABLES, Inputs("earthquake", DAY, {"magnitude": 6.5, "density": "dense", "deaths": 3}))
    assert guess is not None
    assert (guess.grade, guess.first_guess) == (ES, True)
    known = grade(TABLES, Inputs("earthquake", DAY, {"magnitude": 6.5, "density": "dense", "deaths": 300}))
    assert known is not None
    assert known.criterion is not None
    assert (known.grade, known.first_guess, known.criterion.metric) == (ES, False, "dead_missing")


def test_loss_is_held_against_the_provinces_gdp() -> None:
    assert graded("earthquake", loss_wan=100, gdp_wan=10000) == ES
    assert graded("earthquake", loss_wan=99, gdp_wan=10000) == ""
    assert graded("earthquake", loss_wan=99) == ""


@pytest.mark.parametrize(
    ("values", "wanted"),
    [({"deaths": 3}, RS), ({"seriously_injured": 100}, ES), ({}, O), ({"relocated": 499}, O), ({"relocated": 500}, RS),
     ({"relocated": 10000}, S), ({"relocated": 50000}, ES), ({"threatened_people": 10}, RS), ({"threatened_people": 30}, S),
     ({"major_hazard": "1"}, S), ({"major_hazard": "2"}, RS), ({"major_hazard": "4"}, O), ({"missing": 3}, RS)],
)  # fmt: skip
def test_chemical_first_guess(values: dict[str, float | str], wanted: str) -> None:
    assert graded("12D00", **values) == graded("chemical", **values) == wanted


def test_floods_without_casualties_have_no_grade() -> None:
    assert [graded("11A06", **v) for v in ({}, {"deaths": 0}, {"deaths": 1}, {"missing": 3}, {"deaths": 10})] == [
        "", "", O, RS, S]  # fmt: skip
    assert table_for(TABLES, Inputs("13000", DAY, {})) is None


@pytest.mark.parametrize(
    ("kind", "on", "values", "mark"),
    [("earthquake", DAY, {"deaths": 10}, ""), ("earthquake", DAY, {"deaths": 9}, "G"),
     ("earthquake", DAY, {"magnitude": 4.5, "density": "populous"}, "G"),
     ("earthquake", date(2010, 4, 14), {"deaths": 20}, "S"), ("earthquake", date(2010, 4, 14), {"deaths": 300}, ""),
     ("chemical", DAY, {"relocated": 500}, "G"), ("chemical", DAY, {"deaths": 3}, "")],
)  # fmt: skip
def test_each_bound_says_whether_it_was_read(kind: str, on: date, values: dict[str, float | str], mark: str) -> None:
    found = grade(TABLES, Inputs(kind, on, values))
    assert found is not None
    assert found.criterion is not None
    assert found.criterion.mark == mark
    tables = {(table.code, table.version): table.mark for table in TABLES}
    assert (tables["earthquake", "2012"], tables["earthquake", "2006"], tables["natural_hazard", "1"]) == (
        "S",
        "G",
        "G",
    )


# --- properties ---------------------------------------------------------------------------------------------------

COUNTS = st.one_of(st.none(), st.integers(0, 400))
MONEY = st.one_of(st.none(), st.floats(0, 20000))


@given(COUNTS, COUNTS, MONEY)
def test_work_safety_equals_the_law_written_out(deaths: int | None, injured: int | None, loss: float | None) -> None:
    bounds = ((ES, 30, 100, 10000), (S, 10, 50, 5000), (RS, 3, 10, 1000))
    known = (deaths or 0, injured or 0, loss or 0)
    wanted = next((code for code, *lows in bounds if any(v >= low for v, low in zip(known, lows, strict=True))), O)
    values = {
        k: v for k, v in (("deaths", deaths), ("seriously_injured", injured), ("loss_wan", loss)) if v is not None
    }
    assert graded("work_safety", **values) == wanted


@given(st.sampled_from(sorted({table.code for table in TABLES})), st.data())
def test_more_harm_is_never_a_milder_grade(code: str, data: st.DataObject) -> None:
    metrics = ("deaths", "missing", "seriously_injured", "loss_wan", "area_ha", "relocated", "threatened_people")
    less = data.draw(st.dictionaries(st.sampled_from(metrics), st.integers(0, 60000), max_size=4))
    more = {key: value + data.draw(st.integers(0, 60000)) for key, value in less.items()}
    first, second = graded(code, **less), graded(code, **more)
    assert RANK.get(second, 0) >= RANK.get(first, 0)


@given(st.sampled_from(TABLES))
def test_rows_of_every_table_meet_without_a_gap(table) -> None:
    for upper, lower in pairwise(table.rows):
        for one in lower.any_of:
            if one.below is not None:
                same = [o.at_least for o in upper.any_of if (o.metric, o.where) == (one.metric, one.where)]
                assert same == [one.below], (table.code, table.version, one)


@given(st.sampled_from(TABLES), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_one_text_of_a_table_holds_a_day(table, on: date) -> None:
    held = [
        t for t in TABLES if t.code == table.code and t.valid_from <= on and (t.valid_to is None or on < t.valid_to)
    ]
    assert len(held) <= 1


def test_a_narrower_area_and_a_later_text_come_first() -> None:
    text = pack_text("grades/work_safety.yaml")
    local = grade_table_read(text.replace('version: "2007"', 'version: "L"\narea: "41"'))
    later = grade_table_read(text.replace("valid_from: 2007-06-01", "valid_from: 2026-01-01"))
    assert table_for([*TABLES, local], Inputs("12F00", DAY, {}, "410102")) == local
    assert table_for([*TABLES, local], Inputs("12F00", DAY, {}, "370000")) != local
    assert table_for([*TABLES, later], Inputs("12F00", DAY, {})) == later
    assert table_for([*TABLES, later], Inputs("12F00", date(2025, 12, 31), {})) != later


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [("at_least: 30}", "at_least: many}", "rows[0].any_of[0].at_least"), ("mark: S", "mark: X", "mark"),
     ("valid_from: 2007-06-01", "valid_from: 2007-06-01\nvalid_to: 2001-01-01", "valid_to"),
     ("floor: ordinary", "floor: small", "floor"), ("code: serious", "code: grave", "rows"),
     ("at_least: 10, below: 30}", "at_least: 10, below: 3}", "rows[1].any_of[0].below"),
     ("{metric: deaths, at_least: 30}", "{metric: deaths}", "rows[0].any_of[0]")],
)  # fmt: skip
def test_a_wrong_table_is_refused_by_its_field(was: str, becomes: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        grade_table_read(pack_text("grades/work_safety.yaml").replace(was, becomes, 1))
    assert refused.value.field == field


# --- the window ---------------------------------------------------------------------------------------------------


def test_changed_casualties_count_for_thirty_days_seven_on_roads_and_in_fires() -> None:
    happened = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)  # 23:30 in Beijing
    assert window_end(happened, 30, BEIJING) == datetime(2026, 8, 1, tzinfo=BEIJING)
    table = table_for(TABLES, Inputs("12F00", DAY, {}))
    assert table is not None
    told = {"happened": happened, "zone": BEIJING}
    for kind, days in (("12F00", 30), ("12H00", 7), ("12G00", 7)):
        end = window_end(happened, days, BEIJING)
        assert in_window(table, kind, "deaths", as_of=end - timedelta(seconds=1), **told)
        assert not in_window(table, kind, "deaths", as_of=end, **told)
        assert in_window(table, kind, "loss", as_of=end, **told)
    quake = table_for(TABLES, Inputs("11C00", DAY, {}))
    assert quake is not None
    assert in_window(quake, "11C00", "deaths", as_of=happened + timedelta(days=400), **told)


def test_graver_knows_no_grade_as_the_mildest() -> None:
    assert graver(O, "")
    assert not graver("", O)
    assert graver(ES, S)
    assert not graver(S, S)


# --- classes ------------------------------------------------------------------------------------------------------


def test_event_types_have_parents_statistics_and_kinds() -> None:
    types = event_types()
    assert len([one for one in types.types if not one.local]) == 52
    assert (types.outward("12P03"), types.outward("12D00")) == ("12P00", "12D00")
    assert (types.parent("11A06"), types.parent("11A00"), types.parent("11000")) == ("11A00", "11000", "")
    assert types.statistic("11A06").zh == "洪涝"  # type: ignore[union-attr]
    assert types.statistic("11B15").zh == "风雹"  # type: ignore[union-attr]
    assert types.statistic("12D00") is None
    assert (types.kind_of("11D01"), types.kind_of("11A02"), types.kind_of("12D00")) == ("landslide", "other", "other")
    assert [one.code for one in types.search("滑坡")] == ["11D01"]
    assert [one.code for one in types.search("12d")] == ["12D00"]
    pairs = (("11A06", "11A06"), ("11A06", "11A02"), ("12F00", "12G00"), ("11A06", "12D00"), ("", "12D00"))
    assert [kinship(*pair) for pair in pairs] == [1.0, 0.7, 0.3, 0.1, 0.3]
