"""The platform's signing key (平台签名密钥): where it lies, whether it will do, and messages signed with it.

A warning is never held back because its signature can't be made: it goes out unsigned, the log says so at once and
`anlan doctor` until it is mended.
"""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path

import structlog

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.warning.formats.signature import signed
from anlan.warning.formats.signature_keys import SigningKey, signing_key_read

log = structlog.get_logger()


def signing_files() -> tuple[Path, Path]:
    """The files of the private key and its certificate: as the options say, else in the node's folder of keys."""
    keys = options.home_path / "keys"
    return (
        Path(options.signing_key) if options.signing_key else keys / "signing.pem",
        Path(options.signing_certificate) if options.signing_certificate else keys / "signing.crt",
    )


def signing_key(at: datetime) -> SigningKey | None:
    """The platform's key, None when none is set up. Raises Invalid `signing.*` when what is set up will not do at `at`."""
    private, certificate = signing_files()
    asked = bool(options.signing_key or options.signing_certificate)
    if not asked and not private.exists() and not certificate.exists():
        return None
    try:
        mode = stat.S_IMODE(private.stat().st_mode)
        if mode & 0o077:
            raise Invalid(
                code="signing.loose",
                zh=f"签名私钥可被他人读取（{mode:o}），未予使用；请运行 chmod 600 {private}。",
                en=f"Others can read the signing key ({mode:o}), so it is not used; run chmod 600 {private}.",
                field="signing_key",
                value=private,
            )
        return signing_key_read(private.read_bytes(), certificate.read_bytes(), at=at)
    except OSError as failure:
        raise Invalid(
            code="signing.missing",
            zh=f"签名私钥或证书文件无法读取（{failure.filename}）；请补齐 {private} 与 {certificate}。",
            en=f"The signing key or certificate can't be read ({failure.filename}); put {private} and {certificate} there.",
            field="signing_key",
            value=failure.filename,
        ) from failure


def message_signed(xml: bytes) -> bytes:
    """The message with the platform's signature, or as it is when no key is set up or the key will not do."""
    try:
        key = signing_key(clock.now())
    except Invalid as problem:
        log.error("signing.unavailable", code=problem.code, zh=problem.zh, en=problem.en)
        return xml
    return signed(xml, key) if key is not None else xml
