"""Enveloped XML signatures of CAP messages (CAP消息数字签名): made, and checked on the bytes as they were received.

CAP 1.2 §3.3.2.1; XML Signature 1.1. The cryptography is libxmlsec's; what it is let near is decided in
`signature_rules`. Check once, at the door: a message that was parsed and written again is another message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import xmlsec
from cryptography import x509
from lxml import etree

from anlan.warning.formats.signature_keys import Pin, SigningKey, Trust, certificate_of, fingerprint, subject, weakness
from anlan.warning.formats.signature_result import Bad, Result, Unverifiable, Verified
from anlan.warning.formats.signature_rules import DS, Shape, comment_in_text, misplaced, shape_of

MAX_BYTES: Final = 4 * 1024 * 1024
# Canonicalising takes time by the element, and several signatures are tried in several arrangements.
MOST_TAGS: Final = 60_000
MOST_SIGNATURES: Final = 3
MOST_CERTIFICATES: Final = 4
_SIGNATURE: Final = f"{{{DS}}}Signature"
_KEPT: Final = {f"{{{DS}}}SignedInfo", f"{{{DS}}}SignatureValue"}
# The package's type notes leave out its constants.
_LIB: Final[Any] = xmlsec
_T: Final[Any] = _LIB.Transform
_CANONICAL: Final = (_T.C14N, _T.C14N_COMMENTS, _T.EXCL_C14N, _T.EXCL_C14N_COMMENTS)
_DIGESTS: Final = (_T.SHA1, _T.SHA256, _T.SHA384, _T.SHA512)
_METHODS: Final = (_T.RSA_SHA1, _T.RSA_SHA256, _T.RSA_SHA384, _T.RSA_SHA512,
                   _T.ECDSA_SHA1, _T.ECDSA_SHA256, _T.ECDSA_SHA384, _T.ECDSA_SHA512)  # fmt: skip

# Which other signatures are taken out (none, or by their numbers), and whether the white space after them goes too.
Arrangement = tuple[frozenset[int], bool]


def signed(xml: bytes, key: SigningKey) -> bytes:
    """The message with our signature as its last element: RSA-SHA256, or ECDSA-SHA256 for an elliptic key.

    Exclusive canonicalisation, so that the signature holds inside a feed or an EDXL-DE envelope too. Signatures that
    the message carries already stay, and ours covers them. Raises ValueError for what is no XML message.
    """
    root = _root(xml)
    if root is None:
        raise ValueError("only a well-formed message without a document type can be signed")
    method = _T.RSA_SHA256 if key.rsa else _T.ECDSA_SHA256
    node = xmlsec.template.create(root, _T.EXCL_C14N, method)
    root.append(node)
    reference = xmlsec.template.add_reference(node, _T.SHA256, uri="")
    xmlsec.template.add_transform(reference, _T.ENVELOPED)
    xmlsec.template.add_transform(reference, _T.EXCL_C14N)
    data = xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
    xmlsec.template.x509_data_add_certificate(data)
    context = xmlsec.SignatureContext()
    context.key = _private(key)
    context.sign(node)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def signatures_check(raw: bytes, *, at: datetime, trust: Trust, allow_sha1: bool = False) -> tuple[Result, ...]:
    """What each signature of a message says, in the order they stand in it; () for an unsigned message.

    `raw` are the bytes as received. `at`: certificates must be valid then (the time of receipt). Never raises for what
    a stranger sent. Of two signatures each may have been made without the other, or with those before or after it
    (NAAD signs both over the bare alert): all these are tried.
    """
    root = _root(raw)
    if root is None:
        return (Unverifiable("signature.unreadable", (_why(raw),)),)
    moved = misplaced(root)
    if moved is not None:
        return (moved,)
    found = root.findall(_SIGNATURE)
    hidden = comment_in_text(root) if found else None
    if hidden is not None:
        return (hidden,)
    pins = trust.senders.get((root.findtext("{*}sender") or "").strip(), ())
    results: list[Result] = []
    for number, signature in enumerate(found[:MOST_SIGNATURES]):
        shape = shape_of(signature, allow_sha1=allow_sha1)
        if isinstance(shape, Shape):
            check = _Check(raw, number, len(found), shape)
            results.append(check.result(signature, _Door(pins, trust.relays, at, root.findtext("{*}sender") or "")))
        else:
            results.append(shape)
    if len(found) > MOST_SIGNATURES:
        results.append(Unverifiable("signature.too_many", (str(MOST_SIGNATURES),)))
    return tuple(results)


class _Door:
    """Who may sign for the sender of this message, and when it came."""

    def __init__(self, pins: tuple[Pin, ...], relays: tuple[Pin, ...], at: datetime, sender: str) -> None:
        self.pins, self.relays, self.at, self.sender = pins, relays, at, sender.strip()[:100]

    def kept(self) -> list[bytes]:
        """Certificates at hand for a signature that carries none."""
        return [pin.certificate for pin in (*self.pins, *self.relays) if pin.certificate]

    def judge(self, der: bytes, certificate: x509.Certificate) -> Result:
        """What a signature is worth that this certificate's key made over the whole content."""
        mark = fingerprint(der)
        own = any(pin.sha256.lower() == mark for pin in self.pins)
        if not own and not any(pin.sha256.lower() == mark for pin in self.relays):
            code = "signature.other_certificate" if self.pins else "signature.unknown_sender"
            return Unverifiable(code, (self.sender, mark), True, mark)
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if self.at > ends:
            return Unverifiable("signature.expired", (f"{ends:%Y-%m-%d}",), True, mark)
        if self.at < begins:
            return Unverifiable("signature.not_yet", (f"{begins:%Y-%m-%d}",), True, mark)
        who = subject(certificate)
        return Verified("signature.verified", (who,), who, mark, self.at, not own)


