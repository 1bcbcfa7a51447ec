"""The door and the two readers: encodings, structure, containers, values that mean something."""

from __future__ import annotations

import doctest
import importlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from anlan.warning.formats import cap
from anlan.warning.formats.cap import door, geometry, lean, structure
from anlan.warning.formats.cap.model import Reading
from tests.warning.cap.messages import ALERT, INFO, change, raw, with_area, with_info

TEXT = raw().decode()
BODY = TEXT.split("?>", 1)[1]


@pytest.mark.parametrize("name", ["values", "geometry", "instants"])
def test_the_examples_in_the_words_hold(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"anlan.warning.formats.cap.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("UTF-8", "utf-8"), ("utf-8", "utf-8-sig"), ("UTF-16", "utf-16"), ("gb18030", "gb18030"), ("GBK", "gbk")],
)
def test_encodings_that_are_read(declared: str, codec: str) -> None:
    sent = (f'<?xml version="1.0" encoding="{declared}"?>' + BODY).encode(codec)
    assert cap.read(sent) == cap.read(raw())
    assert cap.read(("<?xml version='1.0'?>" + BODY).encode("utf-16-le")).alert == ALERT


def test_latin_letters_declared_as_iso_8859_1() -> None:
    alert = with_info(headline="Tornádo", event="é", description="ö", instruction="ü", audience="x", sender_name="x",
                      contact="x", areas=())  # fmt: skip
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + raw(alert).decode().split("?>", 1)[1]
    assert cap.read(text.encode("iso-8859-1")).alert == alert


def test_a_declaration_that_does_not_fit_is_told() -> None:
    wrong = TEXT.replace("UTF-8", "UTF-16").encode()
    assert cap.read(wrong).verdict == "invalid"
    taken = cap.read(wrong, "record")
    assert (taken.verdict, taken.alert) == ("accepted_with_findings", ALERT)
    assert [(one.code, one.repair) for one in taken.findings] == [("encoding_differs", "read as UTF-8")]
    assert cap.read(TEXT.replace("UTF-8", "utf-7").encode()).findings[0].code == "encoding_unknown"
    assert cap.read(TEXT.encode("utf-8").replace("暴".encode(), b"\xff")).findings[0].code == "not_well_formed"
    assert cap.read(b"\n " + raw()).findings[0].code == "leading_blanks"
    assert cap.read(b"\n " + raw(), "record").alert == ALERT


@pytest.mark.parametrize("made", [b"", b" \n", b"not xml", b"<alert", b"<a/>", b"\0\0", b"<alert/>"])
def test_what_is_no_message_is_refused_with_a_reason(made: bytes) -> None:
    for mode, verdict in (("strict", "invalid"), ("record", "rejected")):
        result = cap.read(made, mode)
        assert result.verdict == verdict
        assert any(one.severity == "error" for one in result.findings)


def test_another_namespace_is_told_and_read_as_1_2() -> None:
    other = raw().replace(b"emergency:cap:1.2", b"emergency:alerts:1.2")
    assert (cap.read(other).verdict, cap.read(other).version, cap.read(other).kind) == ("invalid", "unknown", "alert")
    taken = cap.read(other, "record")
    assert (taken.verdict, taken.alert) == ("accepted_with_findings", ALERT)


