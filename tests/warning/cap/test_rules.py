"""Every rule of the standard's text: one message that breaks it and no other."""

from __future__ import annotations

import pytest

from anlan.warning.formats import cap
from anlan.warning.formats.cap.wording import KINDS
from tests.warning.cap.messages import ALERT, INFO, SQUARE, change, codes, raw, with_area, with_info, with_resource

SELF = f"{ALERT.sender},{ALERT.identifier},{ALERT.sent}"
FIRST = "desk@example.org,own-0,2021-07-19T20:59:00+08:00"
BROKEN = [
    ("identifier_characters", change(ALERT, identifier="a b")),
    ("identifier_characters", change(ALERT, identifier="")),
    ("sender_characters", change(ALERT, sender="a,b")),
    ("sender_characters", change(ALERT, sender="a&b")),
    ("enumeration", change(ALERT, status="actual")),
    ("enumeration", change(ALERT, msg_type="New")),
    ("enumeration", change(ALERT, scope="public")),
    ("enumeration", with_info(categories=("Met", "Weather"))),
    ("enumeration", with_info(responses=("Run",))),
    ("enumeration", with_info(urgency="Now")),
    ("enumeration", with_info(severity="High")),
    ("enumeration", with_info(certainty="Very Likely")),
    ("time_form", change(ALERT, sent="2021-07-19T13:59:00Z")),
    ("time_form", change(ALERT, sent="2021-07-19T21:59:00.5+08:00")),
    ("time_unreadable", change(ALERT, sent="2021-07-19T21:59:00")),
    ("time_unreadable", change(ALERT, sent="2021-02-30T21:59:00+08:00")),
    ("time_unreadable", change(ALERT, sent="2021-07-19T21:59:00,08:00")),
    ("time_form", with_info(onset="2021-07-19T14:00:00Z")),
    ("restriction_missing", change(ALERT, scope="Restricted")),
    ("restriction_unused", change(ALERT, restriction="for officials")),
    ("addresses_missing", change(ALERT, scope="Private")),
    ("quotes_open", change(ALERT, addresses='one "two')),
    ("references_missing", change(ALERT, msg_type="Update")),
    ("references_missing", change(ALERT, msg_type="Cancel", references="")),
    ("references_form", change(ALERT, references="own-0")),
    ("references_form", change(ALERT, references="a,b,yesterday")),
    ("references_self", change(ALERT, references=SELF)),
    ("identifier_reused", change(ALERT, references=SELF.replace("21:59:00+08:00", "13:59:00-00:00"))),
    ("references_later", change(ALERT, references="a,b,2021-07-19T22:00:00+08:00")),
    ("note_exercise", change(ALERT, status="Exercise", note=None)),
    ("note_error", change(ALERT, msg_type="Error", references=FIRST, note=None)),
    ("info_missing", change(ALERT, infos=())),
    ("language_form", with_info(language="zh_CN")),
    ("language_override", change(ALERT, infos=(INFO, change(INFO, severity="Minor")))),
    ("language_same_text", change(ALERT, infos=(INFO, change(INFO, language="en")))),
    ("element_empty", with_info(event="")),
    ("element_empty", with_area(desc="")),
    ("expires_missing", with_info(expires=None)),
    ("expires_before_sent", with_info(expires="2021-07-19T21:00:00+08:00", onset=None, effective=None)),
    ("expires_before_effective", with_info(effective="2021-07-20T03:00:00+08:00")),
    ("expires_before_onset", with_info(onset="2021-07-20T03:00:00+08:00")),
    ("web_form", with_info(web="www.example.org")),
    ("markup", with_info(description="Go <b>now</b>")),
    ("markup", with_info(instruction="a&nbsp;b")),
    ("test_words", with_info(headline="This is a TEST message")),
    ("test_words", with_info(headline="暴雨演练")),
    ("name_empty", with_info(parameters=(cap.Coded("", "x"),))),
    ("mime_form", with_resource(mime="picture")),
    ("size_form", with_resource(size="3 kB")),
    ("size_differs", with_resource(size="4")),
    ("uri_relative", with_resource(deref=None, digest=None, size=None)),
    ("deref_form", with_resource(deref="not base64!")),
    ("digest_form", with_resource(digest="abc")),
    ("digest_differs", with_resource(digest="0" * 40)),
    ("resource_bare", with_resource(deref=None, uri=None)),
    ("ring_form", with_area(polygons=("34.0,113.0 34.0,113.5 ...",))),
    ("ring_form", with_area(polygons=("1,2,3 4",))),
    ("ring_form", with_area(polygons=("",))),
    ("ring_short", with_area(polygons=("34,113 35,113 34,113",))),
    ("ring_open", with_area(polygons=("34,113 35,113 35,114 34,114",))),
    ("ring_range", with_area(polygons=("34,190 35,190 35,191 34,190",))),
    ("ring_range", with_area(polygons=("91,0 35,0 35,1 91,0",))),
    ("ring_crosses", with_area(polygons=("0,0 1,1 0,1 1,0 0,0",))),
    ("ring_antimeridian", with_area(polygons=("-17,179 -17,-179 -16,-179 -16,179 -17,179",))),
    ("circle_form", with_area(circles=("34,113,5",))),
    ("circle_range", with_area(circles=("34,190 5",))),
    ("circle_radius", with_area(circles=("34,113 -1",))),
    ("circle_radius", with_area(circles=("34,113 30000",))),
    ("height_form", with_area(altitude="high", ceiling=None)),
    ("ceiling_alone", with_area(altitude=None)),
    ("ceiling_below", with_area(altitude="3000")),
    ("geocode_alone", with_area(polygons=(), circles=())),
    ("area_words_only", with_area(polygons=(), circles=(), geocodes=())),
]  # fmt: skip


