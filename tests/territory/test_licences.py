"""Licences are reminded of once at each step, expire by themselves, and are renewed without being overwritten."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.territory import tasks
from anlan.territory.engine.keys import licence_code
from anlan.territory.models import Licence
from anlan.territory.services.licences import licence_revoke, licence_save, licences_look
from tests.territory.care import DESK, NOW, READER, ZONE, lay_down
from tests.territory.mass import unit

pytestmark = pytest.mark.django_db
END = date(2022, 1, 1)


def day(before: int) -> datetime:
    return datetime(2022, 1, 1, 0, 10, tzinfo=ZONE) - timedelta(days=before)


def test_each_step_reminds_once_and_a_late_look_skips_what_is_past() -> None:
    lay_down()
    owner = unit(1)
    licence_save(by=DESK, unit=owner.pk, kind="work_safety", number="A1", expires_on=END, at=NOW)
    seen = {before: licences_look(day(before)).by_days for before in (121, 120, 119, 101, 100, 99, 91, 90, 1, 0)}
    assert {before: steps for before, steps in seen.items() if steps} == {
        120: {"120": 1},
        100: {"100": 1},
        90: {"90": 1},
    }
    licence_save(by=DESK, unit=owner.pk, kind="work_safety", number="A2", expires_on=END, at=NOW)
    assert [licences_look(day(before)).by_days for before in (95, 95, 12, 11)] == [{"100": 1}, {}, {"90": 1}, {}]
    assert licences_look(day(-1)).expired == 2
    assert set(Licence.objects.values_list("state", flat=True)) == {"expired"}
    assert licences_look(day(-2)).expired == 0


def test_the_daily_look_tells_of_it() -> None:
    lay_down()
    licence_save(by=DESK, unit=unit(1).pk, kind="gas", number="G1", expires_on=END, at=NOW)
    with clock.at(day(100)):
        tasks.look()
    told = Entry.objects.get(kind="territory.looked").data
    assert (told["reminders"], told["expired"], len(told["licences"])) == ({"100": 1}, 0, 64)


def test_renewing_leaves_the_old_one_on_record() -> None:
    lay_down()
    owner, other = unit(1), unit(2)
    old = licence_save(by=DESK, unit=owner.pk, kind="work_safety", number="A1", expires_on=END, at=NOW)
    new = licence_save(
        by=DESK, unit=owner.pk, kind="work_safety", number="A2", expires_on=date(2025, 1, 1), renews=old.pk, at=NOW
    )
    assert dict(Licence.objects.values_list("number", "state")) == {"A1": "renewed", "A2": "valid"}
    assert Entry.objects.filter(kind="licence.saved").last().data["replaces"] == str(old.pk)  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        licence_save(by=DESK, unit=owner.pk, kind="work_safety", number="A3", expires_on=END, renews=old.pk, at=NOW)
    with pytest.raises(Conflict):
        licence_save(by=DESK, unit=other.pk, kind="work_safety", number="B1", expires_on=END, renews=new.pk, at=NOW)
    with pytest.raises(Conflict):
        licence_save(by=DESK, unit=owner.pk, kind="work_safety", number="A2", expires_on=END, at=NOW)
    licence_revoke(by=DESK, licence=new.pk, reason="发生亡人事故", at=NOW)
    assert licences_look(day(0)).by_days == {}
    with pytest.raises(Conflict):
        licence_revoke(by=DESK, licence=new.pk, reason="发生亡人事故", at=NOW)


def test_what_is_refused() -> None:
    lay_down()
    owner = unit(1)
    with pytest.raises(Forbidden):
        licence_save(by=READER, unit=owner.pk, kind="gas", number="1", expires_on=END)
    with pytest.raises(Invalid):
        licence_save(by=DESK, unit=owner.pk, kind="magic", number="1", expires_on=END)
    with pytest.raises(Invalid):
        licence_save(by=DESK, unit=owner.pk, kind="gas", number="1", issued_on=END, expires_on=END)


def test_a_long_number_still_has_a_key_of_its_own() -> None:
    key = "91410181MAN000010X"
    assert licence_code(key, "work_safety", "A1") == f"{key}|work_safety|A1"
    longs = [licence_code(key, "hazchem_trade", "9" * 63 + end) for end in "12"]
    assert longs[0] != longs[1] and all(len(code) <= 64 for code in longs)
