"""Keys and certificates made on the spot, for tests of signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

NOW = datetime(2021, 7, 19, 14, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """A private key and its certificate, PEM and DER."""

    private: bytes
    certificate: bytes
    der: bytes


@cache
def pair(kind: str = "rsa", name: str = "issuer", begins: int = -30, ends: int = 365) -> Pair:
    """A key (`rsa`, `rsa1024`, `ec`) with a certificate valid from `begins` to `ends` days of NOW."""
    key: Any = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    }[kind]()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW + timedelta(days=begins))
        .not_valid_after(NOW + timedelta(days=ends))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(private, made.public_bytes(serialization.Encoding.PEM), made.public_bytes(serialization.Encoding.DER))
