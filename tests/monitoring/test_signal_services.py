"""Versions of rules, mutes and what passing on writes: rows, events, and the warning stage that keeps still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Area, AreaMember, RuleVersion, Series, Signal, Station
from anlan.monitoring.rules import catalogue_rules, rule_words, rules_in_force
from anlan.monitoring.selectors.passing import held_back
from anlan.monitoring.services.mutes import mute_end, mute_set, mutes_due, mutes_sweep
from anlan.monitoring.services.passing import passing_decide
from anlan.monitoring.services.rules import rule_save, rule_withdraw
from tests.monitoring.rule_rows import laid, series, signal, station

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NOW = datetime(2026, 7, 20, 8, tzinfo=UTC)
DUTY = Actor("person", "duty", Scope(("4101",)), roles=frozenset({"duty"}))
BODY = {
    "code": "rainstorm", "name": {"zh": "暴雨", "en": "Rainstorm"}, "kind": "rain", "element": "rain_mm", "unit": "mm",
    "scale": "warning_colour", "hazard": "11B03", "levels": [{"code": "red", "window_h": 1, "threshold": 30}],
    "leave": {"ratio": 0.9, "hold_min": 30},
}  # fmt: skip


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


def told(kind: str) -> list[dict]:
    return [entry.data for entry in Entry.objects.filter(kind=kind).order_by("id")]


def test_an_edit_is_a_new_version_and_ends_the_one_before():
    first = rule_save(by=DUTY, code="rainstorm", body=BODY, division="410183", note="first")
    later = NOW + timedelta(days=3)
    second = rule_save(
        by=DUTY,
        code="rainstorm",
        body={**BODY, "hours": "06:00-20:00"},
        division="410183",
        note="second",
        valid_from=later,
    )
    first.refresh_from_db()
    assert (first.number, second.number, first.valid_to, first.replaced_at) == (1, 2, later, NOW)
    made = [rule for rule in catalogue_rules() if rule.code == "rainstorm"]
    assert [rule.version for rule in made] == ["16-2007", "410183-1", "410183-2"]
    assert made[1].valid_to == made[2].valid_from
    assert made[2].hours == (360, 1200)
    assert rule_words("rainstorm", "410183-2").mark == "L"
    assert [one.words.version for one in rules_in_force() if one.rule.code == "rainstorm"] == ["16-2007", "410183-2"]
    events = told("rule.changed")
    assert [(e["rule_version"], e["previous"]) for e in events] == [("410183-1", ""), ("410183-2", "410183-1")]
    assert RuleVersion.objects.get(number=1).body["levels"][0]["threshold"] == 30


def test_a_version_is_taken_back_with_a_reason_and_the_shipped_one_holds_again():
    rule_save(by=DUTY, code="rainstorm", body=BODY, division="410183", note="first")
    with pytest.raises(Invalid):
        rule_withdraw(by=DUTY, code="rainstorm", division="410183", note=" ")
    rule_withdraw(by=DUTY, code="rainstorm", division="410183", note="too many")
    assert [one.words.version for one in rules_in_force() if one.rule.code == "rainstorm"] == ["16-2007"]
    assert told("rule.changed")[-1]["withdrawn"] is True
    with pytest.raises(NotFound):
        rule_withdraw(by=DUTY, code="rainstorm", division="410183", note="again")
    assert rule_save(by=DUTY, code="rainstorm", body=BODY, division="410183", note="anew").number == 2


def test_a_wrong_rule_and_a_wrong_post_are_refused():
    with pytest.raises(Invalid) as caught:
        rule_save(by=DUTY, code="rainstorm", body={**BODY, "levels": []}, division="410183", note="x")
    assert caught.value.field == "rainstorm:levels"
    with pytest.raises(Invalid):
        rule_save(by=DUTY, code="other", body=BODY, division="410183", note="x")
    with pytest.raises(Invalid):
        rule_save(by=DUTY, code="rainstorm", body=BODY, division="410183", note="")
    with pytest.raises(Forbidden):
        rule_save(by=DUTY, code="rainstorm", body=BODY, division="37", note="x")


def test_a_mute_holds_back_what_stands_and_lets_go_at_its_end():
    rows = laid(4, NOW - timedelta(hours=1))
    mute = mute_set(
        by=DUTY, match={"rule": "rainstorm"}, division="410183", reason="works", until_at=NOW + timedelta(hours=2)
    )
    held = {s.level: s.muted for s in Signal.objects.all()}
    assert held == {"blue": f"mute:{mute.id}", "yellow": f"mute:{mute.id}", "orange": f"mute:{mute.id}", "red": ""}
    assert len(told("signal.muted")) == 3
    assert held_back(rows[0].id)
    assert not held_back(rows[3].id)
    assert mutes_due() == mute.until_at
    assert mutes_sweep(at=mute.until_at) == 4
    assert set(Signal.objects.values_list("muted", flat=True)) == {""}
    assert len(told("signal.unmuted")) == 3
    assert told("mute.ended") == [{"mute": str(mute.id), "early": False, "reason": "works"}]


def test_all_levels_and_an_early_end():
    laid(4, NOW - timedelta(hours=1))
    mute = mute_set(by=DUTY, match={"rule": "rainstorm"}, division="41", reason="test", until_at=NOW + timedelta(hours=2),
                    all_levels=True) if DUTY.may("mute.set", "41") else None  # fmt: skip
    assert mute is None
    mute = mute_set(
        by=DUTY,
        match={"station": "R00003"},
        division="4101",
        reason="test",
        until_at=NOW + timedelta(hours=1),
        all_levels=True,
    )
    assert Signal.objects.exclude(muted="").count() == 1
    mute_end(by=DUTY, mute=mute.id)
    assert Signal.objects.exclude(muted="").count() == 0
    with pytest.raises(Conflict):
        mute_end(by=DUTY, mute=mute.id)
    for wrong in ({"match": {}}, {"match": {"colour": "red"}}, {"reason": ""}, {"until_at": NOW}):
        asked = {
            "match": {"rule": "x"},
            "division": "4101",
            "reason": "r",
            "until_at": NOW + timedelta(hours=1),
            **wrong,
        }
        with pytest.raises(Invalid):
            mute_set(by=DUTY, **asked)


def test_an_area_mutes_its_gauges_and_lets_them_go_when_it_clears():
    gauge, far = station("R1", NOW), station("R2", NOW)
    Station.objects.bulk_create([gauge, far])
    near = series(1, gauge, NOW)
    Series.objects.bulk_create([near, series(2, far, NOW)])
    area = Area.objects.create(code="jialu", name_zh="贾鲁河", name_en="Jialu", division="4101")
    AreaMember.objects.create(area=area, series=near, division="410183")
    one = signal(gauge, NOW, "orange", series=near)
    other = signal(far, NOW, "orange")
    wide = signal(
        None, NOW, "heavy", rule="basin_rain", rule_version="2026.1", division="4101", area=area, place="a:jialu"
    )
    Signal.objects.bulk_create([one, other])
    assert passing_decide(by=SYSTEM, changed=[one.id, other.id], at=NOW) == []
    Signal.objects.bulk_create([wide])
    events = passing_decide(by=SYSTEM, changed=[wide.id], at=NOW)
    assert [event.reason for event, _ in events] == [f"inhibited:{wide.id}"]
    assert Signal.objects.get(id=one.id).muted == f"inhibited:{wide.id}"
    Signal.objects.filter(id=wide.id).update(state="cleared", cleared_at=NOW)
    events = passing_decide(by=SYSTEM, changed=[wide.id], at=NOW)
    assert [type(event).__name__ for event, _ in events] == ["SignalUnmuted"]
    assert set(Signal.objects.values_list("muted", flat=True)) == {""}


def test_what_muted_is_gone_without_a_word_and_the_sweep_notices():
    gauge = station("R1", NOW)
    Station.objects.bulk_create([gauge])
    Signal.objects.bulk_create([signal(gauge, NOW, muted="inhibited:018f0000-0000-7000-8000-000000000000")])
    assert mutes_due() == NOW
    assert mutes_sweep(at=NOW) == 1
    assert mutes_due() is None


def test_a_storm_is_passed_on_as_one_group():
    stations = [station(f"R{n}", NOW) for n in range(30)]
    Station.objects.bulk_create(stations)
    rows = [signal(s, NOW + timedelta(seconds=n), "orange") for n, s in enumerate(stations)] + [
        signal(stations[0], NOW + timedelta(minutes=1), "red", place="s:9")
    ]
    Signal.objects.bulk_create(rows)
    for start in range(0, 31, 10):
        passing_decide(by=SYSTEM, changed=[row.id for row in rows[start : start + 10]], at=NOW + timedelta(minutes=2))
    held = Signal.objects.exclude(muted="")
    assert held.count() == 10
    assert set(held.values_list("level", flat=True)) == {"orange"}
    assert len(set(held.values_list("muted", flat=True))) == 1
    assert len(passing_decide(by=SYSTEM, changed=[], at=NOW)) == 0


def test_the_warning_stage_waits_until_a_signal_is_passed_on():
    from anlan.kernel.journal.reactor import run_until_quiet
    from anlan.monitoring.events import SignalOpened
    from anlan.warning.models import WarningProposal

    (gauge,) = [station("R1", NOW)]
    Station.objects.bulk_create([gauge])
    row = signal(gauge, NOW, "orange")
    Signal.objects.bulk_create([row])
    mute = mute_set(
        by=DUTY, match={"rule": "rainstorm"}, division="410183", reason="works", until_at=NOW + timedelta(hours=2)
    )
    opened = SignalOpened(
        signal=str(row.id), station="R1", name={"zh": "站", "en": "gauge"}, station_kind="rain", metric="rain_mm", place=None,
        rule="rainstorm", rule_version="16-2007", level="orange", previous="", value=55.0, threshold=50.0, unit="mm",
        window_h=3, explanation=row.explanation,
    )  # fmt: skip
    record(opened, by=SYSTEM, about=f"signal:{row.id}", division=row.division, at=NOW)
    run_until_quiet()
    assert not WarningProposal.objects.exists()
    mute_end(by=DUTY, mute=mute.id)
    run_until_quiet()
    assert WarningProposal.objects.get().colour == "orange"
