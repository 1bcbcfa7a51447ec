"""The tally of calls: whatever happens, its sums are the calls themselves; folding it changes no figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.kernel.scope import Scope
from anlan.warning import selectors
from anlan.warning.engine.board import figures
from anlan.warning.models import Call, CallTally
from anlan.warning.selectors.board_live import tally_of
from anlan.warning.services import Answer, answers_take, calls_escalate, tally, warning_cancel, warning_issue
from anlan.warning.services.moment import pinned
from anlan.warning.services.tally import tally_fold
from tests.warning.conftest import SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.integers(0, 400), st.sampled_from(["received", "acting", "need_help", "cannot"])),
        st.tuples(st.just("climb"), st.integers(1, 40)),
        st.tuples(st.just("fold")),
        st.tuples(st.just("issue"), st.sampled_from(["410181", "410182", "410181100"])),
        st.tuples(st.just("cancel")),
    ),
    max_size=12,
)  # fmt: skip


def counted() -> Counter[tuple[Any, ...]]:
    """The calls, counted one by one."""
    found: Counter[tuple[Any, ...]] = Counter()
    for call in Call.objects.all():
        via = call.answers[0]["channel"] if call.answers else ""
        key = (
            call.warning_id,
            call.division[:9],
            call.level,
            call.role,
            call.first_placed_at,
            call.state,
            call.answer or "",
        )
        found[(*key, via)] += 1
    return found


def tallied() -> Counter[tuple[Any, ...]]:
    """The tally's sums; a sum of nought is no figure."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in CallTally.objects.values_list("warning", "division", "level", "role", "first_placed_at", "state", "answer",
                                            "via", "n"):  # fmt: skip
        found[row[:-1]] += row[-1]
    return Counter({key: n for key, n in found.items() if n})


def do(act: tuple[Any, ...], n: int) -> None:
    at = T0 + timedelta(minutes=n)
    if act[0] == "issue":
        warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=[act[1]], at=at)
    elif act[0] == "answer":
        calls = list(Call.objects.order_by("id").values_list("id", flat=True))
        if calls:
            chosen = {calls[(act[1] + k) % len(calls)] for k in range(7)}
            answers_take(by=SCENARIO, answers=[Answer(key, act[2]) for key in sorted(chosen)], channel="sms", at=at)
    elif act[0] == "climb":
        calls_escalate(at + timedelta(minutes=act[1]))
    elif act[0] == "fold":
        tally_fold()
    else:
        row = selectors.warnings_recent(Scope.whole(), 1)
        if row and row[0].state == "in_force":
            warning_cancel(by=SCENARIO, warning=row[0], reason="x", at=at)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_sums_are_the_calls(acts: list[tuple[Any, ...]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
        for n, act in enumerate(acts, 1):
            do(act, n)
            assert tallied() == counted()
        transaction.set_rollback(True)


def test_folding_leaves_one_row_a_figure() -> None:
    warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
    calls = list(Call.objects.order_by("id")[:20])
    for call in calls:
        answers_take(by=SCENARIO, answers=[Answer(call.pk, "acting")], channel="voice", at=T0)
    before, loose = tallied(), CallTally.objects.count()
    assert tally_fold() == len(before) < loose
    assert tallied() == before
    assert CallTally.objects.filter(folded=False).count() == 0


def test_a_village_reads_the_calls_themselves_and_sees_the_same(people: Callable[..., None]) -> None:
    with pinned(T0):
        warning = warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
    village = Call.objects.filter(level="village").order_by("id")[0].division
    own = tally_of(Scope((village,)), warning.pk)
    assert figures(own.values())["total"]["targeted"] == Call.objects.filter(division__startswith=village).count() > 0
    town = tally_of(Scope((village[:9],)), warning.pk)
    assert figures(town.values())["total"]["targeted"] == Call.objects.filter(division__startswith=village[:9]).count()


def test_the_board_says_what_the_calls_say() -> None:
    warning = warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
    for n, call in enumerate(Call.objects.order_by("id")[:30]):
        content = ("received", "acting", "need_help")[n % 3]
        answers_take(by=SCENARIO, answers=[Answer(call.pk, content)], channel=("sms", "desk")[n % 2], at=T0)
    scope = Scope(("410181",))
    found, board = figures(tally_of(scope, warning.pk).values()), selectors.call_board(scope, warning.pk)
    assert {key: found["total"][key] for key in board["total"]} == board["total"]
    assert found["via"] == {"sms": 15, "desk": 15}
    assert {row["code"]: row["answered"] for row in board["levels"]} == {
        code: row["answered"] for code, row in found["levels"].items()
    }
    assert all((town["oldest"] is not None) == (town["silent"] > 0) for town in found["townships"])


def test_loose_rows_are_many_once_they_are_and_folding_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
    tally_fold()
    monkeypatch.setattr(tally, "LOOSE", 10)
    call = Call.objects.order_by("id")[0]
    answers_take(by=SCENARIO, answers=[Answer(call.pk, "received")], channel="voice", at=T0)
    assert not tally.tally_loose()
    for call in Call.objects.order_by("id")[1:8]:
        answers_take(by=SCENARIO, answers=[Answer(call.pk, "acting")], channel="voice", at=T0)
    assert CallTally.objects.filter(folded=False).count() > 10
    assert tally.tally_loose()
    tally_fold()
    assert not tally.tally_loose()
