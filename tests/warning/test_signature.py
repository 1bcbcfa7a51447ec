"""Enveloped signatures: ours hold, every way of cheating is told, and nothing a stranger sends raises."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from anlan.kernel.problem import Invalid
from anlan.warning.formats import cap
from anlan.warning.formats.signature import MAX_BYTES, MOST_TAGS, signed
from anlan.warning.formats.signature_keys import Pin, Trust, fingerprint, signing_key_read
from anlan.warning.formats.signature_result import WORDS, Bad, Unverifiable, Verified, overall
from anlan.warning.formats.signature_rules import DS, ENVELOPED, EXCLUSIVE, INCLUSIVE
from tests.warning.cap.messages import ALERT
from tests.warning.keys import NOW, pair
from tests.warning.signing import PLAIN, SENDER, T, checked, codes, key_of, sign_by, trust_in

SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"


@pytest.mark.parametrize("order", ["import lxml.etree, xmlsec", "import xmlsec, lxml.etree"])
def test_xmlsec_and_lxml_share_a_process_in_either_order(order: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{order}; print(xmlsec.template.create(lxml.etree.Element('a'), *"
         "(xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256)).tag)"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == f"{{{DS}}}Signature", done.stderr


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_what_we_sign_is_verified_and_names_who_and_when(kind: str) -> None:
    made = pair(kind)
    raw = signed(PLAIN, key_of(made))
    (result,) = checked(raw, trust_in(made))
    assert isinstance(result, Verified)
    assert (result.by, result.fingerprint, result.at, result.relay) == ("CN=issuer", fingerprint(made.der), NOW, False)
    method = etree.fromstring(raw).find(f".//{{{DS}}}SignatureMethod")
    assert method is not None
    assert method.get("Algorithm", "").endswith({"rsa": "#rsa-sha256", "ec": "#ecdsa-sha256"}[kind])


def test_a_signed_alert_is_still_valid_by_the_schema() -> None:
    raw = signed(cap.write(ALERT), key_of(pair()))
    assert cap.schema().validate(etree.fromstring(raw))


def test_a_message_without_signature_says_nothing() -> None:
    assert checked(PLAIN) == ()
    assert overall(()) is None


@given(st.data())
def test_any_changed_byte_is_seen(data: st.DataObject) -> None:
    raw = signed(PLAIN, key_of(pair()))
    place = data.draw(st.integers(PLAIN.index(b"<identifier>"), raw.index(b"<Signature") - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    changed = raw[:place] + bytes([other]) + raw[place + 1 :]
    if c14n(changed) == c14n(raw):
        return  # another spelling of the same content, such as the white space inside a tag
    assert not any(isinstance(result, Verified) for result in checked(changed))


def c14n(raw: bytes) -> bytes:
    try:
        return etree.tostring(etree.fromstring(raw), method="c14n")
    except etree.XMLSyntaxError:
        return b""


def test_changed_words_and_a_changed_signature_are_told_apart() -> None:
    raw = signed(PLAIN, key_of(pair()))
    assert codes(raw.replace("高处".encode(), "低处".encode())) == ["signature.changed"]
    start = raw.index(b"<SignatureValue>") + 20
    swapped = raw[:start] + (b"AAAA" if raw[start : start + 4] != b"AAAA" else b"BBBB") + raw[start + 4 :]
    assert codes(swapped) == ["signature.mismatch"]


def test_another_encoding_of_the_same_content_still_holds() -> None:
    raw = signed(PLAIN, key_of(pair()))
    utf16 = etree.tostring(etree.fromstring(raw), xml_declaration=True, encoding="UTF-16")
    assert codes(utf16) == ["signature.verified"]


def test_who_is_not_pinned_is_not_believed() -> None:
    raw, mark = signed(PLAIN, key_of(pair())), fingerprint(pair().der)
    (stranger,) = checked(raw, Trust())
    assert isinstance(stranger, Unverifiable)
    assert (stranger.code, stranger.intact, stranger.fingerprint) == ("signature.unknown_sender", True, mark)
    assert mark in stranger.zh
    assert mark in stranger.en
    assert codes(raw, trust_in(pair("ec"))) == ["signature.other_certificate"]
    assert codes(raw, Trust({"another": (Pin(mark),)})) == ["signature.unknown_sender"]
    (relayed,) = checked(raw, Trust({}, (Pin(mark.upper()),)))
    assert isinstance(relayed, Verified)
    assert relayed.relay


def test_a_certificate_speaks_only_within_its_dates() -> None:
    made = pair()
    raw, trust = signed(PLAIN, key_of(made)), trust_in(made)
    assert codes(raw, trust, at=NOW + timedelta(days=366)) == ["signature.expired"]
    assert codes(raw, trust, at=NOW - timedelta(days=31)) == ["signature.not_yet"]
    assert codes(raw, trust, at=NOW + timedelta(days=364)) == ["signature.verified"]


def test_a_signature_without_certificate_is_checked_with_the_kept_one() -> None:
    raw = sign_by(PLAIN, pair(), certificate=False)
    assert codes(raw, trust_in(pair(), kept=True)) == ["signature.verified"]
    assert codes(raw, trust_in(pair())) == ["signature.no_certificate"]
    assert codes(raw, trust_in(pair("ec"), kept=True)) == ["signature.no_certificate"]


def test_a_certificate_put_over_anothers_signature_is_no_match() -> None:
    import base64

    raw = sign_by(PLAIN, pair())
    other = base64.b64encode(pair("rsa", "other").der)
    start, end = raw.index(b"<X509Certificate>") + 17, raw.index(b"</X509Certificate>")
    assert codes(raw[:start] + other + raw[end:], trust_in(pair("rsa", "other"))) == ["signature.mismatch"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"digest": T.SHA1}, "signature.sha1"),
        ({"method": T.RSA_SHA1}, "signature.sha1"),
        ({"digest": T.MD5}, "signature.algorithm"),
        ({"transforms": (T.ENVELOPED, T.XPATH)}, "signature.transform"),
        ({"transforms": (T.ENVELOPED, T.XSLT)}, "signature.transform"),
        ({"transforms": (T.EXCL_C14N,)}, "signature.transform"),
    ],
)
def test_weak_or_computing_algorithms_are_not_run(words: dict[str, Any], code: str) -> None:
    shaped = sign_by(PLAIN, pair())
    swaps = {
        T.SHA1: (b"http://www.w3.org/2001/04/xmlenc#sha256", SHA1.encode()),
        T.MD5: (b"http://www.w3.org/2001/04/xmlenc#sha256", b"http://www.w3.org/2001/04/xmldsig-more#md5"),
        T.RSA_SHA1: (b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", DS.encode() + b"rsa-sha1"),
        T.XPATH: (EXCLUSIVE.encode(), b"http://www.w3.org/TR/1999/REC-xpath-19991116"),
        T.XSLT: (EXCLUSIVE.encode(), b"http://www.w3.org/TR/1999/REC-xslt-19991116"),
        T.EXCL_C14N: (ENVELOPED.encode(), EXCLUSIVE.encode()),
    }
    asked = words.get("digest") or words.get("method") or words["transforms"][-1]
    assert codes(shaped.replace(*swaps[asked], 1)) == [code]


def test_sha1_holds_where_the_policy_allows_it() -> None:
    raw = sign_by(PLAIN, pair(), digest=T.SHA1)
    assert codes(raw) == ["signature.sha1"]
    assert codes(raw, allow_sha1=True) == ["signature.verified"]


def test_a_short_key_is_not_believed() -> None:
    made = pair("rsa1024")
    assert codes(sign_by(PLAIN, made), trust_in(made)) == ["signature.weak_key"]
    with pytest.raises(Invalid, match=r"signing\.weak"):
        key_of(made)


@pytest.mark.parametrize("uri", [b"http://example.org/a.xml", b"file:///etc/hostname", b"cid:1", b"other.xml"])
def test_a_reference_that_leaves_the_message_is_bad_and_never_followed(uri: bytes) -> None:
    raw = sign_by(PLAIN, pair()).replace(b'URI=""', b'URI="' + uri + b'"')
    (result,) = checked(raw)
    assert isinstance(result, Bad)
    assert result.code == "signature.remote_reference"


def test_a_signature_of_a_part_is_wrapping() -> None:
    part = PLAIN.replace(b"<note>", b'<note Id="n1">')
    raw = sign_by(part, pair(), uri="#n1", transforms=(T.EXCL_C14N,))
    assert codes(raw) == ["signature.wrapped"]


def test_a_signed_alert_hidden_inside_another_is_wrapping() -> None:
    """The forged alert is the root; the honest one, with its good signature, sits where nobody reads."""
    honest = etree.fromstring(signed(PLAIN, key_of(pair())))
    forged = etree.fromstring(PLAIN.replace("高处".encode(), "低处".encode()))
    etree.SubElement(forged, "{urn:x}wrapper").append(honest)
    assert codes(etree.tostring(forged)) == ["signature.wrapped"]
    moved = etree.fromstring(PLAIN.replace("高处".encode(), "低处".encode()))
    signature = etree.fromstring(signed(PLAIN, key_of(pair()))).find(f"{{{DS}}}Signature")
    assert signature is not None
    thing = etree.SubElement(signature, f"{{{DS}}}Object")
    thing.append(etree.fromstring(PLAIN))
    moved.append(signature)
    assert codes(etree.tostring(moved)) == ["signature.changed"]


def test_a_comment_that_cuts_signed_words_short_is_told() -> None:
    """Canonicalisation drops comments: the signature would hold, and a reader would stop at the comment."""
    raw = signed(PLAIN, key_of(pair()))
    assert codes(raw.replace("避险".encode(), "<!-- -->避险".encode())) == ["signature.comment"]
    assert codes(raw.replace(b"  <note>", b"  <!-- a remark between elements --><note>")) == ["signature.verified"]


def test_two_signatures_one_over_the_other() -> None:
    """Ours after the issuer's covers it; the issuer's was made before ours was there."""
    issuer, system = pair(), pair("ec", "system")
    raw = signed(signed(PLAIN, key_of(issuer)), key_of(system))
    both = Trust({SENDER: (Pin(fingerprint(issuer.der)),)}, (Pin(fingerprint(system.der)),))
    assert [type(r) for r in checked(raw, both)] == [Verified, Verified]
    assert codes(raw.replace("高处".encode(), "低处".encode()), both) == ["signature.changed"] * 2


def test_two_signatures_each_over_the_bare_alert_with_odd_ids() -> None:
    """As NAAD does: both digests leave out both signatures; an Id with a blank; an object that is not XML-DSig's."""
    bare = PLAIN.replace(b">\n</alert>", b"></alert>")
    issuer, system = pair(), pair("ec", "system")
    one = etree.fromstring(sign_by(bare, issuer, ident="Issuing Office", transforms=(T.ENVELOPED,)))
    two = etree.fromstring(sign_by(bare, system, method=T.ECDSA_SHA256, ident="System Signature"))
    (mine,) = one.findall(f"{{{DS}}}Signature")
    (theirs,) = two.findall(f"{{{DS}}}Signature")
    etree.SubElement(theirs, "Object").text = "note of the hub"
    one.insert(one.index(mine), theirs)
    raw = etree.tostring(one, xml_declaration=True, encoding="UTF-8")
    assert codes(raw, trust_in(issuer, system)) == ["signature.verified", "signature.verified"]
    assert b'Id="System Signature"' in raw


