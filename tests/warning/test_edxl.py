"""EDXL-DE 1.0 envelopes: what we write reads back equal, and the CAP inside is found, signature and all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from anlan.warning.formats.edxl import MAX_BYTES, NAMESPACE, edxl_alerts, edxl_check, edxl_read, edxl_write
from anlan.warning.formats.edxl_values import (
    STATUSES,
    TYPES,
    EdxlContent,
    EdxlDistribution,
    EdxlError,
    EdxlList,
    EdxlTarget,
)
from anlan.warning.formats.signature import signed
from tests.warning.keys import pair
from tests.warning.signing import PLAIN, codes, key_of

# As a fire service's feed has it: a prefix, one alert with prefixes of its own, white space everywhere.
FIRES = """<?xml version="1.0" encoding="utf-8"?>
<de:EDXLDistribution xmlns:de="urn:oasis:names:tc:emergency:EDXL:DE:1.0" xmlns:geo="http://www.georss.org/georss">
  <de:distributionID>fires:2021-07-19T14:00:00-00:00</de:distributionID>
  <de:senderID>desk@fires.example</de:senderID>
  <de:dateTimeSent>2021-07-19T14:00:00-00:00</de:dateTimeSent>
  <de:distributionStatus>Actual</de:distributionStatus>
  <de:distributionType>Report</de:distributionType>
  <de:combinedConfidentiality>UNCLASSIFIED</de:combinedConfidentiality>
  <de:language>zh-CN</de:language>
  <de:keyword><de:valueListUrn>urn:x:hazards</de:valueListUrn><de:value>bushfire</de:value></de:keyword>
  <de:targetArea><de:circle>34.7,113.0 5</de:circle><de:subdivision>CN-HA</de:subdivision></de:targetArea>
  <de:contentObject>
    <de:contentDescription>山火</de:contentDescription>
    <de:xmlContent>
      <de:embeddedXMLContent>
        <cap:alert xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2">
          <cap:identifier>f1</cap:identifier>
          <cap:sender>desk@fires.example</cap:sender>
        </cap:alert>
      </de:embeddedXMLContent>
    </de:xmlContent>
  </de:contentObject>
  <de:contentObject>
    <de:nonXMLContent><de:mimeType>image/png</de:mimeType><de:contentData>iVBORw==</de:contentData></de:nonXMLContent>
  </de:contentObject>
</de:EDXLDistribution>""".encode()
SENT = datetime(2021, 7, 19, 22, 0, tzinfo=timezone(timedelta(hours=8)))
ENVELOPE = EdxlDistribution("d1", "41018141600000", SENT, "Actual", "Report", "UNCLASSIFIED")
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
lists = st.lists(words, min_size=1, max_size=3).map(tuple)


def lists_named(*names: str) -> st.SearchStrategy[tuple[EdxlList, ...]]:
    """One list of each name at most, in the standard's order."""
    return st.tuples(*(st.none() | st.builds(EdxlList, st.just(name), words, lists) for name in names)).map(
        lambda found: tuple(one for one in found if one is not None)
    )


described = {"description": words, "incident": words, "confidentiality": words}
contents = st.builds(
    EdxlContent, lists=lists_named("contentKeyword", "originatorRole", "consumerRole"),
    xml=st.lists(st.just(b'<a xmlns="urn:x"></a>'), min_size=1, max_size=2).map(tuple),
    key_xml=st.lists(st.just(b'<k xmlns="urn:y">1</k>'), max_size=1).map(tuple), **described,
) | st.builds(EdxlContent, mime_type=words, uri=words, digest=words, data=st.binary(max_size=30), **described)  # fmt: skip
envelopes = st.builds(
    EdxlDistribution, words, words, st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)).map(
        lambda at: at.replace(microsecond=0, tzinfo=UTC)),
    st.sampled_from(STATUSES), st.sampled_from(TYPES), words, words,
    lists_named("senderRole", "recipientRole", "keyword"), st.lists(words, min_size=1, max_size=2).map(tuple),
    st.lists(st.tuples(words, lists), max_size=2).map(tuple),
    st.lists(st.builds(EdxlTarget, lists, lists, lists, lists, lists), max_size=2).map(tuple),
    st.lists(contents, max_size=3).map(tuple),
)  # fmt: skip


@given(envelopes)
def test_what_we_write_reads_back_equal(envelope: EdxlDistribution) -> None:
    assert edxl_read(edxl_write(envelope)) == envelope


