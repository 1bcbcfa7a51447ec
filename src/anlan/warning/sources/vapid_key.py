"""The key by which push services know us (VAPID, RFC 8292): a secret by name, else one made in the node's folder of keys."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from anlan.kernel.options import options
from anlan.warning.formats.web_push import b64, private_key


def vapid_key(secret: str = "") -> ec.EllipticCurvePrivateKey:
    """The private key. Raises ValueError when what is kept is no key."""
    return private_key(options.secret(secret) if secret else _kept(options.home_path / "keys" / "vapid.key"))


def _kept(path: Path) -> str:
    """What the file holds; made at first, by whichever process comes first."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(b64(fresh))
        try:
            os.link(beside, path)
        except FileExistsError:
            pass  # another process was first: its key is everybody's
        finally:
            beside.unlink()
    return path.read_text().strip()
