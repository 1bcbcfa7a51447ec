"""F2, F3, F11 and F12 of the reference from end to end: five red signals, the orders of level I, and what people were told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.response.models import LevelProposal, Task
from anlan.response.services import level_adopt, task_done
from anlan.response.tasks import sweep
from anlan.warning import rules, selectors
from anlan.warning.engine.wording import sentence
from anlan.warning.formats import cap
from anlan.warning.models import Call, StopOrder, Warning
from anlan.warning.services import compose, loopback_configure, warning_issue
from anlan.warning.services.sending import call_text
from tests.response.scene import RED, SCENE, data, person, warn

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()
FIVE = [RED + timedelta(minutes=m) for m in (0, 483, 669, 831, 1082)]  # 21:59, 06:02, 09:08, 11:50, 16:01
EVERY = ("mass_sms", "voice", "sms", "app", "loudspeaker", "tv_crawl")
SAID_AT_12_52 = "减少外出或选择公共交通出行；驾车人员请注意，通过桥隧、涵洞时谨慎慢行"


@pytest.fixture
def channels(db: None) -> None:
    """Every channel the ladders require is set up, with nobody answering."""
    loopback_configure(
        by=SCENE, seed=1, channels=EVERY, people={"default": {"answer": 0.0}}, at=RED - timedelta(days=1)
    )


def red(at: Any, **changes: Any) -> Warning:
    given: dict[str, Any] = {"by": SCENE, "hazard": "11B03", "colour": "red", "area": ["4101"], "at": at}
    return warning_issue(**(given | changes))


# --- F2: five red signals, one mass message ----------------------------------------------------------------------


def test_f2_the_mass_message_left_out_on_four_of_five_is_four_red_items(channels: None) -> None:
    numbers = [red(at, channels=EVERY if n == 0 else EVERY[1:]).number for n, at in enumerate(FIVE)]
    told = data("channel.missing")
    assert [(e["number"], e["channel"], e["colour"]) for e in told] == [(n, "mass_sms", "red") for n in numbers[1:]]
    items = selectors.missing_channels(WHOLE)
    assert [(item["number"], item["channel"]) for item in items] == [(n, "mass_sms") for n in numbers[1:]]
    assert selectors.missing_channels(Scope(("4102",))) == []


def test_f2_a_channel_that_is_not_set_up_is_missing_too_and_a_water_warning_must_reach_the_public() -> None:
    loopback_configure(by=SCENE, seed=1, channels=["voice", "sms"], people={"default": {"answer": 0.0}}, at=RED)
    red(RED)
    assert {item["channel"] for item in selectors.missing_channels(WHOLE)} == {"mass_sms", "loudspeaker", "tv_crawl"}
    water = red(FIVE[1], hazard="11A03", colour="orange", issuer_kind="government")
    mine = {item["channel"] for item in selectors.missing_channels(WHOLE) if item["number"] == water.number}
    assert mine == {"loudspeaker", "tv_crawl"}


# --- F3: no order to stop work, school, metro --------------------------------------------------------------------


def test_f3_every_stop_order_of_level_one_has_an_owner_half_an_hour_and_an_alarm(plan: Any) -> None:
    warn("red", RED)
    level_adopt(by=SCENE, proposal=LevelProposal.objects.get().pk, at=RED)
    stops = Task.objects.filter(action__in=("stop_school", "stop_metro", "close_tunnel", "stop_work"))
    assert {task.action for task in stops} == {"stop_school", "stop_metro", "close_tunnel", "stop_work"}
    done = stops.filter(action="stop_school").order_by("code", "owner_post__code")[0]
    task_done(by=SCENE, task=done.pk, evidence={"text": "全部停课"}, at=RED + timedelta(minutes=5))
    sweep(RED + timedelta(minutes=30))
    overdue = {e["task"]: e["due_at"] for e in data("task.overdue")}
    climbed = {e["task"] for e in data("task.escalated")}
    for task in stops.select_related("owner_post"):
        assert task.owner_post.division.startswith("4101")
        assert task.due_at <= RED + timedelta(minutes=30)
        assert (str(task.pk) in overdue, str(task.pk) in climbed) == (task.pk != done.pk, task.pk != done.pk)


# --- F11: the message that sent people to the metro --------------------------------------------------------------


def test_f11_what_was_sent_at_12_52_is_blocked_once_level_one_stops_the_metro(plan: Any, channels: None) -> None:
    words = replace(compose("11B03", "red", ["4101"]), description_zh=SAID_AT_12_52)
    warning_issue(by=SCENE, hazard="11B03", colour="red", area=["4101"], texts=words, at=RED)
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=RED + timedelta(minutes=1))
    assert set(StopOrder.objects.filter(until=None).values_list("kind", flat=True)) >= {"metro", "bus", "tunnel"}
    issuer = person("4101.weather", "issuer", scope="4101")

    def again(second: Actor | None = None) -> Warning:
        return warning_issue(by=issuer, hazard="11B03", colour="red", area=["4101"], texts=words, second_sign=second,
                             at=RED + timedelta(minutes=2))  # fmt: skip

    with pytest.raises(Conflict) as blocked, transaction.atomic():
        again()
    assert blocked.value.code == "warning.contradiction"
    assert "公共交通" in blocked.value.zh
    with pytest.raises(Forbidden), transaction.atomic():
        again(issuer)  # nobody is their own second signature
    assert Warning.objects.count() == 1
    second = person("4101.commander", "issuer", scope="4101")
    assert again(second).state == "in_force"
    assert data("warning.issued")[-1]["second_sign"] == second.name


# --- F12: people did not know what to do -------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", ["", "  ", "。", "——"])
def test_f12_without_an_instruction_nothing_is_released(nothing: str, channels: None) -> None:
    for field in ("instruction_zh", "instruction_en"):
        words = replace(compose("11B03", "red", ["4101"]), **{field: nothing})
        with pytest.raises(Invalid) as refused, transaction.atomic():
            red(RED, texts=words)
        assert (refused.value.code, refused.value.field) == ("warning.no_instruction", field)
        assert refused.value.extra["suggestion"]["zh"]
    assert not Warning.objects.exists() and not Call.objects.exists()


@pytest.mark.parametrize("colour", ["yellow", "orange", "red"])
def test_f12_every_message_says_what_its_reader_must_do(colour: str, channels: None) -> None:
    warning = red(RED, colour=colour)
    alert = cap.read(warning.cap_xml.encode()).alert
    assert alert is not None
    assert [(info.language, bool((info.instruction or "").strip())) for info in alert.infos] == [
        ("zh-CN", True),
        ("en", True),
    ]
    pack, roles = rules.instructions(), sorted(set(Call.objects.values_list("role", flat=True)))
    for role in roles:
        told = sentence(pack, "11B03", colour, pack.audience(role))
        zh, en = call_text(warning, role)
        assert told is not None and told["zh"] in zh and told["en"] in en
    if colour == "red":  # each kind of site hears its own sentence, not the public's
        own = {pack.audience(role): call_text(warning, role)[0] for role in roles}
        assert {"village", "school", "care_home", "reservoir", "plant"} <= set(own)
        assert len({own[name] for name in ("village", "school", "care_home", "reservoir", "plant")}) == 5
