"""Profiles of CAP: each rule of each pack can be kept and broken; what was not read in a source only warns."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from anlan.kernel.problem import Invalid
from anlan.warning.formats import profiles
from anlan.warning.formats.cap.values import Alert, Area, Coded, Info

AREA = Area("somewhere", geocodes=(Coded("profile:CAP-CP:Location:0.3", "1004001"),))
INFO = Info("weather", "Future", "Minor", "Possible", ("Met",), "en-CA",
            event_codes=(Coded("profile:CAP-CP:Event:0.4", "weather"),), areas=(AREA,))  # fmt: skip
CP = Alert("urn:oid:2.49.0.1.124.3026064006.2019", "office@example.ca", "2019-07-12T17:59:29-00:00", "Actual", "Alert",
           "Public", codes=("layer:SOREM:1.0", "profile:CAP-CP:0.4"), infos=(INFO, replace(INFO, language="fr-CA")))  # fmt: skip


def with_info(alert: Alert, **changes: object) -> Alert:
    """`alert` with every info changed so."""
    return replace(alert, infos=tuple(replace(info, **changes) for info in alert.infos))


def with_geocodes(alert: Alert, *pairs: Coded) -> Alert:
    return with_info(alert, areas=(Area("somewhere", geocodes=pairs),))


def with_second(alert: Alert, **changes: object) -> Alert:
    """`alert` with its second info changed so."""
    return replace(alert, infos=(alert.infos[0], replace(alert.infos[1], **changes)))


def with_parameters(alert: Alert, *pairs: str) -> Alert:
    """`alert` whose infos have these parameters: name, value, name, value …"""
    return with_info(alert, parameters=tuple(map(Coded, pairs[::2], pairs[1::2])))


AU = with_info(
    replace(CP, codes=("urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0",)),
    event_codes=(Coded("urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0:AUeventLIST:1.0", "thunderstorm"),),
    expires="2019-07-13T17:59:29-00:00",
)
US = with_geocodes(
    with_info(
        replace(CP, codes=("IPAWSv1.0",)),
        event_codes=(Coded("SAME", "TOR"),), expires="2019-07-13T17:59:29-00:00",
        parameters=(Coded("CMAMtext", "x" * 90), Coded("CMAMlongtext", "x" * 360)),
    ),
    Coded("SAME", "006109"),
)  # fmt: skip
EU = with_geocodes(
    with_parameters(CP, "awareness_level", "3; orange; Severe", "awareness_type", "10; rain"),
    Coded("EMMA_ID", "DE356"),
)
CN = with_geocodes(
    with_info(
        replace(CP, identifier="41018141600000_20210719215900_0", sender="41018141600000"),
        event_codes=(Coded("GB/T35965.1", "11B03"),), parameters=(Coded("colour", "red"),),
        expires="2021-07-20T21:59:00+08:00",
    ),
    Coded("GB/T2260", "410181"),
)  # fmt: skip
GOOD = {"cap-cp": CP, "cap-au": AU, "ipaws": US, "meteoalarm": EU, "wmo": CP, "gbt": CN}


@dataclass(frozen=True)
class Broken:
    """An alert that breaks exactly one rule, and where."""

    code: str
    path: str
    alert: Alert
    severity: str = "error"
    also: str = ""


PINK = ("awareness_level", "9; pink; Severe", "awareness_type", "10; rain")
BROADCAST = "layer:SOREM:1.0:Broadcast_Immediately"
CP_EVENT, AU_EVENT = CP.infos[0].event_codes[0], AU.infos[0].event_codes[0]
FRENCH = replace(INFO, language="fr-CA")
BROKEN = [
    Broken("cap-cp.code", "/alert/code", replace(CP, codes=("profile:CAP-CP:0.3",))),
    Broken("cap-cp.event-code", "/alert/info[2]/eventCode", with_info(CP, event_codes=())),
    Broken("cap-cp.one-event", "/alert/info[2]/eventCode", with_second(CP, event_codes=(replace(CP_EVENT, value="fog"),))),
    Broken("cap-cp.location", "/alert/info[1]/area[1]/geocode", with_geocodes(CP)),
    Broken("cap-cp.language", "/alert/info[3]/language", replace(CP, infos=(INFO, FRENCH, replace(INFO, language=None))), "warning"),
    Broken("cap-cp.both-languages", "/alert/info", replace(CP, infos=(INFO,)), "warning"),
    Broken("cap-cp.minor-change", "/alert/info[1]/parameter[1]", with_parameters(CP, "profile:CAP-CP:0.4:MinorChange", "tiny"), "warning"),
    Broken("cap-cp.broadcast-immediately", "/alert/info[1]/parameter[2]", with_parameters(CP, "x", "y", BROADCAST, "maybe"), "warning"),
    Broken("cap-cp.wireless-immediate", "/alert/info[1]/parameter[1]", with_parameters(CP, "layer:SOREM:2.0:WirelessImmediate", "maybe"), "warning"),
    Broken("cap-au.code", "/alert/code", replace(AU, codes=())),
    Broken("cap-au.event-code", "/alert/info[1]/eventCode", with_info(AU, event_codes=())),
    Broken("cap-au.one-event", "/alert/info[2]/eventCode", with_second(AU, event_codes=(replace(AU_EVENT, value="fog"),)), "warning"),
    Broken("cap-au.expires", "/alert/info[1]/expires", with_info(AU, expires=None), "warning"),
    Broken("cap-au.language", "/alert/info[1]/language", with_info(AU, language=None), "warning"),
    Broken("ipaws.code-there", "/alert/code", replace(US, codes=()), also="ipaws.code"),
    Broken("ipaws.code", "/alert/code", replace(US, codes=("IPAWSv2.0",)), "warning"),
    Broken("ipaws.info", "/alert/info", replace(US, infos=())),
    Broken("ipaws.event-code", "/alert/info[1]/eventCode", with_info(US, event_codes=()), also="ipaws.same-event"),
    Broken("ipaws.same-event", "/alert/info[1]/eventCode[1]", with_info(US, event_codes=(Coded("SAME", "tornado"),)), "warning"),
    Broken("ipaws.one-event", "/alert/info[2]/eventCode", with_second(US, event_codes=(Coded("SAME", "FFW"),)), "warning"),
    Broken("ipaws.expires", "/alert/info[2]/expires", with_info(US, expires=None)),
    Broken("ipaws.area", "/alert/info[1]/area", with_info(US, areas=())),
    Broken("ipaws.same-geocode", "/alert/info[1]/area[1]/geocode[1]", with_geocodes(US, Coded("SAME", "6109")), "warning"),
    Broken("ipaws.wea-text", "/alert/info[1]/parameter[1]", with_parameters(US, "CMAMtext", "x" * 91)),
    Broken("ipaws.wea-long-text", "/alert/info[1]/parameter[1]", with_parameters(US, "CMAMlongtext", "x" * 361)),
    Broken("meteoalarm.level", "/alert/info[1]/parameter", with_parameters(EU, "awareness_type", "10; rain")),
    Broken("meteoalarm.level-words", "/alert/info[1]/parameter[1]", with_parameters(EU, *PINK), "warning"),
    Broken("meteoalarm.type", "/alert/info[1]/parameter", with_parameters(EU, "awareness_level", "4; red; Extreme")),
    Broken("meteoalarm.area", "/alert/info[1]/area[1]/geocode", with_geocodes(EU)),
    Broken("meteoalarm.area-form", "/alert/info[1]/area[1]/geocode[1]", with_geocodes(EU, Coded("EMMA_ID", "356")), "warning"),
    Broken("wmo.identifier", "/alert/identifier", replace(CP, identifier="41018141600000_20210719215900_0")),
    Broken("wmo.authority-arc", "/alert/identifier", replace(CP, identifier="urn:oid:2.49.0.0.276.0.DWD"), "warning"),
    Broken("wmo.urn", "/alert/identifier", replace(CP, identifier="2.49.0.1.276.0.DWD"), "warning"),
    Broken("gbt.identifier", "/alert/identifier", replace(CN, identifier="41018141600000_20210719215900")),
    Broken("gbt.sender", "/alert/sender", replace(CN, sender="a@b")),
    Broken("gbt.event-code", "/alert/info[1]/eventCode[1]", with_info(CN, event_codes=(Coded("GB/T35965.1", "rain"),))),
    Broken("gbt.one-event", "/alert/info[2]/eventCode", with_second(CN, event_codes=(Coded("GB/T35965.1", "11B06"),)), "warning"),
    Broken("gbt.colour", "/alert/info[1]/parameter[1]", with_parameters(CN, "colour", "Rot")),
    Broken("gbt.division", "/alert/info[1]/area[1]/geocode", with_geocodes(CN, Coded("GB/T10114", "410181100")), "warning"),
    Broken("gbt.expires", "/alert/info[1]/expires", with_info(CN, expires=None), "warning"),
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_message_that_keeps_a_profile_has_no_finding(name: str) -> None:
    assert profiles.check(GOOD[name], [name]) == ()


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.code)
def test_each_rule_is_found_broken_where_it_is_and_no_other_with_it(broken: Broken) -> None:
    found = profiles.check(broken.alert, [broken.code.split(".")[0]])
    assert {finding.code for finding in found} == {broken.code, broken.also} - {""}
    mine = [finding for finding in found if finding.code == broken.code]
    assert broken.path in {finding.path for finding in mine}
    assert {finding.severity for finding in mine} == {broken.severity}
    assert all(finding.zh and finding.en for finding in found)


def test_every_rule_of_every_pack_is_tried() -> None:
    every = {rule.code for name in profiles.names() for rule in profiles.profile(name).rules}
    assert every == {broken.code for broken in BROKEN}
    assert set(profiles.names()) == set(GOOD)


def test_what_was_not_read_in_a_source_warns_and_says_so() -> None:
    for name in profiles.names():
        for rule in profiles.profile(name).rules:
            assert rule.mark == "S" or rule.severity == "warning", rule.code
    (finding,) = profiles.check(replace(CP, infos=(INFO,)), ["cap-cp"])
    assert finding.en.endswith("(to be confirmed in the text)")
    assert finding.zh.endswith("〔待核对原文〕")


def test_the_german_identifier_of_today_only_warns() -> None:
    found = profiles.check(replace(CP, identifier="2.49.0.0.276.0.DWD.PVW.1687470000000.fe90b61b.MUL"), ["wmo"])
    assert [(f.code, f.severity) for f in found] == [("wmo.authority-arc", "warning"), ("wmo.urn", "warning")]


def test_a_rule_narrowed_by_when_looks_at_those_messages_only() -> None:
    text = PACK.replace("    least: 3\n", "    least: 3\n    when: {msg_type: [Update, Cancel]}\n")
    narrowed = profiles.load(text, "own.yaml")
    assert profiles.profile_check(CP, narrowed) == ()
    (finding,) = profiles.profile_check(replace(CP, msg_type="Update"), narrowed)
    assert finding.path == "/alert/info"


PACK = """
pack: warning.cap_profile
name: own
version: "1"
title: {zh: 本地规范, en: A bureau's own}
source: {zh: 本地约定, en: Local agreement}
issuer: {zh: 市应急局, en: City bureau}
area: "4101"
valid_from: 2026-01-01
valid_to: null
mark: S
rules:
  - code: own.three
    kind: count
    mark: S
    field: infos
    least: 3
    zh: 三种语言
    en: three languages
"""


def test_a_bureau_reads_a_pack_of_its_own() -> None:
    (finding,) = profiles.profile_check(CP, profiles.load(PACK, "own.yaml"))
    assert (finding.code, finding.path, finding.en) == ("own.three", "/alert/info", "three languages")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("mark: S\n    field", "mark: G\n    field", "severity"),
        ("kind: count", "kind: colour", "pack"),
        ("field: infos", "field: wishes", "field"),
        ("kind: count", "kind: parameter", "name"),
        ("kind: count", "kind: event_code\n    required: false", "required"),
        ("least: 3", "pattern: '('", "pattern"),
        ("version:", "verson:", "pack"),
        ("rules:", "rules: [", "pack"),
    ],
)
def test_a_wrong_pack_is_refused_naming_what_is_wrong(old: str, new: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        profiles.load(PACK.replace(old, new, 1), "own.yaml")
    assert refused.value.field == field
    assert "own.yaml" in refused.value.zh
    assert "own.yaml" in refused.value.en


def test_two_rules_of_one_code_are_refused() -> None:
    twice = PACK + PACK[PACK.index("  - code") :]
    with pytest.raises(Invalid) as refused:
        profiles.load(twice, "own.yaml")
    assert refused.value.field == "code"


def test_an_unknown_profile_is_refused_with_the_names_at_hand() -> None:
    with pytest.raises(Invalid) as refused:
        profiles.check(CP, ["nasa"])
    assert "meteoalarm" in refused.value.en
    assert refused.value.value == "nasa"
