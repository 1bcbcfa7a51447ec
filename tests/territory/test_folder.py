"""A territory folder never seen before: other codes, mountains, odd branches, long names, missing files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.kernel.problem import Invalid, NotFound
from anlan.site.generating import Wish, into_database
from anlan.territory.engine.generate import make_plan, part
from anlan.territory.engine.spec import Part, World
from anlan.territory.models import Division, Person, Place, Post, Unit
from anlan.territory.sources import embedded
from anlan.territory.sources.folder import folder_land
from anlan.territory.sources.lands import large_world
from tests.territory.folders import LONG, folder_make

WHOLE = {"villages": True, "outlines": True, "terrain": True, "totals": True}


def made(world: World) -> Part:
    plan, found = make_plan(world), Part()
    for code in world.units:
        found.extend(part(world, plan, code))
    return found


def world_of(folder: Path, profile: str, root: str = "", scale: float = 1.0) -> World:
    return large_world(embedded.profile(profile), 7, folder, root, scale)[0]


def test_divisions_of_odd_branches_and_points_for_all(tmp_path: Path) -> None:
    land = folder_land(folder_make(tmp_path))
    assert {"53", "5301", "530121", "5304", "530400001", "5390", "539001", "539001001"} <= set(land.references)
    assert "530400" not in land.references
    assert land.references["530400001"].parent == "5304"
    assert land.references["539001"].legal_parent == "53"
    assert all(reference.unit.lon is not None for reference in land.references.values())
    assert [note.about for note in land.notes if note.about == "villages"] == ["villages"]
    assert len(land.villages) == 5


@pytest.mark.parametrize("left_out", [(), ("villages",), ("outlines",), ("terrain",), ("totals",), tuple(WHOLE)])
@pytest.mark.parametrize("profile", ["heze", "henan", "stress"])
def test_every_chain_ends_at_the_province_whatever_is_missing(
    tmp_path: Path, profile: str, left_out: tuple[str, ...]
) -> None:
    folder = folder_make(tmp_path, **{name: name not in left_out for name in WHOLE})
    world = world_of(folder, profile, scale=0.001)
    assert world.profile.root == ("5301" if profile == "heze" else "53")
    everything = made(world)
    posts = {post.code: post for post in everything.posts}
    organisations = {row.code for row in everything.organisations}
    for post in everything.posts:
        assert post.organisation in organisations
        top = post
        while top.superior is not None:
            top = posts[top.superior]
        assert (top.code, top.role) == ("53.duty", "province_duty")
    assert all(len(person.name) <= 96 for person in everything.persons)
    assert all(len(post.name_zh) <= 200 and len(post.name_en) <= 300 for post in everything.posts)
    held = {unit.code for unit in world.units.values() if unit.level == 4}
    assert {f"{code}.head" for code in held} <= set(posts)


def test_guides_and_officers_add_up_with_villages_and_without(tmp_path: Path) -> None:
    for villages in (True, False):
        folder = folder_make(tmp_path / str(villages), villages=villages)
        profile = replace(embedded.profile("henan"), sites={})
        everything = made(large_world(profile, 7, folder)[0])
        roles = {post.code: post.role for post in everything.posts}
        held = [roles[row.post] for row in everything.appointments]
        assert held.count("safety_guide") == 37
        assert held.count("village_officer") == 21


def test_reservoirs_stand_in_hills_only(tmp_path: Path) -> None:
    plain = folder_make(tmp_path / "plain", terrain=False)
    hills = folder_make(tmp_path / "hills")
    assert not [place for place in made(world_of(plain, "henan", scale=0.01)).places if place.kind == "reservoir"]
    assert (
        len([place for place in made(world_of(hills, "henan", scale=0.01)).places if place.kind == "reservoir"]) == 24
    )


def test_a_land_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        folder_land(tmp_path)
    folder = folder_make(tmp_path / "x")
    with pytest.raises(Invalid) as refused:
        world_of(folder, "heze", "4101")
    assert refused.value.field == "root"
    listed = folder / "admin" / "divisions.csv"
    listed.write_text(listed.read_text("utf-8").replace("530102100,", "53010a100,"), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        folder_land(folder)
    assert refused.value.value == "53010a100"


@pytest.mark.django_db
@pytest.mark.parametrize("left_out", [(), ("villages", "outlines", "terrain")])
def test_a_city_of_the_folder_meets_its_own_totals_in_the_database(
    tmp_path: Path, left_out: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_make(tmp_path, **{name: name not in left_out for name in WHOLE})
    assert into_database(Wish("heze", 7, folder)) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["root"] == "5301"
    totals = {total["metric"]: (total["wanted"], total["made"]) for total in said["totals"]}
    assert totals["production_units"] == (900, 900)
    assert totals["social_rescuers"] == (121, 121)
    assert totals["population"] == (240_001, 240_001)
    assert totals["townships"] == (4, 4)
    assert all(total["equal"] for total in said["totals"])
    assert {note["about"] for note in said["notes"]} >= ({"admin/villages.csv", "terrain/*.asc"} if left_out else set())
    assert Division.objects.filter(code="530121").values_list("name_zh", flat=True)[0] == LONG + "县"
    assert not Unit.objects.exclude(division__startswith="5301").exists()
    assert not Post.objects.filter(superior=None).exclude(code="53.duty").exists()
    assert Person.objects.exists()
    assert Place.objects.exists()


def test_the_command_writes_a_file_from_the_folder_without_a_database(tmp_path: Path) -> None:
    from anlan.site.cli import app

    folder = folder_make(tmp_path / "land")
    file = tmp_path / "units.csv"
    words = ["generate", "--profile", "heze", "--territory", str(folder), "--units", "50", "--file", str(file)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert len(file.read_text("utf-8-sig").splitlines()) == 51