def test_three_signatures_are_checked_and_no_more() -> None:
    raw = PLAIN
    for _ in range(4):
        raw = signed(raw, key_of(pair()))
    assert codes(raw)[3:] == ["signature.too_many"]


def test_a_bad_signature_outweighs_a_good_one() -> None:
    bad, good, unsure = Bad("signature.changed"), Verified("signature.verified", ("x",)), Unverifiable("signature.sha1")
    assert overall((unsure, good, bad)) is bad
    assert overall((unsure, good)) is good
    assert overall((unsure,)) is unsure


@pytest.mark.parametrize("uri", [INCLUSIVE, INCLUSIVE + "#WithComments", EXCLUSIVE + "WithComments"])
def test_every_accepted_canonicalisation_holds(uri: str) -> None:
    transform = {INCLUSIVE: T.C14N, INCLUSIVE + "#WithComments": T.C14N_COMMENTS}.get(uri, T.EXCL_C14N_COMMENTS)
    raw = sign_by(PLAIN, pair(), transforms=(T.ENVELOPED, transform))
    assert uri.encode() in raw
    assert codes(raw) == ["signature.verified"]
    twice = sign_by(raw, pair("ec", "system"), method=T.ECDSA_SHA256, transforms=(T.ENVELOPED, transform))
    assert codes(twice, trust_in(pair(), pair("ec", "system"))) == ["signature.verified"] * 2


