"""Daily signed statements of the chain's head, so that a rewritten chain shows against an older signature."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.journal.seal import head
from anlan.kernel.models import Checkpoint, Seal
from anlan.kernel.options import options


def key_load() -> Ed25519PrivateKey:
    """Return the node's signing key, made once in keys/journal.key (0600)."""
    path: Path = options.home_path / "keys" / "journal.key"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


@transaction.atomic
def checkpoint() -> Checkpoint | None:
    """Sign the head, unless it is signed already or the chain is empty."""
    seq, value = head()
    if seq == 0 or Checkpoint.objects.filter(seq=seq).exists():
        return None
    key = key_load()
    return Checkpoint.objects.create(
        seq=seq,
        hash=value,
        signed_at=clock.now(),
        signature=key.sign(_statement(seq, value)),
        public_key=key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
    )


def checkpoints_broken() -> list[int]:
    """Return the sequences whose signature fails or whose seal no longer has the signed hash."""
    broken: list[int] = []
    for row in Checkpoint.objects.order_by("seq"):
        seal = Seal.objects.filter(seq=row.seq).first()
        try:
            Ed25519PublicKey.from_public_bytes(bytes(row.public_key)).verify(
                bytes(row.signature), _statement(row.seq, bytes(row.hash))
            )
            if seal is None or bytes(seal.hash) != bytes(row.hash):
                broken.append(row.seq)
        except InvalidSignature:
            broken.append(row.seq)
    return broken


def _statement(seq: int, value: bytes) -> bytes:
    return b"anlan-checkpoint|" + str(seq).encode() + b"|" + value
