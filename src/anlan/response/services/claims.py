"""Statements about an incident (说法): contradictory ones are kept side by side until somebody verifies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response import choices_incidents as codes
from anlan.response.events import ClaimAdded, ClaimJudged, IncidentContradicted
from anlan.response.models import Claim, Incident, Task
from anlan.response.services.bounds import fits
from anlan.response.services.incident_lock import held, missing, reasoned
from anlan.response.services.incidents import desk_task, sourced
from anlan.response.services.tasks import OPEN, Done, task_done_many
from anlan.response.services.writing import rows_update
from anlan.warning.services.moment import pinned, whole_reach

VERIFY_MIN = 30
RECEIPT_MIN = 5


def claim_add(
    *,
    by: Actor,
    incident: UUID,
    topic: str,
    value: str,
    text: dict[str, str],
    source: str,
    confidence: str = "medium",
    said_at: datetime | None = None,
    at: datetime | None = None,
) -> Claim:
    """Keep what a source says about an incident. Another value on the same topic contradicts the earlier ones: all are
    kept, and the county's duty desk is asked once to verify (a task)."""
    at = at or clock.now()
    sourced("other", confidence, source)
    fits(Claim, topic=topic, value=value, source=source)
    with pinned(at):
        row = held(by, incident)
        claim = Claim.objects.create(
            incident=row, division=row.division, topic=topic, value=value, text_zh=text["zh"], text_en=text["en"],
            source=source, confidence=confidence, said_at=said_at or at,
        )  # fmt: skip
        about = f"incident:{row.pk}"
        event = ClaimAdded(
            incident=str(row.pk), claim=str(claim.pk), topic=topic, value=value, text=text, source=source,
            confidence=confidence,
        )  # fmt: skip
        record(event, by=by, about=about, division=row.division, at=at)
        said = list(_said(row, topic).select_related("verify_task"))
        if len({other.value for other in said}) > 1:
            _contradiction(by, row, topic, said, at)
            claim.refresh_from_db()
    return claim


def _said(incident: Incident, topic: str) -> QuerySet[Claim]:
    """What is said on a topic and was not refuted, in the order it came."""
    return Claim.objects.filter(incident=incident, topic=topic).exclude(state="refuted").order_by("id")


def _contradiction(by: Actor, row: Incident, topic: str, said: list[Claim], at: datetime) -> None:
    task = next((claim.verify_task for claim in said if claim.verify_task and claim.verify_task.state in OPEN), None)
    task = task or _verify_task(by, row, topic, at)
    for claim in said:
        claim.contradicted, claim.verify_task = True, task
    rows_update(said, ["contradicted", "verify_task"])
    row.contradicted = True
    row.save(update_fields=["contradicted"])
    event = IncidentContradicted(
        incident=str(row.pk), topic=topic, claims=[str(claim.pk) for claim in said], task=str(task.pk)
    )
    record(event, by=by, about=f"incident:{row.pk}", division=row.division, at=at)


def _verify_task(by: Actor, row: Incident, topic: str, at: datetime) -> Task:
    metric = codes.EVERY_FIGURE.get(topic)
    what_zh, what_en = (metric.zh, metric.en.lower()) if metric is not None else (topic, topic)
    zh = f"核实：{row.title_zh}，关于“{what_zh}”的说法互相矛盾，现场核实后回报"
    en = f"Verify: {row.title_en}. Statements on “{what_en}” contradict each other; check on the spot and report"
    return desk_task(
        by=by, division=row.division, code="V-verify", text={"zh": zh, "en": en}, about=f"incident:{row.pk}", at=at,
        receipt=RECEIPT_MIN, within=VERIFY_MIN, incident=row,
    )  # fmt: skip


def claim_judge(*, by: Actor, claim: UUID, true: bool, reason: str, at: datetime | None = None) -> Claim:
    """Confirm or refute a claim. When the claims left on its topic agree, the contradiction is over, and the desk's task to
    verify is done with it."""
    at = at or clock.now()
    with pinned(at):
        row = Claim.objects.select_related("incident").filter(pk=claim).first()
        if row is None or not by.scope.sees(row.division):
            raise missing(claim)
        incident = held(by, row.incident_id)
        reasoned(reason)
        row.state = "confirmed" if true else "refuted"
        row.contradicted = False
        row.save(update_fields=["state", "contradicted"])
        contradictions_weigh(incident)
        if not Claim.objects.filter(incident=incident, topic=row.topic, contradicted=True).exists():
            _verified(incident, row.topic, reason, at)
        event = ClaimJudged(
            incident=str(incident.pk), claim=str(row.pk), topic=row.topic, state=row.state, reason=reason
        )
        record(event, by=by, about=f"incident:{incident.pk}", division=row.division, at=at)
    return row


def contradictions_weigh(incident: Incident) -> None:
    """Which statements of a locked incident contradict each other now, and whether any do. What a person has judged
    doesn't count among them; two statements that agree, or one left alone, contradict nothing."""
    rows = list(Claim.objects.filter(incident=incident).order_by("id"))
    values: dict[str, set[str]] = {}
    for row in rows:
        if row.state != "refuted":
            values.setdefault(row.topic, set()).add(row.value)
    changed = []
    for row in rows:
        open_still = row.state == "unverified" and len(values.get(row.topic, ())) > 1
        if row.contradicted != open_still:
            row.contradicted = open_still
            changed.append(row)
    rows_update(changed, ["contradicted"])
    incident.contradicted = any(row.contradicted for row in rows)
    incident.save(update_fields=["contradicted"])


def _verified(incident: Incident, topic: str, reason: str, at: datetime) -> None:
    """The desk's task to verify a topic is done with the judgement."""
    with whole_reach():
        tasks = Task.objects.filter(claims__incident=incident, claims__topic=topic, state__in=OPEN).distinct()
        done = [Done(key, at, {"text": reason}) for key in tasks.order_by("id").values_list("pk", flat=True)]
        task_done_many(by=Actor.system("response"), done=done)