STRUCTURE = [
    ("unknown_element", "<urgency>", "<colour>red</colour><urgency>"),
    ("element_order", "<event>暴雨</event><responseType>Shelter</responseType>", "<responseType>Shelter</responseType><event>暴雨</event>"),
    ("element_repeated", "<event>暴雨</event>", "<event>暴雨</event><event>雨</event>"),
    ("element_missing", "<status>Actual</status>", ""),
    ("element_missing", "<category>Met</category>", ""),
    ("element_missing", "<areaDesc>巩义市</areaDesc>", ""),
    ("element_missing", "<valueName>colour</valueName>", ""),
    ("element_nested", "<event>暴雨</event>", "<event>暴<b>雨</b></event>"),
    ("attribute", "<event>", '<event kind="x">'),
    ("attribute", "<alert ", '<alert version="1.2" '),
    ("stray_text", "<event>", "stray<event>"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new"), STRUCTURE)
def test_broken_structure_is_told_by_name(code: str, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    broken = TEXT.replace(old, new).encode()
    strict = cap.read(broken)
    assert strict.verdict == "invalid"
    assert code in {one.code for one in strict.findings if one.severity == "error"}
    assert "schema" not in {one.code for one in strict.findings}
    assert cap.read(broken, "record").verdict == "accepted_with_findings"


def test_the_schema_has_the_last_word() -> None:
    size = TEXT.replace("<size>3</size>", "<size> 3 </size>").encode()
    assert cap.read(size).verdict == "valid"
    result = cap.read(TEXT.replace("<status>Actual</status>", "<status> Actual</status>").encode())
    assert (result.verdict, [one.code for one in result.findings]) == ("invalid", ["schema"])
    older = cap.read(raw().replace(b"cap:1.2", b"cap:1.1").replace(b"Shelter", b"Avoid"))
    assert [one.code for one in older.findings] == ["schema"]


def test_without_who_what_and_when_nothing_is_recorded() -> None:
    for alert in (change(ALERT, identifier=""), change(ALERT, sender=""), change(ALERT, sent="today")):
        assert cap.read(raw(alert), "record").verdict == "rejected"


def test_both_readers_read_the_same() -> None:
    for alert in (ALERT, change(ALERT, infos=(INFO, change(INFO, language="en", areas=()))), change(ALERT, infos=())):
        root = etree.fromstring(raw(alert))
        assert structure.schema().validate(root)
        assert lean.alert(root) == (alert, [])
        assert Reading(structure.NAMESPACES["1.2"], "1.2").alert(root) == alert


@pytest.mark.parametrize("mode", ["strict", "record"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""), ("<event>", "<!-- a remark --><event>"), ("暴雨红色", "<![CDATA[暴雨]]>红色"), ("\n", "\r\n"), ("暴雨", " 暴&#13;&amp;雨 "),
        ("<event>暴雨</event>", "<event/>"), ("</alert>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"> <a/> </Signature></alert>'),
        ("Actual", "actual"), ("<event>", "stray<event>"), ("<event>", "<?a b?><event>"), ("<info>", '<info xmlns="x">'),
        ("</info>", "</info><info/>"),
        ("34.0,113.0", "34.0,113.1"), ("<audience>", "<audience>\n  "), (' xmlns=', ' xmlns:x="y" xmlns='),
    ],
)  # fmt: skip
def test_what_is_read_quickly_is_what_is_read_with_care(old: str, new: str, mode: cap.Mode) -> None:
    sent = (TEXT.replace(old, new) if old else TEXT).encode()
    root, found = door.enter(sent)
    assert root is not None
    assert cap.read(sent, mode) == cap.read_tree(root, mode, found)


def test_a_message_with_prefixes_is_read_the_same() -> None:
    prefixed = TEXT.replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:").replace("<c:?", "<?")
    assert cap.read(prefixed.replace("xmlns=", "xmlns:c=").encode()) == cap.read(raw())


def test_the_worst_message_in_a_container_is_its_verdict() -> None:
    broken = raw(change(ALERT, status="x")).split(b"?>")[1]
    bundle = b'<feed xmlns="http://www.w3.org/2005/Atom">' + raw().split(b"?>")[1] + broken + b"</feed>"
    result = cap.read(bundle)
    assert (result.kind, result.verdict, result.alert) == ("feed", "invalid", None)
    assert [one.verdict for one in result.embedded] == ["valid", "invalid"]
    assert result.embedded[0].alert == ALERT
    assert [one.path for one in result.findings] == ["/embedded[2]/alert/status"]
    assert cap.read(bundle, "record").verdict == "accepted_with_findings"


def test_times_mean_instants() -> None:
    assert cap.instant_text(datetime(2021, 7, 19, 13, 59, 0, 123456, tzinfo=UTC)) == "2021-07-19T13:59:00-00:00"
    assert cap.instant("2021-07-19T21:59:00+08:00") == cap.instant("2021-07-19T13:59:00Z")
    for bad in ("2021-07-19T21:59:00", "yesterday", ""):
        with pytest.raises(ValueError):
            cap.instant(bad)
    with pytest.raises(ValueError):
        cap.instant_text(datetime(2021, 7, 19))


RING = st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=20)


@given(RING)
def test_rings_come_back_from_their_text(points: list[tuple[float, float]]) -> None:
    turned = [(lon, lat) for lat, lon in points]
    text = geometry.ring_text(turned, 7)
    assert geometry.ring(text) == tuple((float(f"{lon:.7f}"), float(f"{lat:.7f}")) for lon, lat in turned)
    assert geometry.ring(f"  {text.replace(' ', chr(10) + ' ')} ") == geometry.ring(text)


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=12))
def test_crossings_are_those_geos_finds(points: list[tuple[int, int]]) -> None:
    import shapely

    ring = [*points, points[0]]
    numbers = [float(x) for lat, lon in ring for x in (lat, lon)]
    if len(set(points)) < 3:
        return
    assert geometry.crossing([numbers]) == [not shapely.LinearRing([(lon, lat) for lat, lon in ring]).is_simple]


def test_a_ring_over_180_is_no_crossing_and_longitudes_beyond_are_turned() -> None:
    over = with_area(polygons=("-17,179 -17,181 -16,181 -16,179 -17,179",))
    assert cap.read(raw(over)).verdict == "invalid"
    taken = cap.read(raw(over), "record")
    assert taken.alert is not None
    assert taken.alert.infos[0].areas[0].polygons == ("-17,179 -17,-179 -16,-179 -16,179 -17,179",)
    assert "ring_crosses" not in {one.code for one in taken.findings}


def test_too_much_is_refused_at_the_door() -> None:
    assert cap.read(b"x" * (door.MAX_BYTES + 1)).findings[0].code == "too_large"
    assert cap.read(b"<a>" * (door.MAX_MARKS + 1)).findings[0].code == "too_many_marks"
    assert cap.quoted('a "b c" d') == ("a", "b c", "d")
