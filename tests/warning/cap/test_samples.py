"""Messages as they are met: the verdict of each in both modes, and nothing lost when they are written again."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.warning.formats import cap
from anlan.warning.formats.cap import compare, door
from anlan.warning.formats.cap.reading import read_tree

DATA = Path(__file__).parent / "data"
# file: strict, record, kind, version
EXPECTED = {
    "google__cap-library__43b080713727.cap": ("valid", "valid", "alert", "1.2"),
    "google__cap-library__KAR0-0306112239-SW.cap": ("valid", "valid", "alert", "1.1"),
    "google__cap-library__thunderstorm.cap": ("valid", "valid", "alert", "1.2"),
    "nws__IL124CA04A2F50.SevereThunderstormWarning.xml": ("valid", "valid", "alert", "1.1"),
    "own_broken.xml": ("invalid", "accepted_with_findings", "alert", "1.2"),
    "own_bundle.xml": ("valid", "valid", "other", "1.2"),
    "own_cap10.xml": ("valid", "valid", "alert", "1.0"),
    "own_edxl_de.xml": ("valid", "valid", "edxl_de", "1.2"),
    "own_feed.atom": ("valid", "valid", "feed", ""),
    "sahana__eden__Fiji_Water_Shortage_Suva.xml": ("invalid", "accepted_with_findings", "alert", "1.2"),
    "sahana__eden__Flood.xml": ("valid", "valid", "alert", "1.2"),
    "sahana__eden__Maldives-Tsunami-MultiLanguage.xml": ("valid", "valid", "alert", "1.2"),
    "sahana__eden__Myanmar_Flood_Multiple_Area.xml": ("valid", "valid", "alert", "1.2"),
    "sahana__eden__TropicalCyclone20150808.xml": ("valid", "valid", "alert", "1.2"),
    "sahana__eden__tsunami.xml": ("valid", "valid", "alert", "1.2"),
}
ALTERED = {"own_broken.xml", "own_cap10.xml", "own_feed.atom"}


def test_every_sample_is_expected_and_has_its_source() -> None:
    names = {path.name for path in DATA.iterdir()} - {"SOURCES.md"}
    assert names == set(EXPECTED)
    sources = (DATA / "SOURCES.md").read_text("utf-8")
    assert all(f"`{name.split('__')[0].split('_')[0]}" in sources for name in names)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_verdict_in_both_modes(name: str) -> None:
    raw = (DATA / name).read_bytes()
    strict, record = cap.read(raw), cap.read(raw, "record")
    assert (strict.verdict, record.verdict, strict.kind, strict.version) == EXPECTED[name]
    assert (record.kind, record.version) == (strict.kind, strict.version)


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - ALTERED))
def test_nothing_is_lost_on_a_round_trip(name: str) -> None:
    root, found = door.enter((DATA / name).read_bytes())
    assert root is not None
    messages = compare.messages(root, read_tree(root, "record", found))
    assert messages
    for element, result in messages:
        assert compare.compare(element, result) == compare.Difference(True, (), ())


def test_what_the_values_have_no_place_for_is_kept_aside() -> None:
    signed = cap.read((DATA / "sahana__eden__TropicalCyclone20150808.xml").read_bytes())
    assert [one.path for one in signed.kept] == ["/alert"]
    assert "SignatureValue" in signed.kept[0].xml
    fiji = cap.read((DATA / "sahana__eden__Fiji_Water_Shortage_Suva.xml").read_bytes(), "record")
    assert [one.xml.split(" ")[0].strip("<") for one in fiji.kept] == ["reference"]


def test_cap_1_0_is_brought_to_the_model() -> None:
    result = cap.read((DATA / "own_cap10.xml").read_bytes(), "record")
    alert = result.alert
    assert alert is not None
    assert (alert.version, alert.scope) == ("1.0", "Public")
    info = alert.infos[0]
    assert info.certainty == "Likely"
    assert (info.event_codes, info.parameters) == ((cap.Coded("SAME", "SVR"),), (cap.Coded("VTEC", "none"),))
    assert info.areas[0].geocodes == (cap.Coded("FIPS6", "006109"),)
    assert info.resources[0].mime == "application/octet-stream"
    assert [one.xml for one in result.kept] == ['<password xmlns="http://www.incident.com/cap/1.0">open</password>']
    told = {(one.code, one.repair) for one in result.findings}
    assert {("element_filled", "Public"), ("enumeration", "read as Likely")} <= told


def test_what_is_broken_is_repaired_and_every_repair_told() -> None:
    result = cap.read((DATA / "own_broken.xml").read_bytes(), "record")
    alert = result.alert
    assert alert is not None
    info = alert.infos[0]
    assert (alert.sent, alert.status, info.language) == ("2021-07-19T13:59:00-00:00", "Actual", "zh-CN")
    assert (info.certainty, info.expires) == ("Likely", "2021-07-20T00:59:00+08:00")
    assert info.description == "雨很大 快走 去高处"
    assert info.areas[0].polygons == ("34.0,113.0 34.0,113.5 34.5,113.5 34.5,113.0 34.0,113.0",)
    assert info.areas[0].circles == ("34.0,113.0 5",)
    told = {one.code for one in result.findings if one.repair}
    assert told == {
        "time_form", "enumeration", "unknown_element", "element_order", "language_form", "element_repeated",
        "element_nested", "ring_form", "ring_open", "ring_range", "circle_form",
    }  # fmt: skip
    kept = " ".join(one.xml for one in result.kept)
    assert all(part in kept for part in (">none</reference>", ">Observed</certainty>", "<b>快走</b>"))
    strict = cap.read((DATA / "own_broken.xml").read_bytes())
    assert {one.code for one in strict.findings} >= told - {"ring_open", "ring_range"}  # seen once the ring is readable
    assert strict.alert is not None
    assert strict.alert.status == "actual"
