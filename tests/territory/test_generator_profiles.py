"""The large profiles: totals exact, a township alone is its slice, dirt is known, nothing half-written."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import shapely
from django.db import connection

from anlan.kernel.models import Change, Entry
from anlan.kernel.problem import Conflict, Invalid
from anlan.site.generating import Wish, into_database, into_file
from anlan.territory import choices
from anlan.territory.engine.dirt import KINDS
from anlan.territory.engine.generate import digest, make_plan, part, whole
from anlan.territory.engine.identifiers import uscc_fault
from anlan.territory.engine.masses import unit_points, units_make
from anlan.territory.engine.mix import Draws
from anlan.territory.engine.patches import patch_of, units_allotted
from anlan.territory.engine.spec import World
from anlan.territory.engine.uscc_make import LIMIT, uscc_make
from anlan.territory.models import Division, Generation, Licence, MajorHazard, Person, Place, Unit
from anlan.territory.services import Order, generate
from anlan.territory.services.load import division_rows
from anlan.territory.sources import embedded
from anlan.territory.sources.industries import industries
from anlan.territory.sources.lands import large_world
from anlan.territory.sources.registers import register
from anlan.territory.sources.trades import unit_mix
from anlan.territory.sources.unit_files import units_file

_worlds: dict[str, World] = {}


def world_of(profile: str) -> World:
    if profile not in _worlds:
        _worlds[profile] = large_world(embedded.profile(profile), 7)[0]
    return _worlds[profile]


@pytest.mark.parametrize(
    ("profile", "wanted"),
    [
        ("tiny", "2d3a5703ad95e8e8fe29546738492b78af36864c3744d20efe7ac66d81acd0cd"),
        ("zhengzhou", "7bbc13a9c0dd32059488bdf18742d020a11b6283310bc7d3ecd44bead9b6ab65"),
    ],
)
def test_the_small_profiles_are_what_they_were(profile: str, wanted: str) -> None:
    world = embedded.world(profile, 7)
    assert digest(whole(world), division_rows(world)) == wanted


def test_draws_follow_from_their_place_alone_and_are_spread_evenly() -> None:
    every = Draws(7, "unit", "371702001", np.arange(20_000)).unit("x")
    some = Draws(7, "unit", "371702001", np.array([19_999, 5])).unit("x")
    assert some.tolist() == [every[19_999], every[5]]
    assert Draws(8, "unit", "371702001", np.array([5])).unit("x")[0] != every[5]
    assert np.abs(np.histogram(every, 20, (0, 1))[0] - 1000).max() < 200
    assert abs(np.corrcoef(every[1:], every[:-1])[0, 1]) < 0.03


def test_codes_are_valid_and_never_twice() -> None:
    codes = [code.decode() for code in uscc_make("371702", np.arange(30_000)).tolist()]
    assert len(set(codes)) == len(codes)
    assert {uscc_fault(code) for code in codes[:2000]} == {""}
    with pytest.raises(ValueError, match="serial"):
        uscc_make("371702", np.array([LIMIT]))


def test_organisation_codes_are_one_units_in_the_whole_nation() -> None:
    world, mix = world_of("heze"), unit_mix()
    codes = [
        code[8:17]
        for township in [unit.code for unit in world.of_level(4)][::50]
        for code in units_make(7, patch_of(world, township), mix, np.arange(3000)).column("uscc").to_pylist()
        if code
    ]
    assert len(set(codes)) == len(codes) > 11_000


def test_a_small_profile_has_units_in_its_own_divisions_only(tmp_path: Path) -> None:
    file = tmp_path / "u.csv"
    into_file(Wish("tiny", 7, units=300), file)
    world = embedded.world("tiny", 7)
    assert {row["行政区划代码"] for row in cells(file)} <= set(world.units)
    assert len(cells(file)) == 300


def test_the_city_has_every_unit_in_its_townships() -> None:
    counts = units_allotted(world_of("heze"), 667_000)
    assert sum(counts.values()) == 667_000
    assert len(counts) == 167
    assert min(counts.values()) > 0


@pytest.mark.parametrize("township", ["371702001", "371771001"])
def test_units_of_a_township_alone_are_its_slice_and_as_they_should_be(township: str) -> None:
    world, mix = world_of("heze"), unit_mix()
    patch = patch_of(world, township)
    every = units_make(7, patch, mix, np.arange(1500))
    assert units_make(7, patch, mix, np.arange(700, 900)).to_pylist() == every.slice(700, 200).to_pylist()
    lon, lat, _, _ = unit_points(7, patch, mix, np.arange(1500))
    assert (every.column("lon").to_pylist(), every.column("lat").to_pylist()) == (lon.tolist(), lat.tolist())
    outline = world.outlines.get(township[:6])
    assert outline is None or shapely.contains_xy(outline, lon, lat).all()
    rows = every.to_pylist()
    assert len({row["key"] for row in rows}) == len({row["name"] for row in rows}) == 1500
    assert {row["division"] for row in rows} <= set(world.below[township])
    assert {uscc_fault(row["uscc"]) for row in rows if row["uscc"]} == {""}
    assert all(row["uscc"] or row["legacy_id"] for row in rows)
    assert all(row["phone"].startswith("100") and len(row["phone"]) == 11 for row in rows)
    assert {row["size"] for row in rows} <= set(choices.UNIT_SIZES)
    assert all(row["last_check"] is None or row["last_check"] >= row["established"] for row in rows)


def test_every_trade_is_in_the_list_of_industries() -> None:
    known = industries()
    assert [trade.code for trade in unit_mix().trades if trade.code[:3] not in known.by_code] == []
    assert {flag for trade in unit_mix().trades for flag in trade.flags} <= set(choices.RISK_FLAGS)


def test_the_province_has_its_guides_officers_and_divisions_exactly() -> None:
    world = world_of("henan")
    plan = make_plan(world)
    villages = [unit.code for unit in world.of_level(5)]
    officers = len(villages) - len(plan.vacant) + len(plan.with_second)
    assert officers == 77_000
    assert not plan.vacant & plan.with_second
    assert sum(plan.guides.values()) * 2 == 380_000
    assert len(world.of_level(3)) == 181
    one = part(world, plan, villages[0])
    assert Counter(post.role for post in one.posts)["safety_guide"] == plan.guides[villages[0]]
    kinds = Counter(kind for (kind, _), count in plan.generated.items() for _ in range(count))
    named = sum(len(group) for (kind, _), group in plan.named.items() if kind == "reservoir")
    assert kinds["reservoir"] + named == 2400
    assert all(township in (world.hills or ()) for kind, township in plan.generated if kind == "reservoir")


def test_a_plain_has_no_reservoir() -> None:
    world = world_of("heze")
    assert world.hills == frozenset()
    assert not [key for key in make_plan(world).generated if key[0] in ("reservoir", "hazard_point")]


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet"])
def test_dirty_rows_of_a_file_are_those_of_the_list(tmp_path: Path, ending: str) -> None:
    world, file, clean = world_of("heze"), tmp_path / f"u.{ending}", tmp_path / f"clean.{ending}"
    written = units_file(world, file, total=3000, dirty=0.1)
    units_file(world, clean, total=3000)
    assert written.rows == 3000
    assert set(written.dirty) == set(KINDS)
    before, after = cells(clean), cells(file)
    assert list(before[0]) == [field.zh for field in register("units").importable()]
    with Path(written.report or "").open(encoding="utf-8") as report:
        listed = list(csv.DictReader(report))
    assert len(listed) == sum(written.dirty.values()) > 200
    spoilt = {int(item["row"]) - 2 for item in listed}
    assert {number for number in range(3000) if before[number] != after[number]} == spoilt
    heading = {field.name: field.zh for field in register("units").importable()}
    for item in listed:
        there = after[int(item["row"]) - 2][heading[item["field"]]]
        assert there == item["after"] or float(there) == float(item["after"])


def cells(file: Path) -> list[dict[str, str]]:
    if file.suffix == ".xlsx":
        table = fastexcel.read_excel(file).load_sheet(0, dtypes="string").to_arrow()
        rows = pa.Table.from_batches([table]).to_pylist()
    elif file.suffix == ".parquet":
        rows = parquet.read_table(file).to_pylist()
    else:
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    return [{key: plain(value) for key, value in row.items()} for row in rows]


def plain(value: object) -> str:
    """Numbers and days as one writes them, whatever the format made of them."""
    text = "" if value is None else str(value)
    text = text.removesuffix(" 00:00:00")
    return text.removesuffix(".0")


def test_the_same_file_twice_is_the_same_to_the_byte(tmp_path: Path) -> None:
    digests = []
    for name in ("a", "b"):
        units_file(world_of("heze"), tmp_path / f"{name}.xlsx", total=900, dirty=0.05)
        digests.append(hashlib.sha256((tmp_path / f"{name}.xlsx").read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_a_file_of_no_known_kind_or_too_many_rows_for_a_sheet_is_refused(tmp_path: Path) -> None:
    for name, total in (("u.txt", 1), ("u.xlsx", 2_000_000)):
        with pytest.raises(Invalid):
            units_file(world_of("heze"), tmp_path / name, total=total)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_the_city_in_the_database_meets_every_total(capsys: pytest.CaptureFixture[str]) -> None:
    wish = Wish("heze", 7, units=3000)
    assert into_database(wish) == 0
    said = json.loads(capsys.readouterr().out)
    totals = {total["metric"]: total["made"] for total in said["totals"]}
    assert all(total["equal"] for total in said["totals"])
    assert totals == {
        "production_units": 3000, "risk_survey_records": 31_773, "risk_survey_categories": 8, "professional_teams": 45,
        "social_rescuers": 11_000, "special_plans": 25, "reserve_capacity_people": 40_000, "townships": 167,
        "villages": 5040, "counties": 9, "population": 8_795_939, "townships_with_teams": 167,
    }  # fmt: skip
    entry = Entry.objects.get(kind="territory.tables_laid")
    assert entry.data["counts"]["units"] == Unit.objects.count() == 3000
    assert set(entry.data["hashes"]) == set(entry.data["counts"])
    assert Unit.objects.filter(regulator=None).count() == 0
    assert Licence.objects.exists()
    assert Change.objects.filter(tbl="territory_person").count() == Person.objects.count()
    assert {row.kind for row in Place.objects.all()} >= {"school", "shelter", "depot", "bridge", "fire_station"}
    assert into_database(wish) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["changed"], again["sha256"]) == (False, said["sha256"])
    with pytest.raises(Conflict):
        generate("heze", 7)


@pytest.mark.django_db
def test_dirt_in_the_database_is_what_its_list_says() -> None:
    made = generate("heze", 7, order=Order(units=2000, dirty=0.2))
    assert made.dirty is not None
    assert sum(made.dirty.values()) > 250
    assert Unit.objects.count() == 2000
    assert Unit.objects.filter(phone="").count() == made.dirty["missing_phone"]
    assert Unit.objects.filter(name__endswith=" ").count() == made.dirty["trailing_space"]
    known = set(Division.objects.values_list("code", flat=True))
    lost = [unit for unit in Unit.objects.all() if unit.division not in known]
    assert len(lost) == made.dirty["old_division"]
    hazards = {row.unit_id: row.grade for row in MajorHazard.objects.all()}
    assert dict(Unit.objects.filter(major_hazard__gt=0).values_list("pk", "major_hazard")) == hazards


@pytest.mark.django_db
def test_a_failed_generation_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from anlan.risk import services

    def broken(*_: object, **__: object) -> list[object]:
        raise RuntimeError("the power went")

    monkeypatch.setattr(services, "records_make", broken)
    with pytest.raises(RuntimeError):
        into_database(Wish("heze", 7, units=200))
    for model in (Division, Unit, Person, Generation):
        assert not model._default_manager.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_entry")
        assert cursor.fetchone() == (0,)
