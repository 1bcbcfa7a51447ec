"""Technical errors of gateways in an operator's words."""

from __future__ import annotations

import pytest

from anlan.warning.engine.fault_words import fault_words


@pytest.mark.parametrize(
    ("error", "begins"),
    [
        ("ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 1)", "the other side refuses"),
        ("gateway.example:587: [Errno -2] Name or service not known", "no such host"),
        ("127.0.0.1:2775 refused the bind with status 0x0000000E", "the login is refused"),
        ("127.0.0.1:587 gave no answer within 5 s", "no answer in time"),
        ("HTTP 503", "the gateway itself failed"),
        ("SMPP status 0x00000058", "the gateway throttles"),
        ("folder /x is not there or may not be written to", "the folder is missing"),
        ("127.0.0.1:587: odd", "127.0.0.1:587: odd"),
    ],
)
def test_what_a_gateway_says_is_told_in_words_with_the_error_behind(error: str, begins: str) -> None:
    words = fault_words(error)
    assert words["en"].startswith(begins)
    assert error in words["en"] and error in words["zh"]
