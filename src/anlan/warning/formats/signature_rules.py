"""Which signatures are looked at at all: allow-lists of algorithms, and the one shape that is accepted.

XML Signature Syntax and Processing 1.1 with CAP 1.2 §3.3.2.1: one enveloped signature over the whole document. What can
be asked of a signature without a key is asked here, before any cryptography runs: no reference leaves the message, no
transform computes, nothing is signed but the root. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from anlan.warning.formats.signature_result import Bad, Unverifiable

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED: Final = DS + "enveloped-signature"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"

# method → digest it rests on
SIGNATURES: Final = {
    _MORE + "rsa-sha256": "sha256",
    _MORE + "rsa-sha384": "sha384",
    _MORE + "rsa-sha512": "sha512",
    _MORE + "ecdsa-sha256": "sha256",
    _MORE + "ecdsa-sha384": "sha384",
    _MORE + "ecdsa-sha512": "sha512",
    DS + "rsa-sha1": "sha1",
    _MORE + "ecdsa-sha1": "sha1",
}
DIGESTS: Final = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    _MORE + "sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    DS + "sha1": "sha1",
}
# Canonicalisation → is it exclusive? With comments is the same here: a reference to the document leaves comments out.
CANONICAL: Final = {
    INCLUSIVE: False,
    INCLUSIVE + "#WithComments": False,
    EXCLUSIVE: True,
    EXCLUSIVE + "WithComments": True,
}
MOST_PREFIXES: Final = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """An accepted signature: how its content is canonicalised and digested, and what it says the digest is."""

    exclusive: bool
    prefixes: tuple[str, ...]
    digest: str
    value: str


def shape_of(signature: etree._Element, *, allow_sha1: bool) -> Shape | Unverifiable | Bad:
    """The shape of a ds:Signature when it is one we look at; else the reason why it is not."""
    info = signature.find(f"{{{DS}}}SignedInfo")
    if info is None or signature.find(f"{{{DS}}}SignatureValue") is None:
        return Unverifiable("signature.structure", ("SignedInfo, SignatureValue",))
    references = info.findall(f"{{{DS}}}Reference")
    if len(references) != 1:
        return Unverifiable("signature.structure", (f"Reference × {len(references)}",))
    pointed = _pointed(references[0])
    if pointed is not None:
        return pointed
    methods = [
        _algorithm(info, "SignatureMethod"),
        _algorithm(info, "CanonicalizationMethod"),
        _algorithm(references[0], "DigestMethod"),
    ]
    for name, known in zip(methods, (set(SIGNATURES), set(CANONICAL), set(DIGESTS)), strict=True):
        if name not in known:
            return Unverifiable("signature.algorithm", (_short(name),))
    if not allow_sha1 and "sha1" in (SIGNATURES[methods[0]], DIGESTS[methods[2]]):
        return Unverifiable("signature.sha1")
    return _transformed(references[0], DIGESTS[methods[2]])


def _pointed(reference: etree._Element) -> Bad | Unverifiable | None:
    """What is wrong with where the reference points; only the document itself ("") will do."""
    uri = reference.get("URI")
    if uri == "":
        return None
    if uri is None:
        return Unverifiable("signature.structure", ("Reference URI",))
    return Bad("signature.wrapped" if uri.startswith("#") else "signature.remote_reference", (_short(uri),))


def _transformed(reference: etree._Element, digest: str) -> Shape | Unverifiable:
    transforms = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    names = [transform.get("Algorithm", "") for transform in transforms]
    if names[:1] != [ENVELOPED]:
        return Unverifiable("signature.transform", (_short(names[0]) if names else "–",))
    for name in names[1:]:
        if name not in CANONICAL or len(names) > 2:
            return Unverifiable("signature.transform", (_short(name),))
    exclusive = len(names) == 2 and CANONICAL[names[1]]
    listed = transforms[-1].find(f"{{{EXCLUSIVE}}}InclusiveNamespaces") if exclusive else None
    prefixes = tuple((listed.get("PrefixList") or "").split()) if listed is not None else ()
    if len(prefixes) > MOST_PREFIXES:
        return Unverifiable("signature.structure", ("PrefixList",))
    if any(len(list(transform)) > (1 if exclusive else 0) for transform in transforms):
        return Unverifiable("signature.transform", (_short(names[-1]),))
    return Shape(exclusive, prefixes, digest, "".join((reference.findtext(f"{{{DS}}}DigestValue") or "").split()))


def misplaced(root: etree._Element) -> Bad | None:
    """A signature anywhere but directly under the root: what it signed may have been moved (wrapping attack)."""
    for signature in root.iter(f"{{{DS}}}Signature"):
        if signature is root or signature.getparent() is not root:
            return Bad("signature.wrapped", (_short(root.getroottree().getpath(signature)),))
    return None


def comment_in_text(root: etree._Element) -> Bad | None:
    """A comment among words: canonicalisation leaves it out, but a reader may stop at it."""
    for comment in root.iter(etree.Comment):
        parent = comment.getparent()
        if parent is not None and (not _blank(comment.tail) or not _blank(parent.text)):
            return Bad("signature.comment", (_short(str(parent.tag).rpartition("}")[2]),))
    return None


def _blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _algorithm(parent: etree._Element, name: str) -> str:
    element = parent.find(f"{{{DS}}}{name}")
    return element.get("Algorithm", "") if element is not None else ""


def _short(text: str) -> str:
    """A value of a stranger, safe to show: no control characters, no braces, at most 80."""
    return re.sub(r"[\x00-\x1f\x7f{}]", "?", text)[:80] or "–"
