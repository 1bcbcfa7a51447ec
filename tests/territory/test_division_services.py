"""Code lists are taken in, decided and applied; rows follow their division or are listed; outlines are checked first."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account, Entry
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.engine.keys import stable_id
from anlan.territory.models import (
    Boundary,
    Division,
    Edition,
    Kept,
    Place,
    Unit,
)
from anlan.territory.services.divisions import (
    boundary_import,
    change_decide,
    changes_decide,
    division_rehome,
    edition_apply,
    edition_open,
    edition_withdraw,
)
from tests.territory.division_land import (
    ADMIN,
    BOXES,
    DAY,
    NOW,
    RECODE,
    SPLIT,
    applied,
    geojson,
    kinds,
    lay_land,
    opened,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def land(db: None) -> None:
    lay_land()


def test_the_same_list_changes_nothing() -> None:
    edition = opened(text())
    assert edition.changes.count() == 0
    assert edition.counts == {"rows": 12}


def test_a_county_with_a_new_code_takes_its_registers_along() -> None:
    Boundary.objects.create(
        division_id="410102", geojson=BOXES["410102"], west=113, south=34, east=113.1, north=34.1, source="t"
    )
    account_save(by=Actor.system("t"), username="town", name="镇", divisions=["410102100", "410103"], roles=["duty"])
    edition = opened(text(*RECODE))
    assert len(kinds(edition)) == 7
    with pytest.raises(Conflict, match=r"division.undecided"):
        edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    county = edition.changes.get(level=3)
    change_decide(by=ADMIN, change=county.pk, accept=True, at=NOW)
    assert set(edition.changes.values_list("state", flat=True)) == {"accepted"}
    done = edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    new = Division.objects.get(pk="410107")
    assert (new.name_zh, new.valid_from, new.valid_to, new.population) == ("东区", DAY, None, 60)
    assert Division.objects.get(pk="410107100201").name_en == "en 前村村委会"
    old = Division.objects.get(pk="410102100")
    assert (old.valid_to, old.successor_id) == (DAY, "410107100")
    seven = ("units", "places", "organisations", "posts", "persons", "appointments", "duties")
    assert done.moved == dict.fromkeys(seven, 3)
    assert done.unresolved == {}
    assert set(Unit.objects.values_list("division", flat=True)) == {
        "410107100",
        "410107101",
        "410107100201",
        "410103100",
    }
    assert Account.objects.get(username="town").divisions == ["410107100", "410103"]
    assert Boundary.objects.get(pk="410107").geojson == Boundary.objects.get(pk="410102").geojson
    assert Boundary.objects.get(pk="410107").source == "t"
    kept = Kept.objects.get(row=stable_id("unit", "L:410102100"))
    assert (kept.register, kept.before, kept.batch, kept.division) == (
        "units",
        {"division": "410102100"},
        edition.pk,
        "410107100",
    )
    event = Entry.objects.get(kind="division.edition_applied")
    assert event.data["moved"]["units"] == 3
    assert event.data["accounts"] == ["town"]
    assert Edition.objects.get().state == "applied"


def test_the_same_list_again_changes_nothing_more() -> None:
    applied(text(*RECODE))
    again = edition_open(by=ADMIN, name="又", valid_from=DAY, source="s", file=text(*RECODE), at=NOW)
    assert again.changes.count() == 0


def test_units_written_by_a_move_are_marked_as_of_this_transaction() -> None:
    before = Unit.objects.get(key="L:410102100").act
    applied(text(*RECODE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert Unit.objects.get(key="L:410102100").act == cursor.fetchone()[0] >= before


MERGED = text(drop=("410102101", "410102101201", "410102101202"),
              add=("410102100203,上店社区,,,", "410102100204,下店社区,,,"))  # fmt: skip


def test_a_merger_moves_rows_to_the_one_that_stays() -> None:
    done = applied(MERGED)
    assert kinds(done.edition) >= {("merged", "410102101", "410102100"), ("recoded", "410102101201", "410102100203")}
    assert Division.objects.get(pk="410102101").successor_id == "410102100"
    assert set(Unit.objects.values_list("division", flat=True)) == {"410102100", "410102100201", "410103100"}
    assert done.unresolved == {}


def test_what_is_abolished_without_an_heir_is_listed_and_found_a_home_by_a_person() -> None:
    done = applied(text(drop=("410102101", "410102101201", "410102101202")))
    assert done.unresolved["units"] == {"410102101": 1}
    assert sum(len(codes) for codes in done.unresolved.values()) == 7
    assert Unit.objects.filter(division="410102101").count() == 1
    with pytest.raises(Invalid, match=r"territory.no_reason"):
        division_rehome(by=ADMIN, old="410102101", new="410102100", reason="")
    with pytest.raises(Conflict, match=r"division.in_force"):
        division_rehome(by=ADMIN, old="410103100", new="410102100", reason="并入河口镇")
    moved = division_rehome(by=ADMIN, old="410102101", new="410102100", reason="并入河口镇", at=NOW)
    assert moved["units"] == moved["persons"] == 1
    assert not Unit.objects.filter(division="410102101").exists()
    assert Entry.objects.get(kind="division.rehomed").data["reason"] == "并入河口镇"


def test_a_person_may_name_another_successor() -> None:
    edition = opened(text(drop=("410102101", "410102101201", "410102101202")))
    row = edition.changes.get(old="410102101")
    assert row.kind == "abolished"
    with pytest.raises(Invalid, match=r"territory.no_reason"):
        change_decide(by=ADMIN, change=row.pk, accept=True, successor="410103100")
    for wrong in ("410102", "410199", "410102101"):
        with pytest.raises(Invalid, match=r"division.no_successor"):
            change_decide(by=ADMIN, change=row.pk, accept=True, successor=wrong, reason="并入柳林镇")
    done = change_decide(by=ADMIN, change=row.pk, accept=True, successor="410103100", reason="并入柳林镇", at=NOW)
    assert (done.kind, done.new, done.new_name, done.state) == ("merged", "410103100", "柳林镇", "accepted")
    changes_decide(by=ADMIN, edition=edition.pk, accept=True, at=NOW)
    edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    assert Unit.objects.get(key="L:410102101").division == "410103100"


def test_a_refused_change_leaves_things_as_they_are() -> None:
    edition = opened(text(("柳林镇", "柳林街道"), ("河口镇", "河口街道")))
    row = edition.changes.get(old="410103100")
    with pytest.raises(Invalid, match=r"territory.no_reason"):
        change_decide(by=ADMIN, change=row.pk, accept=False)
    change_decide(by=ADMIN, change=row.pk, accept=False, reason="省里尚未批复", at=NOW)
    assert changes_decide(by=ADMIN, edition=edition.pk, accept=True, kind="renamed", least=0.99, at=NOW) == 1
    edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    assert Division.objects.get(pk="410103100").name_zh == "柳林镇"
    renamed = Division.objects.get(pk="410102100")
    assert (renamed.name_zh, renamed.valid_from) == ("河口街道", date(2023, 6, 30))


def test_decisions_that_would_leave_an_orphan_are_refused_and_nothing_is_written() -> None:
    edition = opened(text(add=("410104,新县,,,", "410104100,新镇,,,")))
    change_decide(by=ADMIN, change=edition.changes.get(new="410104").pk, accept=False, reason="省里尚未批复", at=NOW)
    assert edition.changes.get(new="410104100").state == "refused"  # it came with the county
    change_decide(by=ADMIN, change=edition.changes.get(new="410104100").pk, accept=True, at=NOW)
    with pytest.raises(Conflict, match=r"division.no_tree") as refusal:
        edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    assert "410104100" in refusal.value.zh
    assert not Division.objects.filter(pk="410104100").exists()


def test_rows_of_a_split_go_by_their_point_once_the_parts_have_outlines() -> None:
    Unit.objects.filter(key="L:410102101").update(lon=113.08, lat=34.05)
    edition = opened(text(drop=("410102101", "410102101201", "410102101202", "410102100201", "410102100202"), add=(
        "410102003,新城街道,,,", "410102004,旧城街道,,,", "410102003001,前村社区,,,", "410102003002,后村社区,,,",
        "410102004001,上店社区,,,", "410102004002,下店社区,,,")))  # fmt: skip
    assert edition.changes.filter(level=4).count() == 2
    # the list says both townships went over whole; a person knows that one was split between the two
    edition_withdraw(by=ADMIN, edition=edition.pk, reason="名录有误，重新上传")
    done = applied(SPLIT)
    assert ("split", "410102101", "410102003") in kinds(done.edition)
    assert done.unresolved == {}
    assert done.parted["units"] == {"410102101": 1}
    assert Unit.objects.get(key="L:410102101").division == "410102101"
    fit = boundary_import(
        by=ADMIN, file=geojson("410102100", "410102003").replace(b"410102100", b"410102101"), source="测绘", at=NOW
    )
    assert [item.kind for item in fit.findings] == ["no_outline", "no_outline"]
    assert Unit.objects.get(key="L:410102101").division == "410102003"
    assert Entry.objects.get(kind="division.boundaries_imported").data["moved"]["units"] == 1
    place = Place.objects.get(code="p410102101")
    assert place.division == "410102101"  # its point lies in the part that stayed
