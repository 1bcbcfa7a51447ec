"""The inbox's door (收件口): the signature of what comes is checked once, on the bytes as received, and it is put in.

A message is never refused only because its signature can't be verified (CAP 1.2 §3.3.4.2); what was found is told with
the message, and the policy of its source may hold it until a person lets it through.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, Problem, TooLarge
from anlan.kernel.scope import Scope
from anlan.warning.formats.feed_read import CAP_PREFIXES, feed_read
from anlan.warning.formats.signature import signatures_check
from anlan.warning.formats.signature_keys import Pin, Trust
from anlan.warning.formats.signature_result import Bad, Verified, overall
from anlan.warning.formats.xml_safe import XmlRefused
from anlan.warning.models import FeedSource, ReceivedAlert, SenderPin
from anlan.warning.services.received import MAX_BYTES, alert_receive
from anlan.warning.services.values_received import Proof

MOST_IN_A_FILE: Final = 500


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What became of a file: its kind (alert, bundle, edxl_de, feed, other), the messages taken in, refusals and remarks
    [{zh, en}], and how many entries only link to their message (nothing is fetched for an upload)."""

    kind: str
    rows: tuple[ReceivedAlert, ...]
    said: tuple[dict[str, str], ...] = ()
    links: int = 0


def trust_of(division: str) -> Trust:
    """Whose certificates are believed at `division`: those pinned there and above. One query."""
    above = Scope((division,)).ancestors()
    senders: dict[str, list[Pin]] = defaultdict(list)
    relays: list[Pin] = []
    pins = SenderPin.objects.filter(ended_at=None, division__in=above).order_by("pinned_at", "id")
    for pin in pins:
        (relays if pin.relay else senders[pin.sender]).append(Pin(pin.sha256, bytes(pin.certificate)))
    return Trust({name: tuple(found) for name, found in senders.items()}, tuple(relays))


def proof_of(body: bytes, trust: Trust, policy: str, at: datetime) -> Proof:
    """What the signatures of a message say, and whether the policy (choices.POLICIES) holds it for that."""
    results = signatures_check(body, at=at, trust=trust) if b"Signature" in body else ()
    found = overall(results)
    state = "unsigned" if found is None else "verified" if isinstance(found, Verified) else "unverifiable"
    state = "bad" if isinstance(found, Bad) else state
    said = tuple(
        {"code": one.code, "zh": one.zh, "en": one.en, "fingerprint": getattr(one, "fingerprint", "")}
        for one in results
    )
    if state == "bad" and policy != "tell":
        return Proof(state, said, "bad_signature")
    return Proof(state, said, "unproved" if policy == "hold_unproved" and state != "verified" else "")


def alert_take(
    *, by: Actor, body: bytes, source: str, division: str, policy: str = "tell", at: datetime | None = None
) -> ReceivedAlert:
    """Check the signature of one CAP file and take it in. Raises as `alert_receive`."""
    moment = at or clock.now()
    proof = proof_of(body, trust_of(division), policy, moment)
    return alert_receive(by=by, body=body, source=source, division=division, proof=proof, at=moment)


def feed_receive(*, by: Actor, body: bytes, source: str) -> ReceivedAlert:
    """Take in what a feed brought, for the division and under the policy of the feed `source`. Fits `feeds.Receive`."""
    row = FeedSource.objects.get(name=source)
    return alert_take(by=by, body=body, source=source, division=row.division, policy=row.policy)


def file_take(
    *, by: Actor, body: bytes, source: str, division: str, policy: str = "tell", at: datetime | None = None
) -> FileTaken:
    """Take in an uploaded file: one CAP message, a bundle of them, an EDXL-DE envelope, or a feed with messages inside.

    What means to be CAP and can't be read is kept with its findings. Raises Forbidden, TooLarge `alert.too_large`,
    Invalid `alert.empty`, `alert.no_message` for a file that holds none.
    """
    by.must("warning.receive", division)
    if len(body) > MAX_BYTES:
        raise TooLarge(code="alert.too_large", zh=f"文件超过 {MAX_BYTES // 2**20} MB，未接收；请拆分后再传。", field="file",
                       value=len(body), en=f"The file is larger than {MAX_BYTES // 2**20} MB and was not taken; split it.")  # fmt: skip
    moment = at or clock.now()
    kind, bodies, remarks, links = _opened(body)
    if not bodies:
        raise _none(kind, links)
    said, rows = list(remarks), []
    for one in bodies[:MOST_IN_A_FILE]:
        try:
            rows.append(alert_take(by=by, body=one, source=source, division=division, policy=policy, at=moment))
        except Problem as refused:
            said.append({"zh": refused.zh, "en": refused.en})
    if len(bodies) > MOST_IN_A_FILE:
        said.append({"zh": f"文件含{len(bodies)}条报文，只取前{MOST_IN_A_FILE}条；请拆分后再传其余部分。",
                     "en": f"The file holds {len(bodies)} messages; the first {MOST_IN_A_FILE} were taken. Split it and send the rest."})  # fmt: skip
    return FileTaken(kind, tuple({row.id: row for row in rows}.values()), tuple(said), links)


def _opened(body: bytes) -> tuple[str, list[bytes], list[dict[str, str]], int]:
    """Kind, messages, remarks and number of bare links of a file."""
    try:
        found = feed_read(body, "")
    except XmlRefused as refused:
        if any(prefix.encode() in body for prefix in CAP_PREFIXES) or not body.strip() or b"<alert" in body:
            return "alert", [body], [], 0
        return "other", [], [{"zh": f"文件不是预警报文：{refused.zh}。", "en": f"That is no alert: {refused.en}."}], 0
    remarks = [{"zh": one.zh, "en": one.en} for one in found.remarks]
    links = sum(1 for item in found.items if not item.alerts and item.links)
    return found.kind, [alert for item in found.items for alert in item.alerts], remarks, links


def _none(kind: str, links: int) -> Invalid:
    if links:
        return Invalid(code="alert.no_message", zh=f"这是只含链接的源文件（{links}条）；请登记为预警源，由平台读取各条报文。",
                       field="file", value=kind,
                       en=f"This feed only links to its {links} messages; set it up as a feed source and they are read.")  # fmt: skip
    return Invalid(code="alert.no_message", zh="文件中没有预警报文；请上传CAP报文、报文集、EDXL-DE封装或内含报文的源文件。",
                   field="file", value=kind,
                   en="There is no alert in this file; send CAP, a bundle, an EDXL-DE envelope or a feed with messages inside.")  # fmt: skip