def test_the_order_is_the_standards() -> None:
    """EDXL-DE 1.0 is a sequence: elements in another order are refused by its schema."""
    full = replace(ENVELOPE, language="zh", lists=(EdxlList("keyword", "u", ("v",)), EdxlList("senderRole", "u", ("v",))),
                   references=("a,b,c",), addresses=(("s", ("v",)),), targets=(EdxlTarget(("34,113 5",)),),
                   contents=(EdxlContent(xml=(PLAIN,)),))  # fmt: skip
    root = etree.fromstring(edxl_write(full))
    assert [etree.QName(child).localname for child in root] == [
        "distributionID", "senderID", "dateTimeSent", "distributionStatus", "distributionType",
        "combinedConfidentiality", "language", "senderRole", "keyword", "distributionReference", "explicitAddress",
        "targetArea", "contentObject",
    ]  # fmt: skip


def test_a_fire_services_envelope_is_read_and_survives() -> None:
    found = edxl_read(FIRES)
    assert (found.distribution_id, found.kind, found.language) == ("fires:2021-07-19T14:00:00-00:00", "Report", "zh-CN")
    assert found.sent == datetime(2021, 7, 19, 14, tzinfo=UTC)
    assert found.targets == (EdxlTarget(circles=("34.7,113.0 5",), subdivisions=("CN-HA",)),)
    assert found.contents[1].data == b"\x89PNG"
    assert edxl_check(found) == ()
    (alert,) = edxl_alerts(found)
    assert etree.fromstring(alert).findtext("{*}identifier") == "f1"
    assert b"EDXL" not in alert
    assert b"georss" not in alert
    assert edxl_read(edxl_write(found)) == found


def test_a_signature_holds_inside_the_envelope_and_out_of_it_again() -> None:
    raw = signed(PLAIN, key_of(pair()))
    carried = edxl_read(edxl_write(replace(ENVELOPE, contents=(EdxlContent(xml=(raw,)),))))
    (alert,) = edxl_alerts(carried)
    assert codes(alert) == ["signature.verified"]
    assert codes(alert.replace("高处".encode(), "低处".encode())) == ["signature.changed"]


def test_an_alert_sent_as_data_is_found_too() -> None:
    data = EdxlContent(mime_type="application/cap+xml", data=PLAIN)
    note = EdxlContent(mime_type="application/xml", data=b"<note/>")
    assert edxl_alerts(edxl_read(edxl_write(replace(ENVELOPE, contents=(note, data))))) == (PLAIN,)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"distribution_id": " "}, "edxl.distributionID_missing"),
        ({"sender_id": ""}, "edxl.senderID_missing"),
        ({"confidentiality": ""}, "edxl.combinedConfidentiality_missing"),
        ({"sent": None}, "edxl.dateTimeSent"),
        ({"status": "Draft"}, "edxl.distributionStatus"),
        ({"kind": "Alert"}, "edxl.distributionType"),
        ({"kind": "Cancel"}, "edxl.distributionReference"),
    ],
)
def test_a_broken_rule_is_refused_on_writing_and_told_on_reading(change: dict[str, str | None], code: str) -> None:
    broken = replace(ENVELOPE, **change)  # type: ignore[arg-type]
    with pytest.raises(EdxlError) as refused:
        edxl_write(broken)
    assert [finding.code for finding in refused.value.findings] == [code]
    assert all(finding.zh and finding.en for finding in refused.value.findings)


def test_an_envelope_with_faults_still_gives_its_alerts() -> None:
    raw = FIRES.replace(b"<de:distributionStatus>Actual</de:distributionStatus>", b"")
    raw = raw.replace(b"T14:00:00-00:00</de:dateTimeSent", b"</de:dateTimeSent")
    found = edxl_read(raw)
    assert {finding.code for finding in edxl_check(found)} == {"edxl.distributionStatus", "edxl.dateTimeSent"}
    assert len(edxl_alerts(found)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no xml",
        b"<EDXLDistribution/>",
        PLAIN,
        FIRES.replace(b"<de:EDXLD", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><de:EDXLD', 1),
        f'<EDXLDistribution xmlns="{NAMESPACE}">{"<contentObject/>" * 5001}</EDXLDistribution>'.encode(),
        b"<a>" * 300 + b"</a>" * 300,
        b" " * (MAX_BYTES + 1),
    ],
)
def test_what_is_no_envelope_is_refused(raw: bytes) -> None:
    with pytest.raises(EdxlError):
        edxl_read(raw)


@given(st.integers(0, len(FIRES)), st.binary(max_size=20), st.integers(0, 40))
def test_a_mangled_envelope_is_read_or_refused(place: int, noise: bytes, cut: int) -> None:
    try:
        edxl_alerts(edxl_read(FIRES[:place] + noise + FIRES[place + cut :]))
    except EdxlError as refused:
        assert refused.findings