class _Check:
    """One signature of a message: in which arrangement its digest holds, and whose key made it."""

    def __init__(self, raw: bytes, number: int, count: int, shape: Shape) -> None:
        self.raw, self.number, self.shape = raw, number, shape
        others = [n for n in range(count) if n != number]
        sets = (others, [n for n in others if n > number], [n for n in others if n < number])
        bare: list[Arrangement] = [(frozenset(s), tails) for s in sets if s for tails in (False, True)]
        self.arrangements: list[Arrangement] = list(dict.fromkeys([(frozenset(), False), *bare]))

    def result(self, signature: etree._Element, door: _Door) -> Result:
        """Check with the certificates it carries, else with those at hand."""
        carried = list(_carried(signature))
        # With one signature there is one arrangement, and its digest is looked at only to say what is wrong.
        several = len(self.arrangements) > 1
        holding = [a for a in self.arrangements if not several or self._digest_holds(a)]
        if not holding:
            return Bad("signature.changed")
        weak = ""
        for der in carried or door.kept():
            certificate = certificate_of(der)
            if certificate is None:
                continue
            weak = weakness(certificate)
            if weak:
                continue
            if any(self._made_by(der, arrangement) for arrangement in holding):
                return door.judge(der, certificate)
        if not several and not self._digest_holds(holding[0]):
            return Bad("signature.changed")
        if weak:
            return Unverifiable("signature.weak_key", (weak,))
        return Bad("signature.mismatch") if carried else Unverifiable("signature.no_certificate")

    def _arranged(self, arrangement: Arrangement) -> tuple[etree._Element, etree._Element]:
        """A fresh tree without the signatures that were not there when this one was made; and this one in it."""
        root = etree.fromstring(self.raw, _parser())
        found = root.findall(_SIGNATURE)
        for number in sorted(arrangement[0]):
            _remove(found[number], with_tail=arrangement[1])
        return root, found[self.number]

    def _digest_holds(self, arrangement: Arrangement) -> bool:
        root, signature = self._arranged(arrangement)
        _remove(signature, with_tail=False)
        options: Any = {"inclusive_ns_prefixes": list(self.shape.prefixes)} if self.shape.exclusive else {}
        try:
            canonical = etree.tostring(
                root.getroottree(), method="c14n", exclusive=self.shape.exclusive, with_comments=False, **options
            )
        except etree.C14NError:
            return False
        value = base64.b64encode(hashlib.new(self.shape.digest, canonical, usedforsecurity=False).digest())
        return value.decode() == self.shape.value

    def _made_by(self, der: bytes, arrangement: Arrangement) -> bool:
        _, signature = self._arranged(arrangement)
        # Only what is signed or signs is left: keys inside the message, foreign objects and odd ids decide nothing.
        for child in list(signature):
            if child.tag not in _KEPT:
                signature.remove(child)
        context = xmlsec.SignatureContext()
        for transform in (_T.ENVELOPED, *_CANONICAL, *_DIGESTS):
            context.enable_reference_transform(transform)
        for transform in (*_CANONICAL, *_DIGESTS, *_METHODS):
            context.enable_signature_transform(transform)
        try:
            context.key = _public(der)
            context.verify(signature)
        except xmlsec.Error:
            return False
        return True


@lru_cache(maxsize=4)
def _private(key: SigningKey) -> xmlsec.Key:
    """The key as libxmlsec holds it; OpenSSL takes tens of milliseconds to read one."""
    found = xmlsec.Key.from_memory(key.private, _LIB.KeyFormat.PEM)
    found.load_cert_from_memory(key.certificate, _LIB.KeyFormat.CERT_DER)
    return found


@lru_cache(maxsize=256)
def _public(der: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_memory(der, _LIB.KeyFormat.CERT_DER)


def _carried(signature: etree._Element) -> Iterator[bytes]:
    """The certificates inside a signature, at most four."""
    path = f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate"
    for element in signature.findall(path)[:MOST_CERTIFICATES]:
        try:
            yield base64.b64decode("".join((element.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            continue


def _remove(signature: etree._Element, *, with_tail: bool) -> None:
    """Take a signature out of its message; the text behind it stays unless `with_tail`."""
    parent = signature.getparent()
    if parent is None:
        return
    before, tail = signature.getprevious(), signature.tail
    parent.remove(signature)
    if with_tail or not tail:
        return
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _root(raw: bytes) -> etree._Element | None:
    """The root of a well-formed message without document type (which could add content after signing); else None."""
    if len(raw) > MAX_BYTES or raw.count(b"<") > MOST_TAGS:
        return None
    try:
        root = etree.fromstring(raw, _parser())
    except (etree.XMLSyntaxError, ValueError):
        return None
    document: Any = root.getroottree().docinfo
    return None if document.doctype else root


def _why(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        return f"> {MAX_BYTES} bytes"
    return f"> {MOST_TAGS} tags" if raw.count(b"<") > MOST_TAGS else "XML"
