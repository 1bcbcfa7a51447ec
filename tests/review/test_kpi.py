"""The figures, against hand counts and brute force."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anlan.review.engine import kpi
from anlan.review.engine.rows import Record
from tests.review import storm


def test_the_known_delay_of_2021_comes_from_rows() -> None:
    latency = kpi.warning_to_response(storm.record())
    assert latency["as_it_happened"] == 1111.0
    assert latency["as_anlan_proposes"]["proposal"] == 0.0
    assert latency["as_anlan_proposes"]["decision"] == 12.0
    assert latency["as_anlan_proposes"]["level_one_in_force"] == 12.0
    assert latency["first_red"] == "R1"


def test_without_rows_nothing_is_made_up() -> None:
    latency = kpi.warning_to_response(Record())
    assert latency["as_it_happened"] is None
    assert latency["as_anlan_proposes"] is None
    bare = Record(warnings=storm.record().warnings)
    assert kpi.warning_to_response(bare)["as_it_happened"] is None
    assert kpi.warning_to_response(bare)["as_anlan_proposes"]["proposal"] is None


def test_who_never_answered_counts_against_the_share_in_time() -> None:
    answers = kpi.warning_to_answer(storm.record())
    assert (answers["all"]["called"], answers["all"]["answered"], answers["all"]["unanswered"]) == (4, 3, 1)
    township = answers["by_tier"]["township"]
    assert township["minutes"] == {"n": 2, "median": 8.0, "p90": 14.0, "min": 2.0, "max": 14.0}
    assert township["within_limit_share"] == 1.0
    assert township["climbed"] == 1
    assert answers["by_tier"]["village"]["within_limit_share"] == 0.0
    assert answers["by_role"]["village_head"]["unanswered"] == 1
    assert [row["called"] for row in answers["by_warning"]] == [0, 4, 0]


def test_signal_to_warning_and_orders() -> None:
    figures = kpi.kpis(storm.record())
    assert figures["signal_to_warning"]["to_warning"]["median"] == 19.0
    assert figures["signal_to_warning"]["to_proposal"]["median"] == 0.0
    orders = figures["orders"]["main"]
    assert (orders["issued"], orders["cancelled"], orders["overdue"], orders["without_receipt"]) == (2, 1, 2, 1)
    assert figures["decisions"]["by_state"] == {"adopted": 1, "open": 1}
    assert figures["decisions"]["escalations"] == 2


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=60))
def test_p90_is_the_least_value_that_nine_in_ten_do_not_exceed(values: list[float]) -> None:
    found = kpi.spread(values)["p90"]
    reached = [v for v in sorted(values) if sum(w <= v for w in values) * 10 >= 9 * len(values)]
    assert found == round(reached[0], 2)


@given(st.lists(st.sampled_from(["township_head", "village_head", "tunnel_duty"]), max_size=40), st.integers(0, 40))
def test_parts_add_up_to_the_whole(roles: list[str], answered: int) -> None:
    calls = tuple(
        storm.call(role, role.partition("_")[0], 5.0 if i < answered else None) for i, role in enumerate(roles)
    )
    answers = kpi.warning_to_answer(Record(warnings=storm.record().warnings, calls=calls))
    for key in ("called", "answered", "unanswered"):
        assert sum(group[key] for group in answers["by_role"].values()) == answers["all"][key]
        assert sum(group[key] for group in answers["by_tier"].values()) == answers["all"][key]
