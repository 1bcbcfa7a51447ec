"""Papers of a change, an end, an order and a disaster, filled from real records."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.response.engine.paper import Table
from tests.response.ordering import GONGYI, XINGYANG, issued, of
from tests.response.papers.test_filled import AT, filled, numbers, text
from tests.response.reporting import flood
from tests.response.scene import SCENE, person, warn

HAN = re.compile(r"[\u4e00-\u9fff]")
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def duty() -> Actor:
    return person("4101.duty", "duty")


def rows(found: Any, language: str = "zh") -> list[tuple[str, ...]]:
    return [row for block in found.bodies[language].blocks if isinstance(block, Table) for row in block.rows]


def test_a_raised_and_an_ended_response_say_from_what_why_and_what_is_left(
    duty: Actor, plan: Any, commander: Actor
) -> None:
    from anlan.response.services import level_adopt, level_end
    from anlan.response.services.announcing import Announcement

    warn("red", AT - 6 * HOUR)
    level_adopt(
        by=commander, plan=plan.code, level=2, at=AT - 5 * HOUR, announce=Announcement(reason="会商研判雨势加强")
    )
    raised = level_adopt(
        by=commander, plan=plan.code, level=1, at=AT - 2 * HOUR, announce=Announcement(reason="水库超汛限")
    )
    found = filled(duty, "level_change", level=raised.pk)
    assert found.bodies["zh"].title.endswith("应急响应由Ⅱ级提升至Ⅰ级的通知")
    assert "from level II to level I" in found.bodies["en"].title
    assert "决定理由：水库超汛限。" in text(found)
    assert "2021年7月20日16时05分" in text(found)
    assert len(rows(found)) == len(rows(found, "en")) > 5
    ended = level_end(by=commander, plan=plan.code, reason="降雨停止，河道水位回落", at=AT - HOUR)
    over = filled(duty, "level_end", level=ended.pk)
    words = text(over)
    assert over.bodies["zh"].title.endswith("应急响应的通知")
    assert "降雨停止，河道水位回落" in words
    assert "2021年7月20日17时05分起终止" in words
    assert "防止发生次生、衍生事件" in words


def test_an_order_names_its_ground_every_receiver_and_its_limit(duty: Actor, plan: Any) -> None:
    order = issued(AT - HOUR)
    found = filled(duty, "order", order=order.pk)
    words = text(found)
    assert (found.bodies["zh"].form, found.bodies["zh"].title) == ("order", "封闭下穿隧道")
    assert "《中华人民共和国突发事件应对法》（2024年修订）第七十三条第二项" in words
    assert "立即封闭辖区下穿隧道，派人守口。" in words
    limits = {row[2] for row in rows(found)}
    lead, helper = of(order, GONGYI), of(order, XINGYANG)
    assert [row[0] for row in rows(found)] == [
        f"{lead.owner_post.name_zh}（牵头）",
        f"{helper.owner_post.name_zh}（配合）",
    ]
    assert not HAN.search(rows(found, "en")[0][3])
    assert any("18时05分" in limit for limit in limits)
    assert found.of.other == f"order:{order.pk}"


def test_a_disaster_bulletin_holds_what_the_counties_gave(duty: Actor, plan: Any) -> None:
    from anlan.response.services import report_file

    disaster = flood("41", AT - 8 * HOUR)
    for county, people in (("410181", 1200.0), ("410182", 801.0)):
        report_file(by=SCENE, disaster=disaster.pk, division=county, kind="follow", figures={"affected": people, "dead": 1.0},
                    at=AT - HOUR)  # fmt: skip
    run_until_quiet(strict=True)
    found = filled(duty, "rollup", disaster=disaster.pk, division="4101")
    words = text(found)
    assert "2001" in words.replace(",", "")
    assert {"1200", "801"} <= {cell.replace(",", "") for row in rows(found) for cell in row}
    assert numbers(words) == numbers(text(found, "en"))
