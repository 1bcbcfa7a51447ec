"""Destroying personal data gathered for a response when its clock runs out, unless it is on hold (个人信息销毁与留存)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, models

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record, redact
from anlan.kernel.models import Tracked
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_levels import PURGED
from anlan.response.events import PersonalDestroyed, PurgeHeld, PurgeReleased
from anlan.response.formats.level_rules import level_rules
from anlan.response.models import CasualtyEntry, Intake, Level, PurgeClock, Task
from anlan.response.selectors.family import family
from anlan.response.services.tasks import OPEN, Done, task_done_many
from anlan.warning.services.moment import pinned

T = TypeVar("T", bound=models.Model)
ACT = "hold.set"
SYSTEM = Actor.system("response")


class Gathered(NamedTuple):
    """One kind of personal data gathered for responses: its table (marked PERSONAL), what is put in the place of the
    columns, which rows belong to a response whose clock has run out, and what goes with them that isn't kept in versions
    (the bytes of a photograph)."""

    code: str
    model: type[Tracked]
    blanks: Mapping[str, Any]
    rows: Callable[[PurgeClock], models.QuerySet[Any]]
    along: Callable[[Sequence[str]], None] | None = None


_GATHERED: dict[str, Gathered] = {}


def gathered_register(kind: Gathered) -> None:
    """Put a kind of personal data under the purge clock; called once, when its module is loaded."""
    if not kind.model.PERSONAL:
        raise TypeError(f"{kind.model.__name__} holds personal data: mark it PERSONAL")
    if _GATHERED.get(kind.code, kind) != kind:
        raise TypeError(f"{kind.code} is under the purge clock already, with other rows")
    _GATHERED[kind.code] = kind


def in_area_and_time(purge: PurgeClock, rows: models.QuerySet[T], moment: str) -> models.QuerySet[T]:
    """Rows of the response's area that came (`moment`: a column) while it ran."""
    inside = {f"{moment}__gte": purge.since, f"{moment}__lte": purge.until}
    return rows.filter(division__startswith=purge.level.area, **inside)


def events_apart() -> models.QuerySet[Level, Any]:
    """Incidents that have a response of their own: what was gathered for them goes when that one's clock has run out."""
    return Level.objects.filter(incident__isnull=False).values("incident")


def _casualties(purge: PurgeClock) -> models.QuerySet[CasualtyEntry]:
    """Entries of the event, or of the response's area and time; those of the dead and missing are a statutory record, except their
    reporters'. What was merged or withdrawn proves nothing any more and goes whole."""
    if purge.incident_id is not None:
        rows = CasualtyEntry.objects.filter(incident__in=family(purge.incident_id))
    else:
        rows = in_area_and_time(purge, CasualtyEntry.objects.all(), "entered_at")
        rows = rows.exclude(incident__isnull=False, incident__in=events_apart())
    kept = models.Q(kind__in=level_rules().purge.keep, state__in=("entered", "identified"))
    return rows.exclude(kept)


def _intakes(purge: PurgeClock) -> models.QuerySet[Intake]:
    """Who called about the event; or from the response's area in its time, save about events with their own response."""
    if purge.incident_id is not None:
        return Intake.objects.filter(incident__in=family(purge.incident_id))
    rows = in_area_and_time(purge, Intake.objects.all(), "received_at")
    return rows.exclude(incident__isnull=False, incident__in=events_apart())


gathered_register(Gathered("callers", Intake, {"caller": {}}, _intakes))
gathered_register(
    Gathered("casualties", CasualtyEntry, {"label": PURGED, "reporter": PURGED, "source": PURGED}, _casualties)
)


def purge_hold(
    *, by: Actor, purge: UUID, until: datetime, legality: str, need: str, safety: str, at: datetime | None = None
) -> PurgeClock:
    """Put the destruction off until a moment. The law asks for an assessment of legality, need and safety first
    (突发事件应对法第八十五条): all three in words.

    Raises NotFound, Forbidden, Conflict (destroyed already), Invalid (a part is missing; the end is past or too far).
    """
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, purge)
        for field, value, zh, en in (
            ("legality", legality, "合法性", "legality"), ("need", need, "必要性", "need"),
            ("safety", safety, "安全性", "safety"),
        ):  # fmt: skip
            if not value.strip():
                raise Invalid(
                    code="purge.assessment",
                    zh=f"暂缓销毁须先评估{zh}（突发事件应对法第八十五条）；请写明。",
                    en=f"A hold needs an assessment of {en} (Emergency Response Law art. 85); write it.",
                    field=field,
                    value=value,
                )
        most = at + timedelta(days=level_rules().purge.most_hold_days)
        if not at < until <= most:
            raise Invalid(
                code="purge.until",
                zh=f"暂缓期限应在今后、{most.astimezone(clock.BEIJING):%Y-%m-%d}之前；请另定。",
                en=f"The hold must end in the future and by {most.astimezone(clock.BEIJING):%Y-%m-%d}; choose again.",
                field="until",
                value=until,
            )
        row.state, row.held_until, row.next_at, row.held_by_post_id = "held", until, until, by.post
        row.assessment = {"legality": legality, "need": need, "safety": safety, "at": at.isoformat(), "by": by.name}
        row.save(update_fields=["state", "held_until", "next_at", "held_by_post", "assessment"])
        event = PurgeHeld(response=str(row.level_id), until=until, legality=legality, need=need, safety=safety)
        record(event, by=by, about=f"purge:{row.pk}", division=row.division, at=at)
    return row


