"""A warning drafted from a received alert: hazard, colour, area, times and words as proposals, marked as from whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory.selectors import township_points
from anlan.warning import choices, rules
from anlan.warning.engine.passing_on import taken
from anlan.warning.formats import cap
from anlan.warning.formats.cap import geometry
from anlan.warning.models import ReceivedAlert, Warning, WarningDraft
from anlan.warning.services.door import alert_take
from anlan.warning.services.drafts_flow import draft_check, draft_sign
from anlan.warning.services.drafts_issue import draft_issue
from anlan.warning.services.drafts_received import content_of_received
from anlan.warning.services.values_drafts import DraftContent
from tests.territory.page_rows import reader
from tests.warning.drafting import CHECKER, SIGNER, code_of
from tests.warning.test_door import GATE
from tests.warning.test_received import COUNTY, RING, SENDER, T0, cap_bytes

AT = T0 + timedelta(hours=1)
SCOPE = Scope((COUNTY,))


def info(**more: Any) -> cap.Info:
    given = {
        "language": "en-US", "categories": ("Met",), "event": "Flash Flood Warning", "urgency": "Immediate", "severity": "Severe",
        "certainty": "Observed", "headline": "Flash flood on the Yi", "description": "Water is rising.", "instruction": "Go up.",
        "sender_name": "City weather office", "expires": cap.instant_text(T0 + timedelta(hours=5)),
        "areas": (cap.Area("Gongyi", geocodes=(cap.Coded("GB/T2260", COUNTY),)),),
    }  # fmt: skip
    return cap.Info(**given | more)


def of(*infos: cap.Info) -> Any:
    alert = cap.Alert(identifier="i", sender="s", sent="2021-07-20T09:00:00+08:00", status="Actual", msg_type="Alert",
                      scope="Public", infos=infos)  # fmt: skip
    return taken(alert, rules.passing_on(), choices.HAZARDS)


def received(*infos: cap.Info, name: str = "R1", **more: Any) -> ReceivedAlert:
    return alert_take(by=GATE, body=cap_bytes(name, infos=infos, **more), source="f", division=COUNTY, at=AT)


def drafted(*infos: cap.Info, scope: Scope = SCOPE) -> tuple[DraftContent, list[str]]:
    body = cap_bytes("R1", infos=infos)
    row = alert_take(by=GATE, body=body, source="f", division=COUNTY, at=AT)
    content, told = content_of_received(scope, row, body, AT)
    return content, [each["zh"] for each in told]


@pytest.mark.parametrize(("words", "hazard"), [
    ({"event": "Flash Flood Warning"}, "11A06"), ({"event": "Rainfall"}, "11B03"), ({"event": "山洪灾害风险"}, "11A06"),
    ({"event": "?", "headline": "Tropical Storm Ida"}, "11B01"), ({"event": "Notice", "headline": "Price of ice"}, "11B21"),
    ({"event": "Parade", "headline": "Band"}, ""), ({"event": "暴雨", "event_codes": (cap.Coded("GB/T35965.1", "11D01"),)}, "11D01"),
    ({"event": "暴雨", "event_codes": (cap.Coded("SAME", "FFW"),)}, "11B03")])  # fmt: skip
def test_the_hazard_is_of_the_code_else_of_the_words(words: dict[str, Any], hazard: str) -> None:
    found = of(info(**words))
    assert found.hazard == hazard
    assert all(each["zh"] and each["en"] for each in found.told)


@pytest.mark.parametrize(("words", "colour"), [
    ({"severity": "Extreme"}, "red"), ({"severity": "Severe"}, "orange"), ({"severity": "Moderate"}, "yellow"),
    ({"severity": "Minor"}, "blue"), ({"severity": "Unknown"}, "yellow"),
    ({"severity": "Minor", "parameters": (cap.Coded("awareness_level", "4; red; Extreme"),)}, "red"),
    ({"severity": "Extreme", "parameters": (cap.Coded("colour", "blue"),)}, "blue"),
    ({"severity": "Severe", "parameters": (cap.Coded("预警颜色", "红色"),)}, "red")])  # fmt: skip
def test_the_colour_is_of_its_parameter_else_of_severity(words: dict[str, Any], colour: str) -> None:
    assert of(info(**words)).colour == colour


def test_the_gravest_of_several_blocks_and_each_language_once() -> None:
    found = of(
        info(),
        info(
            language="zh-CN",
            event="山洪",
            severity="Extreme",
            description="水位上涨。",
            headline="",
            instruction="上高处。",
        ),
    )
    assert found.colour == "red"
    assert found.description == {"en": "Water is rising.", "zh": "水位上涨。"}
    assert found.headline == {"en": "Flash flood on the Yi"}
    french = of(info(language="fr-FR", description="L'eau monte."))
    assert french.description == {"en": "L'eau monte."}


@pytest.mark.django_db
@pytest.mark.usefixtures("tiny")
class TestDrafting:
    def test_area_times_and_words_are_taken_and_marked(self) -> None:
        content, told = drafted(info(onset=cap.instant_text(T0 + timedelta(hours=2))))
        assert (content.hazard, content.colour, content.area, content.area_kind) == (
            "11A06",
            "orange",
            (COUNTY,),
            "received",
        )
        assert content.description["en"] == "From City weather office: Water is rising."
        assert content.description["zh"], "what it does not say in Chinese is of the packs"
        assert content.headline["en"] == "Flash flood on the Yi"
        assert content.actions["public"]["en"] == "Go up."
        assert (content.effective, content.expires) == (T0 + timedelta(hours=2), T0 + timedelta(hours=5))
        assert f"{SENDER},R1," in content.note
        assert content.incidents == "R1"
        assert len(told) == 2

    def test_a_province_s_alert_is_for_the_reader_s_part_of_it(self) -> None:
        content, _ = drafted(info(areas=(cap.Area("河南", geocodes=(cap.Coded("GB/T2260", "410000"),)),)))
        assert content.area == (COUNTY,)

    def test_shapes_become_townships_and_go_out_again(self) -> None:
        town = township_points(COUNTY)[0]
        area = cap.Area("somewhere", circles=(f"{town['lat']},{town['lon']} 1",))
        content, _ = drafted(info(areas=(area,)))
        assert town["code"] in content.area
        assert content.outline is not None
        assert content.outline["features"][0]["properties"] == {"radius_km": 1.0}

    def test_a_border_drawn_coarsely_gives_way_to_the_division_itself(self) -> None:
        area = cap.Area("巩义", polygons=(geometry.ring_text(((112.0, 34.0), (114.0, 34.0), (114.0, 35.0), (112.0, 34.0))),),
                        geocodes=(cap.Coded("GB/T2260", COUNTY),))  # fmt: skip
        content, _ = drafted(info(areas=(area,)))
        assert (content.area, content.outline) == ((COUNTY,), None)

    def test_an_area_nobody_knows_is_told(self) -> None:
        content, told = drafted(info(areas=(cap.Area("Texas", geocodes=(cap.Coded("SAME", "048000"),)),)))
        assert (content.area, content.area_kind) == ((COUNTY,), "divisions")
        assert any("请核对" in each for each in told)
        content, told = drafted(info(areas=(cap.Area("far", circles=("10,10 5",)),)))
        assert content.area == (COUNTY,)

    def test_what_is_over_or_no_alert_is_refused(self) -> None:
        over = cap_bytes("R1", infos=(info(expires=cap.instant_text(T0 + timedelta(minutes=5))),))
        row = alert_take(by=GATE, body=over, source="f", division=COUNTY, at=AT)
        assert code_of(Invalid, lambda: content_of_received(SCOPE, row, over, AT)) == "draft.received"
        cancel = cap_bytes("C", 20, "Cancel", (("A", 0),))
        row = alert_take(by=GATE, body=cancel, source="f", division=COUNTY, at=AT)
        assert code_of(Invalid, lambda: content_of_received(SCOPE, row, cancel, AT)) == "draft.received"

    def test_from_its_page_to_issued_with_the_source_named_in_the_file(self) -> None:
        row = received(info())
        page = reader(COUNTY)
        with clock.at(AT):
            assert f"/warnings/compose?received={row.pk}" in page.get(f"/warning/alerts/{row.pk}").content.decode()
            text = page.get(f"/warnings/compose?received={row.pk}").content.decode()
            assert "From City weather office: Water is rising." in text
            assert "Taken from the received alert" in text
            content, _ = content_of_received(SCOPE, row, cap_bytes("R1", infos=(info(),)), AT)
            form = {"received": str(row.pk), "act": "alert", "hazard": content.hazard, "colour": content.colour,
                    "issuer_kind": "weather", "area": COUNTY, "area_kind": "received", "incidents": content.incidents,
                    "note": "somebody else"}  # fmt: skip
            for name in ("headline", "description", "sms"):
                form |= {f"{name}_{key}": text for key, text in getattr(content, name).items()}
            form |= {f"action_{who}_{key}": text for who, pair in content.actions.items() for key, text in pair.items()}
            assert page.post("/warnings/compose", form).status_code == 302
            draft = WarningDraft.objects.get()
            assert draft.received == f"{SENDER},R1,{row.sent_text}"
            assert draft.source == "received"
            assert draft.content["note"].endswith(draft.received), "the form does not say whose it is"
            draft = draft_check(by=CHECKER, draft=draft, seen=draft.digest)
            draft = draft_sign(by=SIGNER, draft=draft, seen=draft.digest)
            draft_issue(by=SIGNER, draft=draft, seen=draft.digest)
        alert = cap.read(Warning.objects.get().cap_xml.encode()).alert
        assert alert is not None
        assert f"{SENDER},R1,{row.sent_text}" in (alert.note or "")
        assert alert.incidents == "R1"
        assert RING

    def test_the_same_over_the_interface(self) -> None:
        row = received(info())
        page = reader(COUNTY)
        with clock.at(AT):
            body = page.get(f"/api/warning/drafts/filled?received={row.pk}").json()
        assert body["hazard"] == "11A06"
        assert len(body["told"]) == 2
