"""Web push: the encryption of RFC 8291 (aes128gcm of RFC 8188, one record) and the VAPID header of RFC 8292. Pure: key
and salt of each message are handed in."""

from __future__ import annotations

import base64
import json
import struct
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD, MOST = 4096, 3993  # octets of a record, and of what one can carry


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """What base64url says, padded or not. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as 65 octets, uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def private_key(raw: str) -> ec.EllipticCurvePrivateKey:
    """The VAPID key from its 32 octets in base64url. Raises ValueError."""
    return ec.derive_private_key(int.from_bytes(unb64(raw)), ec.SECP256R1())


def encrypted(body: bytes, receiver: bytes, auth: bytes, own: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """The body for a browser with this public key (65 octets) and auth secret (16) (RFC 8291 §3.4). Raises ValueError
    for a key that is none or a body over 3,993 octets."""
    if len(body) > MOST:
        raise ValueError(f"a push of {len(body)} octets, at most {MOST} fit")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver)
    sender = point(own.public_key())
    shared = own.exchange(ec.ECDH(), theirs)
    keyed = _derived(shared, auth, b"WebPush: info\0" + receiver + sender, 32)
    key = _derived(keyed, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(keyed, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, body + b"\2", None)
    return salt + struct.pack(">IB", RECORD, len(sender)) + sender + sealed


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def vapid(endpoint: str, subject: str, key: ec.EllipticCurvePrivateKey, expires: int) -> str:
    """The Authorization header (RFC 8292 §3): a token for the push service's origin, signed ES256, good until `expires`
    (seconds since 1970, at most a day ahead)."""
    parts = urlsplit(endpoint)
    head = b64(json.dumps({"typ": "JWT", "alg": "ES256"}, separators=(",", ":")).encode())
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": expires, "sub": subject}
    signing = f"{head}.{b64(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = decode_dss_signature(key.sign(signing.encode(), ec.ECDSA(SHA256())))
    return f"vapid t={signing}.{b64(r.to_bytes(32) + s.to_bytes(32))}, k={b64(point(key.public_key()))}"
