"""The pages of signals and rules: what they show, how much they weigh, and that a form does what its service does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Mute, RuleTrial, RuleVersion, Signal, SignalStep, Station
from anlan.monitoring.selectors.signal_board import Narrow, board_counts, board_page, counted
from tests.monitoring.rule_rows import laid, signal, station
from tests.territory.page_rows import reader

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 20, 8, tzinfo=UTC)
HTML = {"HTTP_ACCEPT": "text/html"}
WHOLE = Scope(("41",))


@pytest.fixture
def client() -> Any:
    return reader("4101")


@pytest.fixture(autouse=True)
def now() -> Any:
    with clock.at(NOW):
        yield


def page(client: Any, path: str, status: int = 200) -> str:
    answer = client.get(f"/monitoring/{path}", **HTML)
    assert answer.status_code == status, answer.content[:3000]
    assert len(answer.content) <= 60_000, (path, len(answer.content))
    return str(answer.content.decode())


EMPTY = ("signals", "signals?view=groups", "signals/facets", "signals/parts", "mutes", "rules", "rules/rainstorm",
         "rules/rainstorm/edit?division=4101", "rules/new", "rules/flash_flood", "rules/basin_rain")  # fmt: skip


@pytest.mark.parametrize("path", EMPTY)
def test_every_page_stands_empty_too(client: Any, path: str) -> None:
    assert page(client, path)


@pytest.mark.parametrize("path", [*EMPTY, "rules/trials/018f0000-0000-7000-8000-000000000000"])
def test_a_stranger_is_sent_to_the_door(path: str) -> None:
    answer = Client().get(f"/monitoring/{path}", **HTML)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in")


def test_the_gravest_and_newest_come_first_and_pages_go_on_by_key() -> None:
    rows = laid(240, NOW - timedelta(hours=1))
    groups = board_counts(WHOLE)
    assert counted(groups, Narrow()) == {"": 240}
    assert counted(groups, Narrow(colour=("red",)), "state") == {"firing": 60}
    seen: list[Any] = []
    after, first = "", True
    while first or after:
        found = board_page(WHOLE, Narrow(), groups, after)
        seen += [(row["grade"], row["level_at"], row["id"]) for row in found.rows]
        after, first = found.next, False
    assert len(set(seen)) == len(rows) == len(seen)
    assert seen == sorted(seen, reverse=True)
    assert board_page(WHOLE, Narrow(state=("recovering",)), groups).rows == []
    assert board_page(WHOLE, Narrow(), groups, "nonsense").rows[0]["grade"] == 4


def test_states_and_mutes_narrow() -> None:
    rows = laid(8, NOW - timedelta(hours=1))
    Signal.objects.filter(id=rows[0].id).update(recovering_since=NOW)
    Signal.objects.filter(id=rows[1].id).update(no_data_since=NOW)
    Signal.objects.filter(id=rows[2].id).update(suspect=True)
    Signal.objects.filter(id=rows[3].id).update(state="pending")
    Signal.objects.filter(id=rows[4].id).update(muted="mute:x")
    groups = board_counts(WHOLE)
    assert counted(groups, Narrow(), "state") == {
        "recovering": 1,
        "no_data": 1,
        "suspect": 1,
        "pending": 1,
        "firing": 4,
    }
    for state in ("recovering", "no_data", "suspect", "pending"):
        assert [row["state"] for row in board_page(WHOLE, Narrow(state=(state,)), groups).rows] == [state]
    assert [row["id"] for row in board_page(WHOLE, Narrow(held=("held",)), groups).rows] == [rows[4].id]
    assert board_page(WHOLE, Narrow(), groups).rows[-1]["state"] == "pending"


def test_the_board_asks_few_questions_and_stays_light(client: Any) -> None:
    laid(2000, NOW - timedelta(hours=1))
    page(client, "signals")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        text = page(client, "signals")
    of_signals = [q["sql"] for q in asked.captured_queries if "monitoring_signal" in q["sql"]]
    assert len(of_signals) == 2
    assert "2,000" in text
    assert page(client, "signals?view=groups")
    assert page(client, "signals?colour=red&hazard=11B03&rule=rainstorm&division=410183&state=firing&held=passed")
    assert "R01999" in page(client, "signals")


def test_another_county_sees_nothing_of_it() -> None:
    rows = laid(4, NOW)
    other = reader("3701")
    assert "R0000" not in page(other, "signals")
    page(other, f"signals/{rows[0].id}", 404)


def test_one_signal_tells_why_and_every_step_and_can_be_muted(client: Any) -> None:
    (of,) = [station("R1", NOW)]
    Station.objects.bulk_create([of])
    row = signal(of, NOW)
    Signal.objects.bulk_create([row])
    common = {"signal": row, "division": row.division, "previous": "", "value": 55.0, "threshold": 50.0, "window_h": 3,
              "explanation": {}, "recorded_at": NOW}  # fmt: skip
    SignalStep.objects.create(event="opened", at=NOW, level="orange", **common)
    SignalStep.objects.create(event="opened", at=NOW, level="yellow", superseded_at=NOW, **common)
    text = page(client, f"signals/{row.id}")
    assert "superseded" in text
    assert "雨量达到标准" in text or "Rain reaches" in text
    to_sheet = f"/response/incidents/new?about=signal:{row.id}"
    assert to_sheet in page(reader("4101", roles=("duty",), name="desk"), f"signals/{row.id}")
    assert to_sheet not in page(reader("4101", roles=("viewer",), name="guest"), f"signals/{row.id}")
    answer = client.post(
        f"/monitoring/signals/{row.id}/mute", {"what": "county", "hours": "3", "reason": "works"}, **HTML
    )
    assert answer.status_code == 302
    mute = Mute.objects.get()
    assert (mute.match, mute.division, mute.until_at) == ({"rule": "rainstorm"}, "410183", NOW + timedelta(hours=3))
    assert "works" in page(client, "mutes")
    client.post(f"/monitoring/mutes/{mute.id}/end", **HTML)
    mute.refresh_from_db()
    assert mute.ended_at == NOW
    answer = client.post(
        f"/monitoring/signals/{row.id}/mute", {"what": "place", "hours": "x", "reason": ""}, **HTML, follow=True
    )
    assert Mute.objects.count() == 1
    assert "notice" in answer.content.decode()


GOOD = """code: rainstorm
name: {zh: 暴雨, en: Rainstorm}
kind: rain
element: rain_mm
unit: mm
scale: warning_colour
hazard: 11B03
levels:
- {code: red, window_h: 1, threshold: 30}
"""


def test_the_editor_checks_saves_and_takes_back(client: Any) -> None:
    told = client.post(
        "/monitoring/rules/check", {"text": GOOD, "code": "rainstorm", "division": "410183"}, **HTML
    ).content.decode()
    assert "data-bad" not in told
    assert 'class="add"' in told
    bad = client.post(
        "/monitoring/rules/check", {"text": GOOD.replace("30", "-1"), "code": "rainstorm"}, **HTML
    ).content.decode()
    assert "data-bad" in bad
    assert "levels[0].threshold" in bad
    other = client.post(
        "/monitoring/rules/check", {"text": GOOD.replace("code: rain", "code: ra"), "code": "rainstorm"}, **HTML
    )
    assert "data-bad" in other.content.decode()
    asked = {"text": GOOD, "division": "4101", "note": "stricter", "valid_from": ""}
    assert client.post("/monitoring/rules/rainstorm/save", asked, **HTML).status_code == 302
    assert RuleVersion.objects.get().division == "4101"
    assert "stricter" in page(client, "rules/rainstorm")
    assert client.post("/monitoring/rules/rainstorm/save", {**asked, "note": ""}, **HTML).status_code == 422
    assert client.post("/monitoring/rules/rainstorm/save", {**asked, "valid_from": "soon"}, **HTML).status_code == 422
    client.post("/monitoring/rules/rainstorm/take-back", {"division": "4101", "note": "no"}, **HTML)
    assert RuleVersion.objects.get().withdrawn
    text = GOOD.replace("code: rainstorm", "code: burst")
    assert client.post("/monitoring/rules/new/save", {**asked, "text": text}, **HTML).status_code == 302
    assert page(client, "rules/burst")
    page(client, "rules/nothing", 404)


def test_what_would_it_have_raised(client: Any) -> None:
    from anlan.monitoring.services.trials import trial_run_now
    from tests.monitoring.making import fed, gauge, registered, take

    start = NOW - timedelta(days=2)
    registered(gauge("R1"), gauge("R2", division="410184001"))
    take(
        [
            (code, start + timedelta(minutes=10 * n), 12.0 if n in (3, 4, 5) else 0.0)
            for code in ("R1", "R2")
            for n in range(60)
        ],
        now=NOW,
    )
    assert fed
    asked = {"text": GOOD, "division": "410183", "days": "30", "back": "/monitoring/rules"}
    answer = client.post("/monitoring/rules/try", asked, **HTML)
    trial = RuleTrial.objects.get()
    assert answer["Location"] == f"/monitoring/rules/trials/{trial.id}"
    assert 'hx-trigger="every 1s"' in page(client, f"rules/trials/{trial.id}")
    done = trial_run_now(trial.id)
    assert done.state == "done", done.error
    assert (done.result["new"]["signals"], done.result["old"]["signals"]) == (1, 0)
    assert done.result["new"]["place"] == [["R1", 1]]
    assert done.result["data"]["readings"] == 60
    text = page(client, f"rules/trials/{trial.id}")
    assert "R1" in text
    assert client.post("/monitoring/rules/try", {**asked, "text": "code: ["}, **HTML)["Location"] == "/monitoring/rules"