def test_the_sound_message_breaks_no_rule() -> None:
    assert cap.check(ALERT) == []
    assert cap.read(raw()).verdict == "valid"


@pytest.mark.parametrize(("code", "alert"), BROKEN, ids=[f"{n}-{code}" for n, (code, _) in enumerate(BROKEN)])
def test_each_rule_is_told_and_decides_as_its_severity_says(code: str, alert: cap.Alert) -> None:
    told = cap.check(alert)
    assert code in {one.code for one in told}
    strict = cap.read(raw(alert))
    assert {one.code for one in strict.findings} >= {code}
    broken = any(one.severity == "error" for one in told)
    assert strict.verdict == ("invalid" if broken else "valid")
    if KINDS[code].severity != "error":
        assert not broken
    if broken:
        with pytest.raises(cap.CapError) as refused:
            cap.write(alert)
        assert code in {one.code for one in refused.value.findings}
    else:
        assert cap.read(cap.write(alert)).alert == alert


@pytest.mark.parametrize(
    "alert",
    [
        with_area(circles=("32.9525,-115.5527 0",)),
        change(ALERT, sent="2021-07-19T13:59:00-00:00"),
        change(ALERT, sent="2021-07-19T13:59:00+00:00"),
        change(ALERT, scope="Private", addresses="one@example.org"),
        change(ALERT, scope="Restricted", restriction="officials"),
        change(ALERT, msg_type="Update", references=FIRST),
        with_area(polygons=("21.28,5 22,5 22,6 21.280,5.0",)),
        with_area(polygons=(SQUARE.replace(" ", "\n"),)),
        with_area(polygons=("+34.,113 .5,113 34,114 34,113.0",)),
    ],
)
def test_what_is_allowed_is_not_refused(alert: cap.Alert) -> None:
    assert codes(alert, "error") == set()
    assert cap.read(raw(alert)).verdict == "valid"


def test_findings_are_few_and_errors_come_first_however_many_there_are() -> None:
    areas = [change(INFO.areas[0], geocodes=(cap.Coded("", "x"),)) for _ in range(300)]
    told = cap.check(with_info(areas=(*areas, change(INFO.areas[0], polygons=("x",)))))
    assert len(told) == 201
    assert (told[0].code, told[-1].code) == ("ring_form", "findings_cut")


def test_every_kind_of_finding_has_both_languages_and_a_clause() -> None:
    for code, kind in KINDS.items():
        assert kind.zh != kind.en, code
        assert kind.clause.startswith(("§", "XML", "own")), code
        assert any("一" <= c <= "鿿" for c in kind.zh), code
