"""The doctor's look at the key that signs messages."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.site.doctor import Finding
from anlan.warning.formats.signature_keys import fingerprint
from anlan.warning.sources.signing_key import signing_files, signing_key

SOON_DAYS = 30


def signing() -> Iterator[Finding]:
    """Is there a key, will it do, and does its certificate end soon?"""
    try:
        key = signing_key(clock.now())
    except Invalid as problem:
        yield Finding(
            "signing",
            "fail",
            problem.zh,
            problem.en,
            "在此之前发出的报文不带签名",
            "until then messages go out unsigned",
        )
        return
    if key is None:
        private, certificate = signing_files()
        yield Finding("signing", "warn", "未设签名密钥，发出的预警报文不带签名", "no signing key: messages go out unsigned",
                      f"将PEM私钥和证书放到 {private} 与 {certificate}", f"put a PEM key and certificate at {private} and {certificate}")  # fmt: skip
        return
    ends = x509.load_der_x509_certificate(key.certificate).not_valid_after_utc
    days = (ends - clock.now()).days
    mark = fingerprint(key.certificate)[:16]
    if days < SOON_DAYS:
        yield Finding("signing", "warn", f"签名证书{days}天后到期", f"the signing certificate ends in {days} days",
                      "申请新证书并告知接收方", "get a new certificate and tell those who pinned the old one")  # fmt: skip
    else:
        yield Finding("signing", "ok", f"报文签名可用，证书 {mark}… 至{ends:%Y-%m-%d}",
                      f"messages are signed; certificate {mark}… until {ends:%Y-%m-%d}")  # fmt: skip
