"""Clock, ids, draws, levels, options, problems: the values everything else stands on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel import clock, geo, ids
from anlan.kernel.levels import EventGrade, ResponseLevel, WarningColour
from anlan.kernel.options import SPEC, Options
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound, Problem, Unavailable
from anlan.kernel.scope import Scope

RED_SIGNAL = datetime(2021, 7, 19, 13, 59, tzinfo=UTC)


def test_the_clock_can_be_pinned_and_lets_go() -> None:
    with clock.at(RED_SIGNAL.astimezone(clock.BEIJING)):
        assert clock.now() == RED_SIGNAL
        with clock.at(RED_SIGNAL + timedelta(minutes=15)):
            assert clock.now() == RED_SIGNAL + timedelta(minutes=15)
        assert clock.now() == RED_SIGNAL
    assert clock.now() - datetime.now(UTC) < timedelta(seconds=5)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.at(datetime(2021, 7, 19)):
        pass


def test_the_clock_follows_a_source_until_told_otherwise() -> None:
    clock.follow(lambda: RED_SIGNAL)
    try:
        assert clock.now() == RED_SIGNAL
    finally:
        clock.follow(None)
    assert clock.now() != RED_SIGNAL


def test_ids_are_ordered_by_time_and_never_meet() -> None:
    made = [ids.new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    with clock.at(RED_SIGNAL):
        early = ids.new_id()
    assert early < made[0] and early.version == 7 and early.variant == "specified in RFC 4122"


def test_drill_ids_follow_from_seed_and_tick() -> None:
    def run(seed: int, tick: int) -> list[UUID]:
        with clock.at(RED_SIGNAL), ids.drill(seed, tick):
            return [ids.new_id() for _ in range(5)]

    assert run(7, 1) == run(7, 1)
    assert not set(run(7, 1)) & set(run(7, 2)) and not set(run(7, 1)) & set(run(8, 1))


@given(st.lists(st.text(), min_size=1))
def test_a_draw_follows_from_its_key(key: list[str]) -> None:
    assert 0 <= ids.draw(*key) < 1
    assert ids.draw(*key) == ids.draw(*key)


def test_the_three_scales_order_within_and_refuse_across() -> None:
    assert WarningColour.BLUE < WarningColour.RED and ResponseLevel.IV < ResponseLevel.I
    assert EventGrade.of("major") is EventGrade.MAJOR and ResponseLevel.of(1) is ResponseLevel.I
    with pytest.raises(TypeError, match="different scales"):
        _ = WarningColour.RED > ResponseLevel.I  # type: ignore[operator]
    with pytest.raises(TypeError, match="different scales"):
        _ = WarningColour.RED == EventGrade.MAJOR
    with pytest.raises(KeyError, match="purple"):
        WarningColour.of("purple")


def test_options_read_default_then_file_then_environment(tmp_path: Path) -> None:
    (tmp_path / "anlan.toml").write_text("web_port = 9000\nlive_port = 9001\n")
    found = Options({"ANLAN_HOME": str(tmp_path), "ANLAN_LIVE_PORT": "9002"})
    assert (found.web_port, found.live_port, found.language) == (9000, 9002, "zh-hans")
    assert [found.source(n) for n in ("web_port", "live_port", "language")] == ["file", "environment", "default"]


@pytest.mark.parametrize(("name", "value"), [("WEB_PORT", "many"), ("DRILL", "perhaps")])
def test_a_wrong_option_names_itself_its_value_and_the_remedy(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        getattr(Options({"ANLAN_HOME": str(tmp_path), f"ANLAN_{name}": value}), name.lower())
    assert caught.value.field == name.lower() and value in caught.value.en and f"ANLAN_{name}" in caught.value.zh


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = Options({"ANLAN_HOME": str(tmp_path)}).secret_key
    assert Options({"ANLAN_HOME": str(tmp_path)}).secret_key == first and len(first) == 64
    assert (tmp_path / "keys/secret").stat().st_mode & 0o077 == 0


def test_every_option_is_explained_in_both_languages() -> None:
    assert all(option.help_en and option.help_zh for option in SPEC)


def test_problems_carry_both_languages_status_field_and_value() -> None:
    kinds = {Invalid: 422, Forbidden: 403, NotFound: 404, Conflict: 409, Unavailable: 503}
    for kind, status in kinds.items():
        problem = kind(code="x.y", zh="中", en="en", field="f", value=1)
        body = problem.as_dict("en")
        assert isinstance(problem, Problem) and body["status"] == status
        assert (body["title"], body["zh"], body["field"], body["value"]) == ("en", "中", "f", "1")


def test_scope_looks_down_and_up_the_tree() -> None:
    county = Scope(("410181",))
    assert county.covers("410181100201") and not county.covers("410182") and not county.covers("4101")
    assert county.sees("4101") and county.sees("41") and not county.sees("410182")
    assert Scope.whole().covers("") and not Scope().sees("41")


@given(st.floats(73, 135), st.floats(18, 53))
def test_coordinates_come_back_from_the_web_maps_systems(lon: float, lat: float) -> None:
    lons, lats = np.array([lon]), np.array([lat])
    for there, back in ((geo.wgs84_to_gcj02, geo.gcj02_to_wgs84), (geo.wgs84_to_bd09, geo.bd09_to_wgs84)):
        x, y = back(*there(lons, lats))
        assert np.hypot(x - lons, y - lats)[0] < 1e-8  # about a millimetre


def test_gcj02_moves_a_point_by_hundreds_of_metres_inside_and_not_at_all_outside() -> None:
    x, y = geo.wgs84_to_gcj02(np.array([113.65, 2.35]), np.array([34.72, 48.85]))
    shift_m = np.hypot((x[0] - 113.65) * 91500, (y[0] - 34.72) * 111000)
    assert 300 < shift_m < 800 and (x[1], y[1]) == (2.35, 48.85)
