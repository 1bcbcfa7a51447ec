"""Whom an area calls, against a slow way written on its own: post by post, in plain Python."""

from __future__ import annotations

import json
import random
import shutil
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from shapely.geometry import Point, box, mapping, shape

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory.engine.area import area_of, circle
from anlan.territory.models import Appointment, Boundary, Division, Duty, Organisation, Person, Place, Post, Shift
from anlan.territory.selectors.holders import holders_by_divisions
from anlan.territory.selectors.target import target
from anlan.territory.services.snapshots import snapshot_build
from anlan.territory.services.targets import target_unmask
from anlan.territory.sources.snapshot_files import snapshots_home

NOW = datetime(2026, 7, 20, 8, 0, tzinfo=UTC)
WHOLE, COUNTY = Scope.whole(), Scope(("371702",))
ROLES = ("village_head", "school_head", "county_duty", "reservoir_admin", "township_duty")
AREAS = [
    area_of(box(115.05, 35.05, 115.45, 35.5)), area_of(Point(115.5, 35.5).buffer(0.2)), circle(115.3, 35.4, 25),
    area_of(box(114, 34, 117, 37)), area_of(box(1, 1, 2, 2)),
]  # fmt: skip


def world(seed=1):
    rng = random.Random(seed)
    rows = [("37", 1), ("3717", 2), ("371702", 3), ("371703", 3), ("371771", 3)]
    rows += [(f"{county}00{n}", 4) for county in ("371702", "371703", "371771") for n in (1, 2)]
    rows += [(f"{code}20{n}", 5) for code, level in list(rows) if level == 4 for n in range(4)]
    for code, level in rows:
        point = level > 3 and rng.random() < 0.8
        Division.objects.create(
            code=code, name_zh=code, name_en=code, level=level, kind="county", valid_from=date(2020, 1, 1),
            parent_id=next((code[:n] for n in (9, 6, 4, 2) if n < len(code)), None),
            legal_parent_id="371703" if code == "371771" else None,
            lon=115 + rng.random() if point else None, lat=35 + rng.random() if point else None,
        )  # fmt: skip
    outlines = {"3717": box(115, 35, 116, 36), "371702": box(115, 35, 115.5, 36), "371703": box(115.5, 35, 116, 36),
                "371702001": box(115.1, 35.1, 115.2, 35.3)}  # fmt: skip
    for code, outline in outlines.items():
        west, south, east, north = outline.bounds
        Boundary.objects.create(
            division_id=code, geojson=mapping(outline), west=west, south=south, east=east, north=north, source="test"
        )
    codes = [code for code, _ in rows]
    places = [
        Place.objects.create(code=f"P{n}", kind="school", name_zh=f"学校{n}", name_en=f"School {n}", lon=115 + rng.random(),
                             lat=35 + rng.random(), division=rng.choice(codes[2:]), state=rng.choice(("active", "active", "closed")))
        for n in range(25)
    ]  # fmt: skip
    office = Organisation.objects.create(code="O", name_zh="机构", name_en="Office", kind="department", division="37")
    people = [
        Person.objects.create(code=f"R{n}", name=f"责任人{n}", phone=f"139{n:08d}" if n % 9 else "", phone_alt="0530-1" if n % 4 == 0 else "",
                              division=rng.choice(codes))
        for n in range(60)
    ]  # fmt: skip
    for n in range(140):
        place = rng.choice(places) if rng.random() < 0.3 else None
        post = Post.objects.create(code=f"{n:03d}", name_zh="岗", name_en="Post", role=rng.choice(ROLES), organisation=office,
                                   place=place, division=place.division if place else rng.choice(codes))  # fmt: skip
        for side in "AB":
            if rng.random() < 0.7:
                Appointment.objects.create(
                    post=post,
                    person=rng.choice(people),
                    holder=side,
                    valid_from=date(2024, 1, 1),
                    division=post.division,
                )
        if rng.random() < 0.4:
            duty = rng.choice(places) if rng.random() < 0.5 else None
            Duty.objects.create(
                post=post, kind="desk", place=duty, division=duty.division if duty else rng.choice(codes)
            )
        if rng.random() < 0.15:
            start = NOW + timedelta(hours=rng.randint(-10, 3))
            Shift.objects.create(post=post, person=rng.choice(people), holder=rng.choice("AB"), starts_at=start, ends_at=start + timedelta(hours=8),
                                 cancelled=rng.random() < 0.2, division=post.division)  # fmt: skip


