"""Live pages: state plus frames equals a refetch, in every scope; and boards as they stood at a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from anlan.kernel import live
from anlan.kernel.journal import head, seal
from anlan.kernel.scope import Scope
from anlan.warning import selectors
from anlan.warning.selectors import LIVE
from anlan.warning.services import warning_cancel, warning_issue, warning_propose
from anlan.warning.services.moment import pinned
from anlan.warning.tasks import sweep
from tests.warning.conftest import SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
MINUTE = timedelta(minutes=1)


def mine(items: dict[str, Any]) -> dict[str, Any]:
    return {name: items[name] for name in LIVE}


def acts() -> list[Callable[[], Any]]:
    given: dict[str, Any] = {"by": SCENARIO, "hazard": "11B03"}
    kept: list[Any] = []

    def propose() -> None:
        warning_propose(**given, division="410181", colour="orange", explanation={"zh": "雨", "en": "rain"}, at=T0)

    def orange() -> None:
        kept.append(warning_issue(**given, colour="orange", area=["410181"], at=T0 + MINUTE, channels=["voice"]))

    def red() -> None:
        kept.append(warning_issue(**given, colour="red", area=["410181"], references=kept[0], at=T0 + 2 * MINUTE))

    def both() -> None:
        warning_issue(**given, colour="red", area=["410182"], at=T0 + 3 * MINUTE)

    def cancel() -> None:
        warning_cancel(by=SCENARIO, warning=kept[1], reason="x", at=T0 + 30 * MINUTE)

    return [propose, orange, red, both, lambda: sweep(T0 + 10 * MINUTE), lambda: sweep(T0 + 25 * MINUTE), cancel,
            lambda: sweep(T0 + 240 * MINUTE)]  # fmt: skip


@pytest.mark.parametrize("scope", [Scope.whole(), Scope(("410181",)), Scope(("410181100",)), Scope(("410102",))])
def test_state_plus_frames_equals_a_refetch(scope: Scope, people: Callable[..., None]) -> None:
    people(default={"answer": 0.6, "median_s": 300})
    seal()
    state = live.state(scope)
    at, items = state["seq"], state["items"]
    seen = set()
    for act in acts():
        act()
        seal()
        upto, _ = head()
        frame = live.frame(scope, at, upto)
        if frame is None:
            items = live.state(scope)["items"]
        else:
            live.merge(items, frame)
        at = upto
        assert mine(items) == mine(live.state(scope)["items"])
        seen |= {name for name in LIVE if items[name]}
    if scope != Scope(("410102",)):
        assert seen == set(LIVE)


def test_the_board_as_it_stood(people: Callable[..., None]) -> None:
    people(default={"answer": 0.6, "median_s": 300})
    with pinned(T0):
        warning = warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
    scope = Scope(("410181",))
    shown = {}
    for minute in (1, 5, 20, 91):
        sweep(T0 + minute * MINUTE)
        shown[minute] = selectors.call_board(scope, warning.id), selectors.LIVE["calls"].project(scope, None, None)  # type: ignore[attr-defined]
    for minute, (board, calls) in shown.items():
        moment = T0 + minute * MINUTE
        assert selectors.call_board(scope, warning.id, moment) == {**board, "at": moment.isoformat()}
        assert selectors.LIVE["calls"].project(scope, None, moment) == calls  # type: ignore[attr-defined]
    assert shown[1][0]["total"]["answered"] < shown[5][0]["total"]["answered"]
    assert shown[91][0]["total"]["waiting"] == 0


@pytest.mark.parametrize(("read", "queries"), [
    (lambda s, w: selectors.warnings_active(s), 1), (lambda s, w: selectors.proposals_open(s), 1),
    (lambda s, w: selectors.call_board(s, w), 2), (lambda s, w: selectors.unanswered(s), 3),
    (lambda s, w: selectors.missing_channels(s), 1), (lambda s, w: LIVE["calls"].project(s, None, None), 1)])  # fmt: skip
def test_each_reader_has_its_number_of_queries(read: Callable[..., Any], queries: int) -> None:
    from django.db import connection

    warning = warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        read(Scope(("410181",)), warning.id)
    assert len(caught) == queries
