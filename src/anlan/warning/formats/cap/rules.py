"""What the text of the standard asks of a whole message (CAP 1.2 §3.2.1); infos and areas have files of their own.

Pure functions over the values: the same rules judge what is read and what is to be written.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from typing import Final

from anlan.warning.formats.cap import instants, rules_area, rules_info, rules_times, structure
from anlan.warning.formats.cap.values import Alert, Finding, broken_references, references
from anlan.warning.formats.cap.wording import MOST_FINDINGS, MOST_LOOKED_AT, finding

# Blank, comma, `<`, `&` and control characters may not stand in an identifier or sender.
_NAME = re.compile(r"[^\s,<&\x00-\x1f]+\Z")
_ACTS_ON_OTHERS: Final = frozenset(("Update", "Cancel", "Ack", "Error"))


def check(alert: Alert) -> list[Finding]:
    """Every rule that `alert` breaks, at most `MOST_FINDINGS`; the schema itself is asked by the reader and the writer."""
    found: list[Finding] = []
    if not _NAME.match(alert.identifier):
        found.append(finding("identifier_characters", "/alert/identifier", alert.identifier))
    if not _NAME.match(alert.sender):
        found.append(finding("sender_characters", "/alert/sender", alert.sender))
    if alert.status not in structure.STATUSES:
        found.append(finding("enumeration", "/alert/status", alert.status))
    if alert.msg_type not in structure.MSG_TYPES:
        found.append(finding("enumeration", "/alert/msgType", alert.msg_type))
    if alert.scope not in structure.SCOPES:
        found.append(finding("enumeration", "/alert/scope", alert.scope))
    sent = rules_times.moment(alert.sent, "/alert/sent", found, alert.version)
    _address(alert, found)
    if alert.references is not None or alert.msg_type in _ACTS_ON_OTHERS:
        _references(alert, sent, found)
    if alert.status == "Exercise" and not alert.note:
        found.append(finding("note_exercise", "/alert/note"))
    if alert.msg_type == "Error" and not alert.note:
        found.append(finding("note_error", "/alert/note"))
    if not alert.infos and alert.msg_type in {"Alert", "Update"}:
        found.append(finding("info_missing", "/alert/info"))
    rings = rules_area.Rings(alert)
    for number, info in enumerate(alert.infos, 1):
        rules_info.check(info, alert, sent, f"/alert/info[{number}]", found, rings)
        if len(found) > MOST_LOOKED_AT:  # never called valid: what comes after is unseen
            return [*_first(found), finding("findings_cut", "/", str(MOST_FINDINGS), severity="error")]
    rings.cross(alert, found)
    if len(alert.infos) > 1:
        rules_info.together(alert, found)
    if len(found) > MOST_FINDINGS:
        found = [*_first(found), finding("findings_cut", "/", str(MOST_FINDINGS))]
    return found


def _first(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: one.severity != "error")[:MOST_FINDINGS]


def _address(alert: Alert, found: list[Finding]) -> None:
    if alert.scope == "Restricted":
        if not alert.restriction:
            found.append(finding("restriction_missing", "/alert/restriction"))
    elif alert.restriction is not None:
        found.append(finding("restriction_unused", "/alert/restriction"))
    if alert.scope == "Private" and not alert.addresses:
        found.append(finding("addresses_missing", "/alert/addresses"))
    for name in ("addresses", "incidents"):
        text = getattr(alert, name)
        if text and text.count('"') % 2:
            found.append(finding("quotes_open", f"/alert/{name}", text))


def _references(alert: Alert, sent: datetime | None, found: list[Finding]) -> None:
    path = "/alert/references"
    if not alert.references:
        if alert.msg_type in _ACTS_ON_OTHERS:
            found.append(finding("references_missing", path, alert.msg_type))
        else:
            found.append(finding("element_empty", path, "references"))
        return
    found.extend(
        finding("references_form", path, text) for text in islice(broken_references(alert.references), MOST_FINDINGS)
    )
    for reference in references(alert.references):
        try:
            earlier = instants.instant(reference.sent)
        except ValueError:
            found.append(finding("references_form", path, reference.sent))
            continue
        if reference.sender == alert.sender and reference.identifier == alert.identifier:
            same = reference.sent == alert.sent  # else it may be a generator's slip: the text forbids only itself
            found.append(finding("references_self" if same else "identifier_reused", path))
        if sent is not None and earlier > sent:
            found.append(finding("references_later", path, reference.identifier))
