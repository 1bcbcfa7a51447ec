"""Certificates and signing keys of messages (证书与签名私钥): read, measured, compared. Pure; files are the caller's.

A sender is known by the SHA-256 of its certificate's DER, confirmed by another way than the message itself. There is no
chain of authorities: an authority that errs could else speak for every sender.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from anlan.kernel.problem import Invalid

RSA_BITS: Final = 2048
EC_BITS: Final = 256
MOST_CERTIFICATE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Pin:
    """A certificate that may speak for a sender: SHA-256 of its DER in hex, and the DER itself when it is kept.

    With the DER, signatures that carry no certificate can be checked too.
    """

    sha256: str
    certificate: bytes = b""


@dataclass(frozen=True, slots=True)
class Trust:
    """Who may sign for whom: pins by CAP `sender`, and relays (a national hub) that vouch for every sender."""

    senders: Mapping[str, tuple[Pin, ...]] = field(default_factory=dict)
    relays: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The platform's own key: private key (PEM), certificate (DER), and whether it is RSA (else elliptic curve)."""

    private: bytes = field(repr=False)
    certificate: bytes
    rsa: bool


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate's DER, lower-case hex."""
    return hashlib.sha256(certificate).hexdigest()


@lru_cache(maxsize=256)
def certificate_of(der: bytes) -> x509.Certificate | None:
    """The certificate, or None where the bytes are none (or larger than 64 KiB)."""
    if len(der) > MOST_CERTIFICATE_BYTES:
        return None
    try:
        found = x509.load_der_x509_certificate(der)
        found.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return found


def certificate_read(raw: bytes) -> bytes:
    """The DER of a certificate given as PEM or DER. Raises Invalid `pin.certificate`, `pin.weak`, with the remedy."""
    der = b""
    if len(raw) <= MOST_CERTIFICATE_BYTES:
        try:
            der = ssl.PEM_cert_to_DER_cert(raw.decode("ascii").strip()) if b"-----BEGIN" in raw else raw
        except ValueError:
            der = b""
    found = certificate_of(der) if der else None
    if found is None:
        raise Invalid(code="pin.certificate", zh="读不出证书；请提供PEM或DER格式的X.509证书文件。",
                      en="That is no certificate; give an X.509 certificate as PEM or DER.", field="certificate")  # fmt: skip
    weak = weakness(found)
    if weak:
        raise Invalid(code="pin.weak", zh=f"证书密钥过弱（{weak}）；请对方改用2048位以上RSA或P-256以上密钥。", value=weak,
                      en=f"The key of this certificate is too weak ({weak}); RSA of 2048 bits or more, or P-256 will do.",
                      field="certificate")  # fmt: skip
    return der


def weakness(certificate: x509.Certificate) -> str:
    """What is too weak about a certificate's key, "" when it will do: RSA of 2048 bits or more, P-256 or more."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "" if key.key_size >= RSA_BITS else f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "" if key.curve.key_size >= EC_BITS else key.curve.name
    return type(key).__name__


def subject(certificate: x509.Certificate) -> str:
    """The holder's name, RFC 4514."""
    return certificate.subject.rfc4514_string()


def signing_key_read(private: bytes, certificate: bytes, *, at: datetime) -> SigningKey:
    """The platform's key from two PEM files. Raises Invalid `signing.*` when they will not do, with the remedy.

    `at`: the certificate must be valid then.
    """
    key, found = _pair(private, certificate)
    if not found.not_valid_before_utc <= at <= found.not_valid_after_utc:
        span = f"{found.not_valid_before_utc:%Y-%m-%d} – {found.not_valid_after_utc:%Y-%m-%d}"
        raise _no_good(
            "signing.expired", f"证书不在有效期内（{span}）", f"the certificate is not valid now ({span})", span
        )
    return key


@lru_cache(maxsize=4)
def _pair(private: bytes, certificate: bytes) -> tuple[SigningKey, x509.Certificate]:
    """Key and certificate when they are a pair and strong enough; reading them takes tens of milliseconds."""
    try:
        found = x509.load_pem_x509_certificate(certificate)
        key = serialization.load_pem_private_key(private, password=None)
        public = found.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Invalid(
            code="signing.unreadable",
            zh="签名私钥或证书无法读取；请提供未加密的PEM私钥和PEM证书，并只许本人读取。",
            en="The signing key or certificate can't be read; give an unencrypted PEM key and a PEM certificate.",
            field="signing_key",
            value=type(error).__name__,
        ) from error
    weak = weakness(found)
    if weak:
        raise _no_good("signing.weak", f"密钥过弱（{weak}）", f"the key is too weak ({weak})", weak)
    if key.public_key() != public:
        raise _no_good("signing.mismatch", "私钥与证书不是一对", "key and certificate are no pair", subject(found))
    der = found.public_bytes(serialization.Encoding.DER)
    return SigningKey(private, der, isinstance(public, rsa.RSAPublicKey)), found


def _no_good(code: str, zh: str, en: str, value: str) -> Invalid:
    return Invalid(
        code=code,
        zh=f"不能用此密钥签发报文：{zh}；请更换选项 signing_key 与 signing_certificate 所指文件。",
        en=f"Messages can't be signed with this key: {en}. Replace the files of signing_key and signing_certificate.",
        field="signing_certificate",
        value=value,
    )
