"""One national message and one CAP message, looked at value by value; hostile and odd files; tables of a bureau's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from msgspec.structs import replace

from anlan.kernel.problem import Invalid
from anlan.warning.formats import cap, gbt, profiles
from anlan.warning.formats.cap import Coded

RAW = (Path(__file__).parent / "data" / "national.xml").read_bytes()
TABLE = resources.files("anlan.warning.formats.gbt").joinpath("table.yaml").read_text("utf-8")
INFO = cap.Info(
    "暴雨", "Immediate", "Extreme", "Observed", ("Met",), "zh-CN", effective="2021-07-19T21:59:00+08:00",
    event_codes=(Coded("GB/T35965.1", "11B03"),), sender_name="巩义市气象台", headline="暴雨红色预警",
    description="未来3小时降雨量将达100毫米以上", instruction="立即到高处避险", parameters=(Coded("colour", "red"),),
    areas=(cap.Area("巩义市", ("34.6,112.8 34.9,112.8 34.9,113.2 34.6,112.8",), ("34.7,113.0 1.5",), (Coded("GB/T2260", "410181"),)),),
)  # fmt: skip
ALERT = cap.Alert("41018141600000_20210719215900_0", "41018141600000", "2021-07-19T21:59:00+08:00", "Actual", "Alert",
                  "Public", infos=(INFO,))  # fmt: skip


def told(report: gbt.Report) -> list[tuple[str, str, str | None, str | None]]:
    return [(item.kind, item.path, item.value, item.becomes) for item in report.items]


def with_info(**changes: object) -> cap.Alert:
    return replace(ALERT, infos=(replace(INFO, **changes),))


def test_a_national_message_becomes_valid_cap() -> None:
    message, noticed = gbt.read(RAW)
    assert [finding.path for finding in noticed] == ["/alert/info[1]/colourCode"]
    alert, _ = gbt.from_gbt(message)
    assert cap.read(cap.write(alert)).verdict == "valid"
    assert (alert.sender, alert.sent) == ("41018141600000", "2021-07-19T21:59:00+08:00")
    assert alert.references == "41018141600000,41018141600000_20210719180000,2021-07-19T18:00:00+08:00"
    (info,) = alert.infos
    assert (info.event, info.severity, info.certainty, info.categories) == ("暴雨", "Extreme", "Likely", ("Met",))
    assert info.event_codes == (Coded("GB/T35965.1", "11B03"),)
    assert info.headline == "巩义市气象台发布暴雨红色预警"
    assert info.sender_name == "巩义市气象台"
    assert (info.effective, info.onset, info.expires) == (
        "2021-07-19T21:59:00+08:00",
        None,
        "2021-07-20T00:59:00+08:00",
    )
    assert info.parameters[:2] == (Coded("colour", "red"), Coded("GB/T35965.1:certainty", "VeryLikely"))
    assert (info.resources[0].mime, info.resources[0].size) == ("image/jpeg", "84210")
    assert info.areas[0].circles == ("34.7,113.0 1.5",)
    assert info.areas[0].geocodes == (
        Coded("stats12", "410181000000"), Coded("GB/T2260", "410181"), Coded("GB/T10114", "410181100"),
        Coded("stats12", "410181100201"),
    )  # fmt: skip


def test_persons_stay_out_of_cap_and_are_named_in_the_report() -> None:
    message, _ = gbt.read(RAW)
    alert, report = gbt.from_gbt(message)
    written = cap.write(alert).decode()
    for private in ("13800000000", "13800000001", "G01002", "值班签发员"):
        assert private in RAW.decode()
        assert private not in written
    assert told(report) == [
        ("lost", "/alert/phone", "13800000000", None),
        ("lost", "/alert/code[1]/method[1]/audienceGrp", "G01002", None),
        ("lost", "/alert/code[1]/method[1]/audiencePrt", "13800000001", None),
        ("changed", "/alert/info[1]/senderName", "值班签发员", "巩义市气象台"),
    ]
    assert {item.zh for item in report.items} == {"涉及个人或内部对象，不写入公开的CAP报文"}


def test_a_bureau_that_opens_the_table_loses_nothing() -> None:
    table = gbt.load(TABLE.replace("private: [phone, signer, groups, persons]", "private: []"), "own.yaml")
    message, _ = gbt.read(RAW, table)
    alert, report = gbt.from_gbt(message, table=table)
    assert report.items == ()
    assert gbt.to_gbt(alert, table=table)[0] == message
    assert gbt.read(gbt.write(message), table) == (message, ())


def test_our_form_of_cap_loses_nothing() -> None:
    message, report = gbt.to_gbt(ALERT)
    assert report == gbt.Report((), ())
    assert report.fit
    assert profiles.check(ALERT, ["gbt"])[0].code == "gbt.expires"
    again, noticed = gbt.read(gbt.write(message))
    assert (again, noticed) == (message, ())
    assert gbt.from_gbt(again)[0] == ALERT
    assert message.sent == message.infos[0].effective == "2021-07-19 21:59:00+08:00"
    assert (message.sender, message.sender_code) == ("巩义市气象台", "41018141600000")
    assert (message.infos[0].event_type, message.infos[0].severity) == ("11B03", "Red")
    assert message.infos[0].areas[0].circles == ("34.7,113.0 1500",)


@pytest.mark.parametrize(
    ("colour", "severity", "word"),
    [("red", "Extreme", "Red"), ("orange", "Severe", "Orange"), ("yellow", "Moderate", "Yellow"), ("blue", "Minor", "Blue")],
)  # fmt: skip
def test_colours_are_grades_one_to_four_and_severities(colour: str, severity: str, word: str) -> None:
    alert = with_info(severity=severity, parameters=(Coded("colour", colour),))
    message, report = gbt.to_gbt(alert)
    assert message.infos[0].severity == word
    assert report.items == ()
    bare, assumed = gbt.to_gbt(with_info(severity=severity, parameters=()))
    assert bare.infos[0].severity == word
    assert told(assumed) == [("added", "/alert/info[1]/parameter[1]", None, f"colour = {colour}")]


def test_what_the_national_message_has_no_place_for_is_named_with_path_value_and_reason() -> None:
    alert = replace(
        with_info(responses=("Shelter",), contact="12379", certainty="Possible", sender_name="巩义市气象台",
                  event="特大暴雨", expires="2021-07-19T16:59:00-00:00",
                  parameters=(Coded("colour", "red"), Coded("WEAHandling", "Imminent Threat")),
                  event_codes=(Coded("SAME", "FFW"), Coded("GB/T35965.1", "11B03"))),
        source="模式", codes=("profile:x",),
        references="a@b,1,2021-07-19T20:00:00+08:00 41018141600000,41018141600000_20210719180000_0,2021-07-19T18:00:00+08:00",
    )  # fmt: skip
    _, report = gbt.to_gbt(alert)
    assert told(report) == [
        ("lost", "/alert/source", "模式", None),
        ("lost", "/alert/code[1]", "profile:x", None),
        ("changed", "/alert/info[1]/event", "特大暴雨", "暴雨"),
        ("lost", "/alert/info[1]/responseType[1]", "Shelter", None),
        ("changed", "/alert/info[1]/certainty", "Possible", "Unknown"),
        ("lost", "/alert/info[1]/eventCode[1]", "SAME = FFW", None),
        ("changed", "/alert/info[1]/expires", "2021-07-19T16:59:00-00:00", "2021-07-20T00:59:00+08:00"),
        ("lost", "/alert/info[1]/contact", "12379", None),
        ("lost", "/alert/info[1]/parameter[2]", "WEAHandling = Imminent Threat", None),
        ("added", "/alert/info[1]/parameter[2]", None, "GB/T35965.1:references = 1,41018141600000_20210719180000_0"),
        ("lost", "/alert/references[1]", "a@b,1,2021-07-19T20:00:00+08:00", None),
    ]
    reasons = {item.path.rpartition("/")[2]: item.en for item in report.items}
    assert reasons["expires"] == "the national message writes Beijing time in whole seconds"
    assert reasons["eventCode[1]"] == "the national message has one event type"
    assert [finding.path for finding in report.findings] == ["/alert/references[1]"]
    assert not report.fit


def test_several_languages_go_over_with_the_unit_named_in_each() -> None:
    english = replace(INFO, language="en", event="Rainstorm", sender_name="Gongyi Weather office", headline="Red rain")
    alert = replace(ALERT, infos=(INFO, english))
    message, report = gbt.to_gbt(alert)
    assert report.items == ()
    assert [info.signer for info in message.infos] == ["巩义市气象台", "Gongyi Weather office"]
    assert gbt.from_gbt(message)[0] == alert


def test_a_message_from_elsewhere_is_taken_over_under_the_issuers_own_identity() -> None:
    foreign = replace(ALERT, identifier="urn:oid:2.49.0.1.840", sender="a@b")
    _, unfit = gbt.to_gbt(foreign)
    assert [finding.code for finding in unfit.findings] == ["gbt.identity", "gbt.issuer"]
    message, report = gbt.to_gbt(foreign, issuer="41010041600000", serial=3)
    assert message.identifier == "41010041600000_20210719215900_3"
    assert len(message.identifier) == 31
    assert report.fit
    assert told(report) == [
        ("changed", "/alert/identifier", "urn:oid:2.49.0.1.840", "41010041600000_20210719215900_3"),
        ("changed", "/alert/sender", "a@b", "41010041600000"),
    ]
    for issuer, serial in (("4101", 0), ("41010041600000", 10), ("4101004160000x", 0)):
        with pytest.raises(Invalid):
            gbt.to_gbt(foreign, issuer=issuer, serial=serial)


def test_what_breaks_the_value_rules_is_not_written_strictly() -> None:
    message, _ = gbt.to_gbt(with_info(event="龙卷", event_codes=(), severity="Unknown", parameters=()))
    codes = {(finding.code, finding.path) for finding in gbt.check(message)}
    assert codes == {("gbt.missing", "/alert/info[1]/eventType"), ("gbt.colour", "/alert/info[1]/severity")}
    with pytest.raises(Invalid) as refused:
        gbt.write(message)
    assert refused.value.field == "/alert/info[1]/severity"
    assert gbt.read(gbt.write(message, strict=False))[0] == message


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"identifier": "41018141600000_20210719215900_0x"}, "gbt.identity"),
        ({"identifier": "41018141600000_20211319215900_0"}, "gbt.identity"),
        ({"identifier": "41018141600000_20210719215900"}, "gbt.identity_old"),
        ({"sender_code": "4101814160000"}, "gbt.issuer"),
        ({"sender_code": "41018100000001"}, "gbt.issuer_differs"),
        ({"sent": "2021-07-19T21:59:00+08:00"}, "gbt.time"),
        ({"sent": "2021-02-30 21:59:00+08:00"}, "gbt.time"),
        ({"sent": ""}, "gbt.missing"),
        ({"status": "System"}, "gbt.word"),
        ({"msg_type": "Update"}, "gbt.references"),
        ({"references": ("first",)}, "gbt.reference"),
        ({"infos": ()}, "gbt.missing"),
    ],
)
def test_each_value_rule_is_found_broken(changes: dict[str, object], code: str) -> None:
    message, _ = gbt.to_gbt(ALERT)
    assert gbt.check(message) == ()
    assert [finding.code for finding in gbt.check(replace(message, **changes))] == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"event_type": "rain"}, "gbt.event_type"), ({"event_type": "11Z99"}, "gbt.event_unknown"),
        ({"severity": "Rot"}, "gbt.colour"), ({"certainty": "Possible"}, "gbt.word"),
        ({"onset": "soon"}, "gbt.time"), ({"headline": ""}, "gbt.missing"),
        ({"areas": (gbt.Area("x", geocodes=("4101",)),)}, "gbt.division"), ({"areas": (gbt.Area("x"),)}, "gbt.missing"),
    ],
)  # fmt: skip
def test_each_value_rule_of_an_info_is_found_broken(changes: dict[str, object], code: str) -> None:
    message, _ = gbt.to_gbt(ALERT)
    broken = replace(message, infos=(replace(message.infos[0], **changes),))
    assert [finding.code for finding in gbt.check(broken)] == [code]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no xml",
        b"<?xml version='1.0'?><!DOCTYPE alert [<!ENTITY a 'b'>]><alert>&a;</alert>",
        b"<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>",
        b"<warning/>",
        b"<alert>" + b"<a>" * 300 + b"</a>" * 300 + b"</alert>",
        b"<alert>" + b"<info/>" * 5_001 + b"</alert>",
        b"<alert><references>" + b"a " * 50_001 + b"</references></alert>",
        b"<alert>" + b" " * (4 * 1024 * 1024) + b"</alert>",
    ],
)
def test_what_is_no_national_message_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        gbt.read(raw)
    assert refused.value.code == "warning.gbt_xml"


def test_a_message_in_the_chinese_encoding_and_a_namespace_is_read() -> None:
    raw = RAW.decode().replace('encoding="UTF-8"', 'encoding="GB18030"').replace("<alert>", "<alert xmlns='http://x'>")
    assert gbt.read(raw.encode("gb18030"))[0] == gbt.read(RAW)[0]


def test_hostile_files_make_few_findings_and_items() -> None:
    many = b"<alert>" + b"<x>1</x>" * 50_000 + b"</alert>"
    message, noticed = gbt.read(many)
    assert message == gbt.Message()
    assert len(noticed) == 100
    assert len(gbt.check(gbt.Message(infos=(gbt.Info(),) * 500))) == 1_000
    _, report = gbt.to_gbt(replace(ALERT, references="x " * 100_000))
    assert len(report.items) == 10_001
    assert report.items[-1].en == "there are more that are not listed"


def test_control_characters_hidden_in_a_parameter_are_refused() -> None:
    hidden = Coded("GB/T35965.1:method", '{"name":"\\u0001"}')
    message, _ = gbt.to_gbt(with_info(parameters=(hidden,)))
    with pytest.raises(Invalid) as refused:
        gbt.write(message, strict=False)
    assert refused.value.code == "warning.gbt_text"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("root: alert", "rot: alert", "table"),
        ("web: web", "wib: web", "elements.info"),
        ("web: web", "web: headline", "elements.info"),
        ("web: web", "web: 'a b'", "elements.info"),
        ("private: [phone", "private: [headline", "table"),
        ("message: [identifier,", "message: [identifyer,", "required.message"),
        ('"": Other', "", "categories"),
        ("version:", "version: [", "table"),
    ],
)
def test_a_wrong_table_is_refused_naming_what_is_wrong(old: str, new: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        gbt.load(TABLE.replace(old, new, 1), "own.yaml")
    assert refused.value.field == field
    assert "own.yaml" in refused.value.en


def test_a_province_may_name_its_elements_otherwise() -> None:
    own = gbt.load(
        TABLE.replace("severity: severity", "severity: level").replace('namespace: ""', "namespace: 'urn:own'"), "own"
    )
    message, _ = gbt.to_gbt(ALERT, table=own)
    written = gbt.write(message, own)
    assert b"<level>Red</level>" in written
    assert b'xmlns="urn:own"' in written
    assert gbt.read(written, own) == (message, ())
