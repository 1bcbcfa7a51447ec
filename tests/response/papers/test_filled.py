"""Papers filled from the record: the same facts in both languages, every figure with its moment and source, doubts marked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response.engine.paper import Card, Paragraph, Table, facts
from anlan.response.engine.paper_bounds import settled
from anlan.response.formats.gbt9704_pdf import paper_pdf
from tests.response.papers.measure import pages
from tests.response.scene import BEIJING, SYSTEM, person, warn

pytestmark = pytest.mark.django_db
AT = datetime(2021, 7, 20, 18, 5, tzinfo=BEIJING)


@pytest.fixture
def duty() -> Actor:
    return person("4101.duty", "duty")


@pytest.fixture
def flooded(duty: Actor) -> Any:
    """The tunnel: an event with two figures, a disputed one, a contradiction and a confirmed statement."""
    from anlan.response.services import claim_add, claim_judge, figure_set, incident_open

    row = incident_open(
        by=SYSTEM, kind="tunnel_flooded", title={"zh": "京广北路隧道被淹", "en": "Jingguang North Road tunnel flooded"},
        division="410103", source="市城管局", unverified=False, at=AT - timedelta(hours=1),
    )  # fmt: skip
    for metric, value, source in (("deaths", 4, "市应急局"), ("injured", 2, "市卫健委")):
        figure_set(by=SYSTEM, incident=row.pk, metric=metric, value=value, as_of=AT, source=source, at=AT)
    for topic, value, zh, source in (
        ("dam", "breached", "郭家咀水库溃坝", "网络"), ("dam", "held", "未发生溃坝", "水利局"), ("pump", "on", "两台泵车到场", "消防"),
    ):  # fmt: skip
        claim = claim_add(by=SYSTEM, incident=row.pk, topic=topic, value=value, text={"zh": zh, "en": f"{topic} {value}"},
                          source=source, said_at=AT, at=AT)  # fmt: skip
    claim_judge(by=SYSTEM, claim=claim.pk, true=True, reason="现场确认", at=AT)
    return row


def filled(by: Actor, kind: str, **source: Any) -> Any:
    from anlan.response.services.papers_filled import Source, paper_filled

    return paper_filled(by=by, kind=kind, source=Source(**source), at=AT + timedelta(minutes=5))


def text(found: Any, language: str = "zh") -> str:
    return "\n".join(facts(settled(found.bodies[language])))


def numbers(words: str) -> list[str]:
    """The numbers of a text but those of dates and headings, sorted."""
    return sorted(
        re.findall(
            r"\d+", re.sub(r"20\d\d|\d+月|\d+日|\d+时|\d+分|\d+:\d\d|\d+ [A-Z][a-z]{2}|^\d\. ", " ", words, flags=re.M)
        )
    )


def test_a_flash_says_place_kind_casualties_progress_on_one_page(duty: Actor, flooded: Any, fonts: list[Path]) -> None:
    found = filled(duty, "duty_flash", incident=flooded.pk)
    zh = found.bodies["zh"]
    assert zh.title.endswith("京广北路隧道被淹4人死亡2人受伤，正在处置")
    assert "截至7月20日18时05分，死亡4人（来源：市应急局）" in text(found)
    assert "Dead 4" in text(found, "en") or "dead 4" in text(found, "en")
    assert len(pages(paper_pdf(zh, fonts=fonts))) == 1
    assert found.of.incident == flooded.pk


def test_doubts_are_marked_and_the_public_draft_uses_neither(duty: Actor, flooded: Any) -> None:
    inside, outside = (
        text(filled(duty, "special", incident=flooded.pk)),
        text(filled(duty, "public_notice", incident=flooded.pk)),
    )
    assert "溃坝" in inside
    assert "未发生溃坝" in inside
    assert "（说法不一，正在核实）" in inside
    assert "溃坝" not in outside
    assert "两台泵车到场" in outside
    assert "其他情况正在核实" in outside


def test_an_unverified_event_says_so_and_tells_the_public_nothing(duty: Actor) -> None:
    from anlan.response.services import incident_open

    row = incident_open(by=SYSTEM, kind="dam_breach", title={"zh": "水库溃坝", "en": "Dam breach"}, division="4101",
                        source="网络", unverified=True, at=AT)  # fmt: skip
    assert "（未核实）" in text(filled(duty, "duty_flash", incident=row.pk))
    assert "(unverified)" in text(filled(duty, "duty_flash", incident=row.pk), "en")
    assert "正在核实" in text(filled(duty, "public_notice", incident=row.pk))


@pytest.mark.parametrize("kind", ["duty_flash", "special", "after_action", "public_notice"])
def test_both_languages_hold_the_same_facts(duty: Actor, flooded: Any, kind: str) -> None:
    found = filled(duty, kind, incident=flooded.pk)
    zh, en = found.bodies["zh"], found.bodies["en"]
    assert [(type(a), getattr(a, "key", ""), getattr(a, "as_of", "")) for a in zh.blocks] == [
        (type(b), getattr(b, "key", ""), getattr(b, "as_of", "")) for b in en.blocks
    ]
    for a, b in zip(zh.blocks, en.blocks, strict=True):
        if isinstance(a, Paragraph) and isinstance(b, Paragraph) and a.key.startswith("figures"):
            assert numbers(a.text) == numbers(b.text)
            assert a.as_of
            assert a.source in a.text


def test_a_started_response_names_warning_plan_decision_and_measures(duty: Actor, plan: Any, commander: Actor) -> None:
    from anlan.response.services import level_adopt, level_end

    warn("red", AT - timedelta(minutes=90))
    level = level_adopt(by=commander, plan=plan.code, level=1, at=AT)
    found = filled(duty, "level_start", level=level.pk)
    words = text(found)
    assert found.bodies["zh"].title.endswith("级应急响应的通知")
    for wanted in (
        "暴雨红色预警",
        "《郑州市防汛应急预案",
        "经会商研判",
        "2021年7月20日18时05分起启动",
        "预计期限",
        "响应事项",
    ):
        assert wanted in words
    table = next(block for block in found.bodies["zh"].blocks if isinstance(block, Table))
    assert len(table.rows) > 5
    with pytest.raises(Invalid, match=r"paper\.not_ended"), transaction.atomic():
        filled(duty, "level_end", level=level.pk)
    assert callable(level_end)


@pytest.mark.parametrize("kind", ["duty_daily", "situation"])
def test_a_day_tells_events_responses_and_reports(duty: Actor, flooded: Any, kind: str) -> None:
    found = filled(duty, kind, division="4101")
    assert "京广北路隧道被淹" in text(found)
    assert found.division == "4101"
    assert all(isinstance(block, Paragraph) for block in found.bodies["zh"].blocks)


def test_a_plan_prints_its_manual_and_a_card_for_each_post(duty: Actor, plan: Any) -> None:
    manual, cards = filled(duty, "manual", plan=plan.code), filled(duty, "cards", plan=plan.code)
    assert "Ⅰ级响应" in text(manual)
    made = [block for block in cards.bodies["zh"].blocks if isinstance(block, Card)]
    assert len(made) >= 3
    assert all(card.lines and card.address for card in made)


def test_what_is_outside_the_scope_or_not_given_is_refused(flooded: Any, duty: Actor) -> None:
    stranger = Actor("person", "外市值班员", Scope(("3717",)), roles=frozenset({"duty"}))
    with pytest.raises(NotFound), transaction.atomic():
        filled(stranger, "duty_flash", incident=flooded.pk)
    for kind, code in (
        ("duty_flash", "incident"),
        ("level_start", "level"),
        ("manual", "plan"),
        ("order", "order"),
        ("rollup", "disaster"),
    ):
        with pytest.raises(Invalid, match=f"paper.no_{code}"):
            filled(duty, kind)
