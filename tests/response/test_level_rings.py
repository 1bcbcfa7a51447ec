"""Proposed levels that ring: whom, what a key means, who is not rung any more; the pages that show it, and drills."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.response.models import LevelProposal
from anlan.response.selectors.rings import rings_of
from anlan.response.services import level_adopt, level_decline, levels_consider
from anlan.response.tasks import sweep
from anlan.territory.selectors.people import on_duty
from anlan.warning.models import ChannelSetting, OutboxMessage, Ringing
from tests.response.ringing import crossed, drilled, minute, pressed, proposed, rung, said, shown, tunnels, way
from tests.response.scene import RAIN, RED, SCENE, data, warn
from tests.response.test_page_slips import reader

pytestmark = pytest.mark.django_db


def test_a_proposal_rings_its_decider_and_each_post_it_climbs_to_whose_ring_ends_with_its_time(plan: Any) -> None:
    way()
    row = proposed()
    first = rung(f"levelproposal:{row.pk}")
    assert row.decider_post is not None and "22:14" in said(first).zh and "不是决定" in said(first).zh
    assert "decides nothing" in said(first).en and plan.name_en in said(first).en
    sweep(minute(15))
    row.refresh_from_db()
    second = rung(f"levelproposal:{row.pk}", 1)
    first.refresh_from_db()
    assert first.state == "called_off" and row.holder_post is not None
    assert second.person in {one.person_id for one in on_duty([row.holder_post.pk], RED)[row.holder_post.pk].values()}
    assert row.decider_post.name_zh in said(second).zh and "逾时未决定" in said(second).zh


def test_a_key_has_seen_it_and_decides_nothing(plan: Any) -> None:
    voice, row = way(), proposed()
    first = rung(f"levelproposal:{row.pk}")
    assert pressed(voice, first, minute(3)) == "answered"
    row.refresh_from_db()
    assert (row.state, row.undecided) == ("open", [])
    entry = Entry.objects.get(kind="level.seen")
    assert row.decider_post is not None
    assert (entry.at, entry.data["post"], entry.data["step"]) == (minute(3), row.decider_post.code, 0)
    assert entry.actor["person"] == str(first.person) and entry.actor["post"] == str(row.decider_post_id)
    sweep(minute(15))
    assert len(data("level.undecided")) == 1, "who has seen it has not decided"


def test_a_decision_or_a_refusal_ends_the_rings(plan: Any) -> None:
    way()
    row = proposed()
    level_decline(by=SCENE, proposal=row.pk, reason="雨带已移出", at=minute(4))
    assert rung(f"levelproposal:{row.pk}").state == "called_off"
    warn("red", minute(30))
    again = LevelProposal.objects.get(track="main", state="open")
    level_adopt(by=SCENE, proposal=again.pk, at=minute(31))
    assert rung(f"levelproposal:{again.pk}").state == "called_off"
    assert set(OutboxMessage.objects.filter(ringing=True).values_list("state", flat=True)) == {"cancelled"}


def test_what_is_replayed_rings_nobody(plan: Any) -> None:
    way()
    proposed()
    history = LevelProposal.objects.filter(track="history")
    assert not Ringing.objects.exclude(
        about__in=[f"levelproposal:{LevelProposal.objects.get(track='main').pk}"]
    ).exists()
    assert all(not rings_of([f"levelproposal:{row.pk}"])[f"levelproposal:{row.pk}"] for row in history)


def test_pages_show_how_it_rang_in_both_languages(plan: Any) -> None:
    way()
    (task,) = crossed(tunnels()[0])
    row = proposed()
    with clock.at(minute(1)):
        for language, words in (
            ("zh", ("语音电话", "待发", "现场岗位")),
            ("en", ("Voice call", "Queued", "Post on the spot")),
        ):
            page = reader(language=language).get(f"/response/tasks/{task.pk}").content.decode()
            assert [word for word in words if word not in page] == []
            page = reader(language=language).get(f"/response/decide?proposal={row.pk}").content.decode()
            assert words[1] in page and ("决定岗位" if language == "zh" else "Deciding post") in page
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=4, at=minute(2))
    ChannelSetting.objects.update(enabled=False)
    sweep(minute(15))
    with clock.at(minute(16)):
        level = str(row.plan.levels.get(until__isnull=True, track="main").pk)
        page = reader(language="en").get(f"/response/levels/{level}").content.decode()
    assert "Deciding post" in page and "No way to telephones is set up" in page


def test_in_a_drill_nobody_is_rung_and_the_journal_is_the_same_with_ways_and_without(plan: Any) -> None:
    lines = tunnels()

    def play() -> None:
        tasks = crossed(*lines)
        warning = warn("red", RED, react=False)
        levels_consider(areas=["4101"], cause=f"warning:{warning.pk}", at=RED, colour="red", hazard=RAIN)
        sweep(minute(40))
        assert "只在本页面提示" in shown(f"task:{tasks[0].pk}")

    without, with_ways = drilled(play, RED)
    assert without == with_ways
    assert {one[1] for one in without} >= {
        "stopline.crossed",
        "task.escalated",
        "level.proposed",
        "level.undecided",
    }
    first = [UUID(str(one[0])).int & (2**62 - 1) for one in without if one[1] in ("stopline.crossed", "tasks.issued")]
    assert len(set(first)) == 2 * len(lines)
