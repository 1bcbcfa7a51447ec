"""Starting any shipped plan puts its tasks on posts that exist, or on the duty desk with a word why; titles lead to plans."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.response.formats.packs import plans_shipped
from anlan.response.models import Level, Plan, PlanTitle, StopLine, Task
from anlan.response.selectors.owners import owns
from anlan.response.services import level_adopt, plans_load_shipped
from anlan.response.services.plan_titles import titles_generate
from tests.response.accidents import accident
from tests.response.scene import RED, SCENE, SYSTEM, data


@pytest.mark.django_db
def test_starting_any_plan_at_level_one_reaches_posts_that_exist() -> None:
    at = RED + timedelta(hours=1)
    plans = plans_load_shipped(by=SYSTEM, at=RED)
    assert len(plans) == 25
    for rules in plans_shipped():
        event = accident(type_code=rules.hazards[0]).pk if rules.per == "incident" else None
        started = level_adopt(by=SCENE, plan=rules.code, level=1, incident=event, at=at)
        rows = list(Task.objects.filter(level=started).select_related("owner_post").order_by("code", "id"))
        wanted = {
            task.code: task for rule in rules.levels for task in rule.tasks if task.code not in rules.levels[0].replaces
        }
        assert {row.code for row in rows} == set(wanted)
        for row in rows:
            rule = wanted[row.code]
            assert row.working_group == rule.working_group
            assert row.due_at - row.issued_at == timedelta(minutes=rule.within)
            if owns(rule.owner, row.owner_post):
                assert row.note == ""
            else:
                assert (row.owner_post.role, row.owner_post.division) == ("city_duty", "4101")
                assert "转值班室落实" in row.note
                assert "sent to the duty desk" in row.note
    assert Level.objects.filter(until=None).count() == 25


@pytest.mark.django_db
def test_a_note_names_the_unit_that_is_missing() -> None:
    plans_load_shipped(by=SYSTEM, at=RED)
    started = level_adopt(by=SCENE, plan="ZZ-FIRE", level=4, incident=accident(type_code="12G00").pk, at=RED)
    row = Task.objects.get(level=started, code="FI401")
    assert row.note.startswith("名册无“消防救援支队值班岗”岗位")
    assert "no Fire and Rescue duty desk on the roster" in row.note


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_only_measured_places_get_lines() -> None:
    plans_load_shipped(by=SYSTEM, at=RED)
    lines, loaded = StopLine.objects.count(), len(data("plan.loaded"))
    plans_load_shipped(by=SYSTEM, at=RED)
    assert (StopLine.objects.count(), len(data("plan.loaded"))) == (lines, loaded) == (lines, 25)
    assert set(StopLine.objects.values_list("metric", flat=True)) == {
        "depth_m",
        "gate_m",
        "over_limit_m",
        "gas_lel_percent",
    }


@pytest.mark.django_db
def test_titles_lead_to_their_plans() -> None:
    titles_generate(by=SYSTEM, root="4101", special=25, at=RED)
    plans_load_shipped(by=SYSTEM, at=RED)
    titles = PlanTitle.objects.filter(kind="special").select_related("plan")
    assert {title.state for title in titles} == {"in_force"}
    assert {title.plan.code for title in titles if title.plan} == set(Plan.objects.values_list("code", flat=True))
    assert PlanTitle.objects.get(kind="handbook").plan is None
    joined = data("plan.title_joined")
    assert len(joined) == 25
    plans_load_shipped(by=SYSTEM, at=RED)
    assert len(data("plan.title_joined")) == 25
