"""Signatures made as some other system might make them, and the words for asking about them."""

from __future__ import annotations

from functools import cache
from typing import Any

import xmlsec
from lxml import etree

from anlan.warning.formats.signature import signatures_check
from anlan.warning.formats.signature_keys import Pin, SigningKey, Trust, fingerprint, signing_key_read
from anlan.warning.formats.signature_result import Result
from tests.warning.keys import NOW, Pair, pair

# Other stages' writers of CAP may change; a signature asks only for well-formed XML with a `sender`.
PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>41018141600000_20210719215900_0</identifier>
  <sender>41018141600000</sender>
  <sent>2021-07-19T21:59:00+08:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <note>暴雨红色预警，立即到高处避险</note>
</alert>
""".encode()
SENDER = "41018141600000"
T = xmlsec.Transform


@cache
def key_of(made: Pair) -> SigningKey:
    return signing_key_read(made.private, made.certificate, at=NOW)


def trust_in(*made: Pair, kept: bool = False) -> Trust:
    return Trust({SENDER: tuple(Pin(fingerprint(one.der), one.der if kept else b"") for one in made)})


def checked(raw: bytes, trust: Trust | None = None, **words: Any) -> tuple[Result, ...]:
    return signatures_check(raw, at=words.pop("at", NOW), trust=trust or trust_in(pair()), **words)


def codes(raw: bytes, trust: Trust | None = None, **words: Any) -> list[str]:
    return [result.code for result in checked(raw, trust, **words)]


def sign_by(
    raw: bytes,
    made: Pair,
    *,
    method: Any = T.RSA_SHA256,
    digest: Any = T.SHA256,
    transforms: Any = (T.ENVELOPED, T.EXCL_C14N),
    uri: str | None = "",
    certificate: bool = True,
    ident: str = "",
) -> bytes:
    """A signature as some other system might make it."""
    root = etree.fromstring(raw)
    if uri and uri.startswith("#"):
        xmlsec.tree.add_ids(root, ["Id"])
    node = xmlsec.template.create(root, T.C14N, method)
    root.append(node)
    reference = xmlsec.template.add_reference(node, digest, uri=uri)
    for transform in transforms:
        xmlsec.template.add_transform(reference, transform)
    if certificate:
        data = xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
        xmlsec.template.x509_data_add_certificate(data)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(made.private, xmlsec.KeyFormat.PEM)
    context.key.load_cert_from_memory(made.der, xmlsec.KeyFormat.CERT_DER)
    context.sign(node)
    if ident:
        node.set("Id", ident)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
