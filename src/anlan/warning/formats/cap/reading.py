"""Bytes → what they are, the message in them, a verdict and every finding.

Strict mode judges as a sender would be judged: valid or invalid. Recording mode takes what it can: valid,
accepted_with_findings (broken, but attributable and readable; repairs told) or rejected (no well-formed message, or no
identifier, sender or readable time). Warnings and infos are advice: they alone make nothing invalid.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from lxml import etree

from anlan.warning.formats.cap import door, instants, lean, repairs, rules, structure
from anlan.warning.formats.cap.model import Kept, Reading
from anlan.warning.formats.cap.values import Alert, Finding
from anlan.warning.formats.cap.wording import MOST_FINDINGS, finding

Mode = Literal["strict", "record"]
Verdict = Literal["valid", "invalid", "accepted_with_findings", "rejected"]
FileKind = Literal["alert", "feed", "edxl_de", "other"]
MOST_EMBEDDED: Final = 1_000
# Larger messages are looked through element by element before the schema is asked, see `_alert`.
SMALL: Final = 32_768
LEAN_MARKS: Final = 8_000
LEAN_ATTRIBUTES: Final = 500
_FEEDS: Final = frozenset(
    (
        "{http://www.w3.org/2005/Atom}feed",
        "{http://www.w3.org/2005/Atom}entry",
        "rss",
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF",
    )
)
_HEAD: Final = structure.NAMESPACES["1.2"].encode()
_ALERT: Final = f"{{{structure.NAMESPACES['1.2']}}}alert"
_ALERTS: Final = tuple(f"{{{namespace}}}alert" for namespace in structure.VERSIONS)
_ORDER: Final[dict[str, int]] = {"valid": 0, "accepted_with_findings": 1, "invalid": 2, "rejected": 2}


class Result(msgspec.Struct, frozen=True, gc=False):
    """What a document is. `version` is the CAP version it declares, "" when it is none, "unknown" by a wrong namespace.

    `alert` is the message (repaired in recording mode), None when it can't be read or is a container; `embedded` are
    the results of the messages inside a container; `kept` is what of the document `alert` has no place for.
    """

    verdict: Verdict
    kind: FileKind
    version: str
    alert: Alert | None
    findings: tuple[Finding, ...]
    embedded: tuple[Result, ...] = ()
    kept: tuple[Kept, ...] = ()


def read(raw: bytes, mode: Mode = "strict") -> Result:
    """Read a document of any kind; never raises for what the bytes are."""
    data, found = door.opened(raw)
    if data is not None and _HEAD in data[:600] and _is_small(data):
        result = _quickly(data, mode, found)
        if result is not None:
            return result
    root = None
    if data is not None:
        root, found = door.parsed(data, found)
    if root is None:
        return Result("invalid" if mode == "strict" else "rejected", "other", "", None, found)
    return read_tree(root, mode, found)


def _is_small(data: bytes) -> bool:
    """Tell whether the schema may be asked at once: it takes libxml2 long to write down many faults."""
    return len(data) < SMALL or (data.count(b"<") < LEAN_MARKS and data.count(b"=") < LEAN_ATTRIBUTES)


def read_tree(root: etree._Element, mode: Mode = "strict", found: tuple[Finding, ...] = ()) -> Result:
    """Read an element that came through `door.enter`; `found` is what was found there."""
    name = etree.QName(root)
    if name.localname == "alert":
        return _alert(root, mode, found)
    if root.tag in _FEEDS:
        return _container(root, "feed", mode, found)
    if name.localname == "EDXLDistribution":
        return _container(root, "edxl_de", mode, found)
    return _container(root, "other", mode, found)


def _quickly(data: bytes, mode: Mode, found: tuple[Finding, ...]) -> Result | None:
    """What a CAP 1.2 message is that keeps the schema; None for any other document, which is then read with more care."""
    signed = data.rfind(b"Signature") >= 0  # kept as it stands, blanks and all
    root = door.parsed(data)[0] if signed else door.bare(data)
    if root is None or root.tag != _ALERT or not structure.schema().validate(root):
        return None
    alert, signatures = lean.alert(root)
    reading = Reading(root.tag[1:-6], "1.2") if signatures else None
    if reading is not None:
        for element in signatures:
            reading.foreign(element, "/alert")
    alert, told = _ruled(alert, mode)
    findings = (*found, *reading.findings, *told) if reading is not None else (*found, *told)
    return _result(alert, "1.2", mode, findings, tuple(reading.kept) if reading is not None else ())


def _alert(root: etree._Element, mode: Mode, found: tuple[Finding, ...]) -> Result:
    namespace = root.tag[1:-6] if root.tag[0] == "{" else ""
    version = structure.VERSIONS.get(namespace)
    reading = Reading(namespace, version or "1.2")
    alert = reading.alert(root)
    if version is None:
        reading.findings.append(finding("namespace", "/alert", namespace, "read as CAP 1.2"))
    alert, told = _ruled(alert, mode)
    findings = [*found, *reading.findings, *told]
    clean = not any(one.severity == "error" for one in findings)
    # The schema is asked last: libxml2 takes seconds to write down what it finds wrong with a hostile message.
    if clean and version is not None and not structure.schema(version).validate(root):
        log: Any = structure.schema(version).error_log
        findings.append(finding("schema", "/alert", str(log.last_error.message) if log.last_error is not None else ""))
    return _result(alert, version or "unknown", mode, tuple(findings), tuple(reading.kept))


def _ruled(alert: Alert, mode: Mode) -> tuple[Alert, list[Finding]]:
    """The message, in recording mode with what can be mended mended, and what the rules say of it."""
    told = rules.check(alert)
    if mode == "record" and len(told) <= MOST_FINDINGS and any(one.code in _MENDABLE for one in told):
        alert, mended = repairs.mend(alert)
        if mended:
            told = [*mended[:MOST_FINDINGS], *rules.check(alert)]
    return alert, told


def _result(alert: Alert, version: str, mode: Mode, findings: tuple[Finding, ...], kept: tuple[Kept, ...]) -> Result:
    verdict: Verdict = "valid"
    if any(one.severity == "error" for one in findings):
        verdict = "invalid"
        if mode == "record":
            verdict = "accepted_with_findings" if _attributable(alert) else "rejected"
    return Result(verdict, "alert", version, alert, findings, kept=kept)


_MENDABLE: Final = frozenset(
    ("time_form", "time_unreadable", "enumeration", "language_form", "size_form", "ring_form", "ring_open", "ring_range", "circle_form")
)  # fmt: skip


def _attributable(alert: Alert) -> bool:
    """Tell whether a message says who sent it, what it is called and when: without these it can't be recorded."""
    try:
        instants.instant(alert.sent)
    except ValueError:
        return False
    return bool(alert.identifier and alert.sender)


def _container(root: etree._Element, kind: FileKind, mode: Mode, found: tuple[Finding, ...]) -> Result:
    """A feed, an envelope or anything else: the messages in it are read, the worst of them is the verdict."""
    embedded: list[Result] = []
    for element in root.iter(*_ALERTS):
        if len(embedded) == MOST_EMBEDDED:
            break
        embedded.append(_alert(element, mode, ()))
    if kind == "other" and not embedded:
        told = (*found, finding("not_cap", "/", etree.QName(root).localname))
        return Result("invalid" if mode == "strict" else "rejected", kind, "", None, told)
    worst: Verdict = "valid"
    findings = list(found)
    for number, one in enumerate(embedded, 1):
        worst = max(worst, one.verdict, key=_ORDER.__getitem__)
        findings += [msgspec.structs.replace(f, path=f"/embedded[{number}]{f.path}") for f in one.findings]
    if any(one.severity == "error" for one in found):
        worst = max(worst, "invalid" if mode == "strict" else "accepted_with_findings", key=_ORDER.__getitem__)
    version = embedded[0].version if embedded else ""
    return Result(worst, kind, version, None, tuple(findings[: 10 * MOST_FINDINGS]), tuple(embedded))