def test_a_document_type_or_a_huge_message_is_not_checked() -> None:
    raw = signed(PLAIN, key_of(pair()))
    declared = raw.replace(b"<alert", b'<!DOCTYPE alert [<!ENTITY e SYSTEM "file:///etc/hostname">]><alert', 1)
    assert codes(declared) == ["signature.unreadable"]
    for huge in (b"<a>" + b" " * MAX_BYTES + b"</a>", raw.replace(b"<note>", b"<a/>" * MOST_TAGS + b"<note>")):
        assert codes(huge) == ["signature.unreadable"]
    with pytest.raises(ValueError, match="well-formed"):
        signed(declared, key_of(pair()))


def test_content_without_canonical_form_does_not_raise() -> None:
    raw = signed(PLAIN, key_of(pair())).replace(b"<note>", b'<x xmlns="relative"/><note>')
    assert codes(raw) == ["signature.changed"]
    twice = signed(signed(PLAIN, key_of(pair())), key_of(pair())).replace(b"<note>", b'<x xmlns="relative"/><note>')
    assert codes(twice) == ["signature.changed"] * 2


@given(st.binary(max_size=200), st.integers(0, 4000), st.integers(0, 60))
def test_nothing_a_stranger_sends_raises(noise: bytes, place: int, cut: int) -> None:
    raw = signed(PLAIN, key_of(pair()))
    mangled = raw[:place] + noise + raw[place + cut :]
    for result in checked(mangled):
        assert result.zh
        assert result.en
    checked(noise)


def test_a_key_must_fit_its_certificate_and_be_valid_now() -> None:
    made, other = pair(), pair("rsa", "other")
    for private, certificate, at, code in (
        (made.private, other.certificate, NOW, "signing.mismatch"),
        (b"no key", made.certificate, NOW, "signing.unreadable"),
        (made.private, b"no certificate", NOW, "signing.unreadable"),
        (made.private, made.certificate, NOW + timedelta(days=400), "signing.expired"),
    ):
        with pytest.raises(Invalid) as refused:
            signing_key_read(private, certificate, at=at)
        assert refused.value.code == code
    assert made.private.decode()[:40] not in repr(key_of(made))


def test_every_result_has_words_in_both_languages() -> None:
    for zh, en in WORDS.values():
        assert zh.endswith("。")
        assert en.endswith(".")
        assert {f"{{{n}}}" for n in range(3) if f"{{{n}}}" in zh} == {f"{{{n}}}" for n in range(3) if f"{{{n}}}" in en}
