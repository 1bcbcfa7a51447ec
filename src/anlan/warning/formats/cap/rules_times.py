"""What the text of the standard asks of dates and times: their form, and which comes first (CAP 1.2 §3.2.2, §3.3.2)."""

from __future__ import annotations

from datetime import datetime

from anlan.warning.formats.cap import instants
from anlan.warning.formats.cap.values import Alert, Finding, Info, Severity
from anlan.warning.formats.cap.wording import finding


def moment(text: str, path: str, found: list[Finding], version: str = "1.2") -> datetime | None:
    """The instant of a dateTime element, None when unreadable; tells what is wrong with its form."""
    strict = instants.strict(text)
    if strict is not None:
        return strict
    try:
        told = instants.instant(text)
    except ValueError:
        found.append(finding("time_unreadable", path, text))
        return None
    severity: Severity | None = "info" if version == "1.0" else None  # 1.0 is silent on Z and fractions
    found.append(finding("time_form", path, text, severity=severity))
    return told


def times(info: Info, alert: Alert, sent: datetime | None, path: str, found: list[Finding]) -> None:
    """Add to `found` what the times of one info break; `sent` is when the message was sent, if that can be read."""
    version = alert.version
    effective = onset = None
    if info.effective is not None:
        effective = instants.strict(info.effective) or moment(info.effective, f"{path}/effective", found, version)
    if info.onset is not None:
        onset = instants.strict(info.onset) or moment(info.onset, f"{path}/onset", found, version)
    if info.expires is None:
        found.append(finding("expires_missing", f"{path}/expires"))
        return
    expires = instants.strict(info.expires) or moment(info.expires, f"{path}/expires", found, version)
    if expires is None:
        return
    if sent is not None and expires < sent:
        found.append(finding("expires_before_sent", f"{path}/expires"))
    if effective is not None and expires < effective:
        found.append(finding("expires_before_effective", f"{path}/expires"))
    if onset is not None and expires < onset:
        found.append(finding("expires_before_onset", f"{path}/expires"))