def purge_release(*, by: Actor, purge: UUID, reason: str, at: datetime | None = None) -> PurgeClock:
    """Lift a hold, with a reason: the clock runs again, at once where its time has passed.

    Raises NotFound, Forbidden, Conflict (not on hold), Invalid (no reason).
    """
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, purge)
        if row.state != "held":
            raise Conflict(code="purge.not_held", zh="没有暂缓，无须解除。", en="It is not on hold.", field="purge",
                           value=purge)  # fmt: skip
        if not reason.strip():
            raise Invalid(code="purge.no_reason", zh="解除暂缓须写明理由。", en="Lifting a hold needs a reason.",
                          field="reason", value=reason)  # fmt: skip
        row.state, row.held_until, row.next_at = "running", None, max(row.due_at, at)
        row.save(update_fields=["state", "held_until", "next_at"])
        event = PurgeReleased(response=str(row.level_id), due_at=row.next_at, reason=reason)
        record(event, by=by, about=f"purge:{row.pk}", division=row.division, at=at)
    return row


def _locked(by: Actor, purge: UUID) -> PurgeClock:
    row = PurgeClock.objects.select_for_update(of=("self",)).select_related("level").filter(pk=purge).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="purge.not_found", zh="没有这个销毁时钟，或不在您的范围内。",
                       en="There is no such clock, or it is not in your scope.", field="purge", value=purge)  # fmt: skip
    by.must(ACT, row.division)
    if row.state == "done":
        raise Conflict(code="purge.done", zh="个人信息已销毁。", en="The data is destroyed already.", field="purge",
                       value=purge)  # fmt: skip
    return row


def purges_sweep(*, at: datetime) -> int:
    """At exactly `at`: destroy one kind of data of the first clock that has run out; return 1, or 0 where nothing may be
    done in this act (an act redacts once: the next takes the next kind)."""
    with pinned(at):
        if _redacted():
            return 0
        rows = PurgeClock.objects.select_for_update(of=("self",), skip_locked=True).select_related("level")
        row = rows.filter(next_at__lte=at).order_by("next_at", "id").first()
        if row is None:
            return 0
        gone = dict(row.destroyed or {})
        left = sorted(code for code in _GATHERED if code not in gone)
        if left:
            gone[left[0]] = _destroy(row, _GATHERED[left[0]], last=len(left) == 1, at=at)
        row.destroyed = gone
        if len(left) <= 1:
            row.state, row.next_at, row.done_at = "done", None, at
        row.save(update_fields=["destroyed", "state", "next_at", "done_at"])
        if row.state == "done":
            _close_task(row, at)
    return 1


def _destroy(row: PurgeClock, kind: Gathered, *, last: bool, at: datetime) -> int:
    """Blank the columns in the rows and in every kept version of them; tell how many."""
    keys = sorted(str(pk) for pk in kind.rows(row).values_list("pk", flat=True))
    versions = 0
    if keys:
        kind.model._default_manager.filter(pk__in=keys).update(**kind.blanks)
        if kind.along is not None:
            kind.along(keys)
        versions = redact(by=SYSTEM, model=kind.model, keys=keys, blanks=kind.blanks, division=row.division)
    event = PersonalDestroyed(
        response=str(row.level_id), kind_of_data=kind.code, rows=len(keys), versions=versions, last=last
    )
    record(event, by=SYSTEM, about=f"purge:{row.pk}", division=row.division, at=at)
    return len(keys)


def _redacted() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM kernel_redaction WHERE act = anlan_act())")
        return bool(cursor.fetchone()[0])


def _close_task(row: PurgeClock, at: datetime) -> None:
    tasks = Task.objects.filter(level=row.level_id, action="purge", state__in=OPEN).order_by("id")
    done = [Done(key, at, {"text": "到期已销毁 · destroyed when due"}) for key in tasks.values_list("pk", flat=True)]
    task_done_many(by=SYSTEM, done=done)
