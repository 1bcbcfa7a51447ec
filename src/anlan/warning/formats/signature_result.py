"""What checking a signature can say, in codes and in words (数字签名核验结果).

A message is never refused only because its signature can't be verified (CAP 1.2 §3.3.2.1, with §3.3.4): the result is
told to whoever reads the message, and a policy of the receiver decides what it means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

# code → (Chinese, English). `%` marks take the detail.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "signature.verified": (
        "签名有效：{0}。",
        "The signature holds: {0}.",
    ),
    "signature.unreadable": (
        "报文不是可核验的XML（{0}），签名未核验；请向发送方索取原始文件。",
        "The message is no XML that can be checked ({0}); ask the sender for the original file.",
    ),
    "signature.too_many": (
        "签名超过{0}个，其余未核验；请核对来源。",
        "There are more than {0} signatures; the rest were not checked. Look at the source.",
    ),
    "signature.structure": (
        "签名结构不完整（{0}），无法核验；请向发送方核实。",
        "The signature is not complete ({0}) and can't be checked; ask the sender.",
    ),
    "signature.algorithm": (
        "签名使用了不接受的算法{0}；请对方改用RSA-SHA256或ECDSA-SHA256。",
        "The signature uses {0}, which is not accepted; have the sender use RSA-SHA256 or ECDSA-SHA256.",
    ),
    "signature.sha1": (
        "签名使用SHA-1，按现行策略不予采信；请对方改用SHA-256，或由管理员为此来源放行。",
        "The signature rests on SHA-1, which the policy does not trust; have the sender use SHA-256, or allow it here.",
    ),
    "signature.transform": (
        "签名含不接受的变换{0}（如XPath、XSLT）；请对方只用封内签名与规范化。",
        "The signature holds the transform {0}, which is not accepted; only enveloped-signature and canonicalisation are.",
    ),
    "signature.weak_key": (
        "签名密钥过弱（{0}）；请对方改用2048位以上RSA或P-256以上密钥。",
        "The signing key is too weak ({0}); have the sender use RSA of 2048 bits or more, or P-256 and above.",
    ),
    "signature.no_certificate": (
        "签名未附证书，已登记的证书中也没有与之相符的；请登记发送方现用证书后再核验。",
        "The signature carries no certificate and none that is pinned fits; pin the certificate the sender uses now.",
    ),
    "signature.unknown_sender": (
        "签名与内容相符，但发送方{0}尚未登记证书，不能认定由其签发；请核实指纹{1}后登记。",
        "Signature and content agree, but no certificate is pinned for {0}; confirm the fingerprint {1} and pin it.",
    ),
    "signature.other_certificate": (
        "签名与内容相符，但证书不是发送方{0}登记的那一张（指纹{1}）；请向发送方核实是否换证。",
        "Signature and content agree, but the certificate is not one pinned for {0} (fingerprint {1}); ask whether it changed.",
    ),
    "signature.expired": (
        "签名证书已于{0}到期；请向发送方索取新证书。",
        "The signing certificate ended on {0}; ask the sender for the new one.",
    ),
    "signature.not_yet": (
        "签名证书自{0}起才有效；请核对本机时间和证书。",
        "The signing certificate is valid only from {0}; check this machine's clock and the certificate.",
    ),
    "signature.changed": (
        "报文内容在签名之后被改动；请勿采信，向发送方索取原文。",
        "The content was changed after it was signed; don't trust it, ask the sender for the original.",
    ),
    "signature.mismatch": (
        "签名值与证书不符；请勿采信，向发送方核实。",
        "The signature value does not belong to the certificate; don't trust it, ask the sender.",
    ),
    "signature.remote_reference": (
        "签名引用了报文以外的内容（{0}），不予取用；请勿采信。",
        "The signature points outside the message ({0}); nothing was fetched. Don't trust it.",
    ),
    "signature.wrapped": (
        "签名没有覆盖整份报文（{0}），疑似签名包裹攻击；请勿采信。",
        "The signature does not cover the whole message ({0}): it may be wrapped. Don't trust it.",
    ),
    "signature.comment": (
        "已签名的文字中插有注释（{0}），读出的文字可能与签名的不同；请勿采信。",
        "A comment stands inside signed text ({0}), so what is read may differ from what was signed. Don't trust it.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Said:
    code: str
    detail: tuple[str, ...] = ()

    @property
    def zh(self) -> str:
        """The words in Chinese."""
        return WORDS[self.code][0].format(*self.detail)

    @property
    def en(self) -> str:
        """The words in English."""
        return WORDS[self.code][1].format(*self.detail)


@dataclass(frozen=True, slots=True)
class Verified(_Said):
    """The whole message is as it was when a pinned key signed it (核验通过).

    by: subject of the certificate; fingerprint: SHA-256 of its DER, hex; at: the moment it was checked for;
    relay: pinned as a relay that vouches for every sender, not as this sender's own.
    """

    by: str = ""
    fingerprint: str = ""
    at: datetime | None = None
    relay: bool = False


@dataclass(frozen=True, slots=True)
class Unverifiable(_Said):
    """Nothing speaks against the signature, and nothing vouches for it (无法核验).

    intact: the content is what the carried certificate signed, though nobody vouches for that certificate;
    fingerprint: SHA-256 of that certificate, hex, so that it can be confirmed by another way and pinned.
    """

    intact: bool = False
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Bad(_Said):
    """The signature speaks against the message: changed, wrapped, or pointing elsewhere (签名异常)."""


Result = Verified | Unverifiable | Bad


def overall(results: tuple[Result, ...]) -> Result | None:
    """One result for the message: a bad signature outweighs a good one, a good one an unverifiable. None: unsigned."""
    for kind in (Bad, Verified, Unverifiable):
        for result in results:
            if isinstance(result, kind):
                return result
    return None