def stir(seed=2):
    rng = random.Random(seed)
    for person in Person.objects.order_by("code")[:5]:
        person.phone, person.name = "13700000000", person.name + "改"
        person.save()
    for place in Place.objects.order_by("code")[:4]:
        place.lon, place.state = 115 + rng.random(), "active"
        place.save()
    Appointment.objects.filter(post__code__lt="015").update(valid_to=date(2026, 1, 1))
    posts = list(Post.objects.filter(code__gte="100", code__lt="110"))
    for post in posts:
        post.role = "village_head"
        post.save()
    Division.objects.filter(code="371703001").update(lon=115.25, lat=35.25)
    Post.objects.create(
        code="999",
        name_zh="新",
        name_en="New",
        role="village_head",
        organisation=Organisation.objects.get(code="O"),
        division="371703001",
    )


class World:
    """All rows, read once."""

    def __init__(self):
        self.outlines = {row.division_id: shape(row.geojson) for row in Boundary.objects.all()}
        self.divisions = {row.code: row for row in Division.objects.all()}
        self.posts = list(Post.objects.order_by("code").select_related("place"))
        self.duties, self.held, self.shifts = {}, {}, {}
        for duty in Duty.objects.select_related("place"):
            self.duties.setdefault(duty.post_id, []).append(duty)
        for each in Appointment.objects.filter(valid_to__isnull=True).select_related("person"):
            self.held[each.post_id, each.holder] = each.person
        on = Shift.objects.filter(cancelled=False, starts_at__lte=NOW, ends_at__gt=NOW).select_related("person")
        for shift in on.order_by("-starts_at", "-pk"):
            self.shifts.setdefault((shift.post_id, shift.holder), []).append(shift.person)

    def spot_of(self, code):
        """Where a division is found: ("outline", shapes) or ("point", (lon, lat)) or None."""
        if code in self.outlines:
            return "outline", [self.outlines[code]]
        division = self.divisions[code]
        if len(code) >= 9:
            if division.lon is not None:
                return "point", (division.lon, division.lat)
            return self.spot_of(code[:9]) if len(code) > 9 else None
        if division.legal_parent_id in self.outlines:
            return "outline", [self.outlines[division.legal_parent_id]]
        return "outline", [each for name, each in self.outlines.items() if name.startswith(code)]

    def holder(self, scope, post, side):
        for person in self.shifts.get((post.pk, side), []):
            if scope.covers(person.division):
                return person.name, person.phone, True
        person = self.held.get((post.pk, side))
        return (person.name, person.phone, False) if person and scope.covers(person.division) else None


def slowly(scope, area, roles=None, up=3):
    world, found = World(), {}
    for post in world.posts:
        if not scope.sees(post.division) or (roles and post.role not in roles):
            continue
        reasons, duties = set(), world.duties.get(post.pk, [])
        places = [place for place in (post.place, *(duty.place for duty in duties)) if place is not None]
        reasons |= {"place" for place in places if place.state == "active" and covers(area, place.lon, place.lat)}
        codes = [duty.division for duty in duties if duty.place is None]
        codes += [post.division] if post.place is None and not any(duty.place for duty in duties) else []
        for code in codes:
            spot = world.spot_of(code)
            if spot is not None and spot[0] == "point" and covers(area, *spot[1]):
                reasons.add("township")
            low = len(post.division) >= {1: 2, 2: 4, 3: 6}[up]
            if spot is not None and spot[0] == "outline" and low:
                reasons |= {"division" for each in spot[1] if each.intersects(area.geometry)}
        if reasons:
            found[post.code] = (post.role, reasons, world.holder(scope, post, "A"), world.holder(scope, post, "B"))
    return found


