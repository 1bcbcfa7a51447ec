"""What is received (收到的预警): bytes kept as they came, read, and put into their chain. Whatever the order of arrival.

What belongs to one inbox is written under one lock, for a message may change how any other of its chain stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, TooLarge
from anlan.warning import rules
from anlan.warning.engine.chain_book import ties
from anlan.warning.engine.chain_near import Shelf, near
from anlan.warning.engine.chain_values import Identity, Message, Policy, Reference, Standing
from anlan.warning.engine.chains import evaluate
from anlan.warning.events.received import AlertChanged, AlertReceived, AlertReleased
from anlan.warning.models import ReceivedAlert, ReceivedBody
from anlan.warning.services.received_reading import Reading, read
from anlan.warning.services.values_received import UNCHECKED, Proof

MAX_BYTES: Final = 8 * 1024 * 1024
_STATE_FIELDS: Final = ("state", "state_at", "ends_at", "why", "answers", "chain", "chain_state")


@transaction.atomic
def alert_receive(
    *, by: Actor, body: bytes, source: str, division: str, proof: Proof = UNCHECKED, at: datetime | None = None
) -> ReceivedAlert:
    """Keep one CAP file for a division and put it into its chain; the same bytes again are the same row.

    source: where from (a feed's name, an upload). proof: what the check of its signature said (`services.door` makes
    it). What can't be read is kept with its findings. Raises TooLarge `alert.too_large`, Invalid `alert.empty`, Forbidden.
    """
    by.must("warning.receive", division)
    if len(body) > MAX_BYTES:
        raise TooLarge(
            code="alert.too_large",
            zh=f"报文超过 {MAX_BYTES // 2**20} MB，未接收；请核对来源。",
            en=f"The message is larger than {MAX_BYTES // 2**20} MB and was not taken; check its source.",
            field="body",
            value=len(body),
        )
    if not body:
        raise Invalid(
            code="alert.empty", zh="报文为空；请重新发送。", en="The message is empty; send it again.", field="body"
        )
    moment, sha256 = at or clock.now(), hashlib.sha256(body).hexdigest()
    _lock(division)
    known = ReceivedAlert.objects.filter(division=division, sha256=sha256).first()
    if known is not None:
        return known
    reading = read(body, verified=proof.state == "verified", doubt=proof.doubt)
    ReceivedBody.objects.create(division=division, sha256=sha256, body=body)
    row = _row(reading, division=division, sha256=sha256, size=len(body), source=source[:64], at=moment)
    row.signature, row.signature_said, row.doubt = proof.state, list(proof.said), proof.doubt
    row.save(force_insert=True)
    changed = _judge(row, moment) if reading.message is not None else []
    record(
        AlertReceived(
            alert=str(row.id), sha256=sha256, source=row.source, verdict=row.verdict, sender=row.sender, identifier=row.identifier,
            msg_type=row.msg_type, status=row.status, state=row.state, findings=len(row.findings), signature=row.signature,
        ),
        by=by, about=f"alert:{row.id}", division=division, at=moment,
    )  # fmt: skip
    _tell(by, [(one, before) for one, before in changed if one.pk != row.pk], moment)
    return row


@transaction.atomic
def alert_release(*, by: Actor, alert: ReceivedAlert, reason: str, at: datetime | None = None) -> ReceivedAlert:
    """A named person lets a held message through. Raises Conflict `alert.not_held`, Invalid without a reason."""
    by.must("warning.release", alert.division)
    moment = at or clock.now()
    if not reason.strip():
        raise Invalid(
            code="alert.no_reason", zh="放行须写明理由。", en="Say why it is let through.", field="reason", value=reason
        )
    _lock(alert.division)
    row = ReceivedAlert.objects.select_for_update().get(id=alert.id)
    if row.state != "held" or row.status == "Draft":
        raise Conflict(
            code="alert.not_held",
            zh="该消息不在可放行的暂存状态；请刷新后再看。",
            en="This message is not held, or is a draft; look at it again.",
            field="alert",
            value=row.state,
        )
    row.released_at, row.release_reason = moment, reason
    row.save(update_fields=["released_at", "release_reason"])
    record(
        AlertReleased(alert=str(row.id), identifier=row.identifier, reason=reason),
        by=by, about=f"alert:{row.id}", division=row.division, at=moment,
    )  # fmt: skip
    _tell(by, _judge(row, moment), moment)
    row.refresh_from_db()
    return row


def alerts_expire(now: datetime) -> int:
    """Let every message whose time ran out by `now` expire, each at its end; returns how many stand otherwise."""
    by, done = Actor.system("warning"), 0
    with transaction.atomic():
        over = ReceivedAlert.objects.filter(state__in=("in_force", "held"), ends_at__lte=now)
        for ident, division, ends_at in list(over.order_by("ends_at", "id").values_list("id", "division", "ends_at")):
            _lock(division)
            row = ReceivedAlert.objects.get(id=ident)
            if row.state in ("in_force", "held") and ends_at is not None:
                with clock.at(ends_at):
                    changed = _judge(row, ends_at)
                    _tell(by, changed, ends_at)
                    done += len(changed)
    return done


def _lock(division: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"anlan.received:{division}"])


def _row(reading: Reading, *, division: str, sha256: str, size: int, source: str, at: datetime) -> ReceivedAlert:
    row = ReceivedAlert(
        division=division, sha256=sha256, size=size, source=source, received_at=at, verdict=reading.verdict,
        findings=list(reading.findings), state="unreadable", state_at=at, chain_state="unreadable",
        event=reading.event, headline=reading.headline, severity=reading.severity,
    )  # fmt: skip
    message = reading.message
    if message is None:
        return row
    row.sender, row.identifier, row.sent, row.sent_text = (
        message.sender,
        message.identifier,
        message.sent,
        message.sent_text,
    )
    row.status, row.msg_type, row.audience, row.verified = (
        message.status,
        message.msg_type,
        message.scope,
        message.verified,
    )
    row.references = [
        [one.sender, one.identifier, None if one.sent is None else one.sent.isoformat(), one.text]
        for one in message.references
    ]
    row.expires, row.digest, row.fingerprint = message.expires, message.digest, message.fingerprint
    row.ties = sorted(_hash(tie) for tie in ties(message))
    row.state = row.chain_state = "unknown"
    return row


def message_of(row: ReceivedAlert) -> Message:
    """The message of a row that was read, as the chains know it."""
    return Message(
        sender=row.sender, identifier=row.identifier, sent=row.sent or datetime.min.replace(tzinfo=UTC), msg_type=row.msg_type,
        digest=row.digest, fingerprint=row.fingerprint, status=row.status, scope=row.audience,
        references=tuple(
            Reference(sender, identifier, datetime.fromisoformat(sent) if sent else None, text)
            for sender, identifier, sent, text in row.references
        ),
        expires=row.expires, sent_text=row.sent_text, verified=row.verified, doubt=row.doubt,
    )  # fmt: skip


def _surroundings(row: ReceivedAlert) -> list[ReceivedAlert]:
    """The row and every other of its division that may stand otherwise for it (engine.chain_near)."""
    mine = ReceivedAlert.objects.filter(division=row.division)

    def named(wanted: Collection[str]) -> Iterable[ReceivedAlert]:
        return mine.filter(ties__has_any_keys=sorted(wanted)).order_by("id")

    def beside(one: ReceivedAlert, later: bool) -> Iterable[ReceivedAlert]:
        if one.msg_type != "Alert" or one.references or one.sent is None:
            return ()
        same = mine.filter(sender=one.sender, fingerprint=one.fingerprint, msg_type="Alert", references=[])
        way = same.filter(sent__gte=one.sent).order_by("sent", "id") if later else same.filter(sent__lt=one.sent)
        away = way if later else way.order_by("-sent", "-id")
        return away.exclude(pk=one.pk).iterator(chunk_size=100)

    shelf = Shelf(_names, named, beside, lambda one: one.sent or datetime.min.replace(tzinfo=UTC))
    found = near(row, shelf, rules.receiving().reissue)
    return [row, *(one for one in found if one.pk != row.pk)]


def _names(row: ReceivedAlert) -> set[str]:
    """The ties of a row that are names; that of its content is asked for by time."""
    return set(row.ties) - {_hash(("content", row.sender, row.fingerprint))}


def _hash(tie: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(tie).encode()).hexdigest()


def _judge(row: ReceivedAlert, at: datetime) -> list[tuple[ReceivedAlert, str]]:
    """Write how all around `row` stands at `at`; return the rows that stand otherwise, and how they stood."""
    rows = _surroundings(row)
    by_key: dict[tuple[Identity, str], list[ReceivedAlert]] = {}
    for one in rows:
        message = message_of(one)
        by_key.setdefault((message.identity, message.digest), []).append(one)
    policy = _policy(rows)
    changed: list[tuple[ReceivedAlert, str]] = []
    touched: list[ReceivedAlert] = []
    for chain in evaluate([message_of(one) for one in rows], at, policy):
        name = hashlib.sha256("\0".join(chain.first).encode()).hexdigest()
        for standing in chain.messages:
            for one in by_key[standing.identity, standing.digest]:
                fields = _fields(standing) | {"chain": name, "chain_state": chain.state}
                before = one.state
                if any(getattr(one, key) != value for key, value in fields.items()):
                    touched.append(one)
                if before != standing.state:
                    changed.append((one, before))
                    one.state_at = at
                for key, value in fields.items():
                    setattr(one, key, value)
    ReceivedAlert.objects.bulk_update(touched, _STATE_FIELDS, batch_size=500)
    return changed


def _policy(rows: Iterable[ReceivedAlert]) -> Policy:
    base = rules.receiving()
    released = frozenset(message_of(one).identity for one in rows if one.released_at is not None)
    return Policy(base.lifetime, base.reissue, base.authorities, released)


def _fields(standing: Standing) -> dict[str, Any]:
    return {
        "state": standing.state,
        "ends_at": standing.expires,
        "why": [{"code": why.code, **why.words()} for why in standing.why],
        "answers": {
            "acks": [list(one) for one in standing.acks],
            "refusals": [list(one) for one in standing.refusals],
        },
    }


def _tell(by: Actor, changed: Iterable[tuple[ReceivedAlert, str]], at: datetime) -> None:
    for row, before in changed:
        record(
            AlertChanged(
                alert=str(row.id), identifier=row.identifier, before=before, state=row.state, chain_state=row.chain_state,
                why=[why["code"] for why in row.why],
            ),
            by=by, about=f"alert:{row.id}", division=row.division, at=at,
        )  # fmt: skip
