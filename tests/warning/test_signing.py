"""The platform's key: used when it will do, told when it will not, and never a reason to hold a warning back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_create
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.site.doctor_signing import signing
from anlan.warning.formats.signature import signatures_check
from anlan.warning.formats.signature_keys import Pin, Trust, fingerprint
from anlan.warning.formats.signature_rules import DS
from anlan.warning.services import warning_cancel, warning_issue
from anlan.warning.sources.signing_key import message_signed, signing_key
from tests.warning.conftest import ISSUER
from tests.warning.keys import NOW, Pair, pair
from tests.warning.signing import PLAIN

Put = Callable[[Pair], tuple[Path, Path]]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Put a key where the options say."""

    def files(made: Pair) -> tuple[Path, Path]:
        private, certificate = tmp_path / "k.pem", tmp_path / "k.crt"
        private.write_bytes(made.private)
        private.chmod(0o600)
        certificate.write_bytes(made.certificate)
        monkeypatch.setitem(options.__dict__, "signing_key", str(private))
        monkeypatch.setitem(options.__dict__, "signing_certificate", str(certificate))
        return private, certificate

    return files


def state() -> tuple[str, str]:
    with clock.at(NOW):
        (finding,) = signing()
    assert finding.zh
    assert finding.en
    return finding.name, finding.state


@pytest.mark.usefixtures("tiny")
def test_what_is_issued_and_cancelled_is_signed(put: Put) -> None:
    made = pair()
    put(made)
    with clock.at(NOW):
        warning = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
        over = warning_cancel(by=ISSUER, warning=warning, reason="雨停", at=NOW + timedelta(seconds=2))
    trust = Trust({warning.sender: (Pin(fingerprint(made.der)),)})
    for text in (warning.cap_xml, over.cancel_xml):
        assert [r.code for r in signatures_check(text.encode(), at=NOW, trust=trust)] == ["signature.verified"]
    assert state() == ("signing", "ok")


@pytest.mark.usefixtures("tiny")
def test_an_exercise_is_not_signed(put: Put) -> None:
    put(pair())
    drill_create(by=Actor.system("scenario"), scenario="zhengzhou-2021", seed=7, profile="tiny", starts_at=NOW, tick_s=30,
                 ends_at=NOW + timedelta(hours=36), settings={})  # fmt: skip
    with clock.at(NOW):
        warning = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    assert warning.drill
    assert etree.fromstring(warning.cap_xml.encode()).find(f"{{{DS}}}Signature") is None


def test_without_a_key_messages_go_out_as_they_are() -> None:
    assert signing_key(NOW) is None
    assert message_signed(PLAIN) == PLAIN
    assert state() == ("signing", "warn")


def test_a_key_that_will_not_do_holds_nothing_back_and_is_told(put: Put) -> None:
    for made, mend, code in (
        (pair(), lambda private, _: private.chmod(0o640), "signing.loose"),
        (pair(), lambda _, certificate: certificate.unlink(), "signing.missing"),
        (pair(), lambda _, certificate: certificate.write_bytes(pair("ec").certificate), "signing.mismatch"),
        (pair("rsa", "old", -30, -1), lambda *_: None, "signing.expired"),
    ):
        mend(*put(made))
        with pytest.raises(Invalid) as refused:
            signing_key(NOW)
        assert refused.value.code == code
        with clock.at(NOW):
            assert message_signed(PLAIN) == PLAIN
        assert state() == ("signing", "fail")


def test_a_certificate_that_ends_soon_is_told(put: Put) -> None:
    put(pair("ec", "soon", -30, 10))
    assert state() == ("signing", "warn")