def covers(area, lon, lat):
    return bool(area.covers(np.array([lon]), np.array([lat]))[0])


def quickly(found):
    def side(row):
        return (row["name"], row["phone"], row["on_shift"]) if row else None

    return {row["code"]: (row["role"], set(row["reasons"]), side(row["a"]), side(row["b"])) for row in found.rows()}


@pytest.fixture(params=["database", "index", "index and writes"])
def laid(transactional_db, request):
    shutil.rmtree(snapshots_home(), ignore_errors=True)
    world()
    if request.param != "database":
        snapshot_build("holders")
    if request.param == "index and writes":
        stir()


@pytest.mark.parametrize("scope", [WHOLE, COUNTY])
def test_every_post_that_is_called_and_no_other(laid, scope):
    for area in AREAS:
        for up in (1, 2, 3):
            found, wanted = target(scope, area, at=NOW, up=up), slowly(scope, area, up=up)
            assert quickly(found) == wanted
            assert found.counts["posts"] == len(wanted)
            assert sum(found.counts["roles"].values()) == sum(found.counts["levels"].values()) == len(wanted)
            people = {side[:1] for _, _, a, b in wanted.values() for side in (a, b) if side}
            assert found.counts["people"] == len(people)
            assert found.counts["reasons"]["place"] == sum("place" in reasons for _, reasons, _, _ in wanted.values())
    vacant = sum(a is None for _, _, a, _ in slowly(WHOLE, AREAS[3]).values())
    assert target(WHOLE, AREAS[3], at=NOW).counts["vacant"] == vacant


def test_by_role_and_few_rows(laid):
    found = target(WHOLE, AREAS[3], roles=["village_head"], at=NOW)
    assert quickly(found) == slowly(WHOLE, AREAS[3], roles=["village_head"])
    assert len(list(found.rows(3))) == 3
    channels = found.counts["channels"]
    assert channels["none"] <= found.counts["people"] - channels["phone"]


def test_who_is_above_the_reader_is_called_but_not_named(laid):
    for row in target(Scope(("371703001",)), AREAS[3], at=NOW, up=1).rows():
        if not row["division"].startswith("371703001"):
            assert all(
                row[side] is None or Person.objects.get(pk=row[side]["person"]).division.startswith("371703001")
                for side in "ab"
            )


def test_in_full_only_with_a_reason_and_on_record(laid):
    area = AREAS[3]
    found = target(WHOLE, area, at=NOW)
    with pytest.raises(Invalid):
        target_unmask(by=Actor.system("test"), found=found, area=area, reason=" ")
    rows = target_unmask(by=Actor.system("test"), found=found, area=area, reason="汛前核对联系人", limit=5)
    entry = Entry.objects.get(kind="target.unmasked")
    assert entry.data["posts"] == len(rows) == 5
    assert "139" not in json.dumps(entry.data)


def test_two_queries_whatever_the_area(transactional_db, django_assert_num_queries):
    shutil.rmtree(snapshots_home(), ignore_errors=True)
    world()
    snapshot_build("holders")
    target(WHOLE, AREAS[0])
    for area in AREAS:
        with django_assert_num_queries(2):  # is anything newer? who is on the roster
            list(target(WHOLE, area, at=NOW).rows())


def test_the_roster_stands_in_for_the_appointed(transactional_db):
    world()
    rows = {row.post_code: row for row in holders_by_divisions(["37"], at=NOW)}
    every = World()
    assert len(rows) == len(every.posts)
    for post in every.posts:
        for side, phone in (("A", rows[post.code].a_phone), ("B", rows[post.code].b_phone)):
            held = every.holder(WHOLE, post, side)
            assert phone == (held[1] if held else None)
