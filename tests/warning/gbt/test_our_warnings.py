"""The warnings this platform issues go over to the national message with nothing lost but what is expected."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from anlan.warning.formats import cap, gbt, profiles
from anlan.warning.models import Warning
from anlan.warning.services import warning_cancel, warning_issue
from tests.warning.conftest import ISSUER, SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
# The national message has no response types, and whose kind the issuer is stands in its code.
EXPECTED = {("lost", "/alert/info/responseType"), ("lost", "/alert/info/parameter")}


def issue(**changes: Any) -> Warning:
    given: dict[str, Any] = {"by": ISSUER, "hazard": "11B03", "colour": "red", "area": ["410181"], "at": T0}
    return warning_issue(**(given | changes))


def mapped(xml: str) -> gbt.Message:
    """The national message of one of ours; asserts that it is fit and loses only what is expected."""
    alert = cap.read(xml.encode()).alert
    assert alert is not None
    assert profiles.check(alert, ["gbt"]) == ()
    message, report = gbt.to_gbt(alert)
    assert report.findings == ()
    assert {(item.kind, re.sub(r"\[\d+\]", "", item.path)) for item in report.items} <= EXPECTED
    lost = {item.value for item in report.items if item.path.startswith("/alert/info[1]/parameter")}
    assert {str(value).split(" = ")[0] for value in lost} == {"issuerKind"}
    again, noticed = gbt.read(gbt.write(message))
    assert (again, noticed) == (message, ())
    return message


@pytest.mark.parametrize("colour", ["red", "orange", "yellow", "blue"])
def test_an_issued_warning_of_each_colour(colour: str) -> None:
    message = mapped(issue(colour=colour).cap_xml)
    assert message.identifier == "41018141600000_20210719215900_0"
    assert [info.language for info in message.infos] == ["zh-CN", "en"]
    assert {info.severity for info in message.infos} == {colour.capitalize()}
    assert message.infos[0].areas[0].geocodes == ("410181",)
    assert message.infos[0].areas[0].polygons


def test_an_update_and_a_cancel_refer_to_the_first() -> None:
    first = issue(colour="orange")
    second = issue(references=first, at=T0 + timedelta(hours=1))
    assert mapped(second.cap_xml).references == (first.number,)
    over = warning_cancel(by=ISSUER, warning=second, reason="雨停", at=T0 + timedelta(hours=2))
    cancel = mapped(over.cancel_xml)
    assert cancel.msg_type == "Cancel"
    assert cancel.references[0] == first.number
    assert "雨停" in cancel.note


def test_a_warning_of_a_whole_city_and_one_in_a_drill() -> None:
    from anlan.kernel.drill import drill_create

    assert mapped(issue(by=SCENARIO, area=["4101"], hazard="11A06").cap_xml).infos[0].areas[0].geocodes == ("410100",)
    drill_create(by=SCENARIO, scenario="zhengzhou-2021", seed=7, profile="tiny", starts_at=T0, tick_s=30,
                 ends_at=T0 + timedelta(hours=36), settings={})  # fmt: skip
    assert mapped(issue(at=T0 + timedelta(hours=1)).cap_xml).status == "Exercise"
