"""What a gateway's technical error means, in words an operator can act on. Pure."""

from __future__ import annotations

import re
from typing import Final

_MEANINGS: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), zh, en)
    for pattern, zh, en in (
        (
            r"connection ?refused",
            "对方拒绝连接：请核对地址与端口，确认网关已启动",
            "the other side refuses the connection: check address and port, and that the gateway runs",
        ),
        (
            r"name or service|getaddrinfo|gaierror|nodename|name resolution",
            "找不到主机：请核对主机名与域名服务",
            "no such host: check its name and the name service",
        ),
        (
            r"no route to host|network is unreachable|host is unreachable",
            "网络不通：请检查本机网络与线路",
            "no way through the network: check this machine's network and the line",
        ),
        (
            r"certificate|\bssl|\btls",
            "加密连接未建立：请核对证书与加密方式",
            "no encrypted connection: check certificate and kind of encryption",
        ),
        (
            r"refused the bind|authentication|unauthorized|(?<!:)\b(?:40[13]|535)\b",
            "登录被拒：请核对账号与密钥",
            "the login is refused: check account and secret",
        ),
        (
            r"no answer|no sign of life|timed? ?out|timeouterror",
            "限时内无应答：网关繁忙或线路中断",
            "no answer in time: the gateway is busy or the line is cut",
        ),
        (
            r"hung up|unbound us|reset by peer|broken pipe|disconnected|connection lost",
            "连接被对方断开，正在重连",
            "the other side hung up; connecting again",
        ),
        (
            r"may not be written|permission denied|no space left",
            "文件夹不存在、不可写或已满：请检查目录",
            "the folder is missing, full or may not be written to: check it",
        ),
        (
            r"0x00000058|0x00000014|(?<!:)\b429\b",
            "网关限流或队列已满，稍后再发",
            "the gateway throttles or its queue is full; sent again later",
        ),
        (r"(?<!:)\b5\d\d\b", "网关自身出错，稍后再发", "the gateway itself failed; sent again later"),
    )
)


def fault_words(error: str) -> dict[str, str]:
    """The meaning of an error with the error behind it, `{"zh": …, "en": …}`; the error alone where it is not known.

    >>> fault_words("ConnectionRefusedError: 127.0.0.1:1")["zh"]
    '对方拒绝连接：请核对地址与端口，确认网关已启动（ConnectionRefusedError: 127.0.0.1:1）'
    >>> fault_words("x")
    {'zh': 'x', 'en': 'x'}
    """
    for pattern, zh, en in _MEANINGS:
        if pattern.search(error):
            return {"zh": f"{zh}（{error}）", "en": f"{en} ({error})"}
    return {"zh": error, "en": error}
