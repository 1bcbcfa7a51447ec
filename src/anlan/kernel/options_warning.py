"""The options of the warning stage."""

from __future__ import annotations

from anlan.kernel.option import Option

WARNING: tuple[Option, ...] = (
    Option(
        "signing_key",
        "",
        "File with the private key (PEM, readable by its owner alone) that signs CAP messages; empty: keys/signing.pem.",
        "签署CAP报文的私钥文件（PEM，仅本人可读）；留空则为 keys/signing.pem。",
    ),
    Option(
        "signing_certificate",
        "",
        "File with the certificate (PEM) of the signing key; empty: keys/signing.crt.",
        "签名私钥的证书文件（PEM）；留空则为 keys/signing.crt。",
    ),
    Option(
        "feeds_private",
        False,
        "Feeds of others may be read from loopback and private addresses too.",
        "允许从本机和内网地址读取外部预警源。",
    ),
)
