"""The only reader of this stage: the after-action report from rows and journal, as they stood at a moment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import digest
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.journal.reactor import EntryRow, entries_between
from anlan.kernel.models import Tracked
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Station
from anlan.readiness.scenario import scenario_load
from anlan.response.models import Level, LevelProposal, Plan, Task
from anlan.review.engine import rows
from anlan.review.engine.report import report
from anlan.review.engine.timeline import played_back
from anlan.review.engine.wording import SENTENCES, Names
from anlan.territory.choices import POST_ROLES, name
from anlan.territory.models import Division, Organisation, Place, Post
from anlan.warning.choices import CHANNELS
from anlan.warning.choices import name as channel_name
from anlan.warning.models import Call, ChannelUse, Warning, WarningProposal

Json = dict[str, Any]
QUIET = timedelta(hours=36)


def after_action(*, scope: Scope | None = None, at: datetime | None = None) -> Json:
    """Return the after-action report (shape: `engine.report`) of what `scope` may see, now or as known at `at`.

    In a drill it covers the drill so far; else the time since the first warning, or the last 36 hours.
    """
    seen = Scope.whole() if scope is None else scope
    entries = _entries(seen, at)
    record = _record(seen, at, entries)
    drill = drill_state()
    now = at or clock.now()
    if drill is not None:
        span = (drill.starts_at, drill.ends_at)
    else:
        start = min((warning.issued_at for warning in record.warnings), default=now - QUIET)
        span = (start - timedelta(hours=1), now)
    state = digest()
    found = report(
        record,
        entries,
        span=span,
        journal={"head": int(state.partition(":")[0]), "digest": state},
        scenario=_scenario(drill),
        names=_names(entries),
        counts={"people_called": len(record.calls)},
    )
    for role, curve in found["curves"]["by_role"].items():
        curve["name"] = name(POST_ROLES, role)
    for item in found["red_items"]["missing"]:
        item["names"] = [channel_name(CHANNELS, channel) for channel in item["channels"]]
    return found


def _scenario(drill: Any) -> Json | None:
    if drill is None:
        return None
    return {
        "name": drill.scenario,
        "title": _title(drill.scenario),
        "seed": drill.seed,
        "profile": drill.profile,
        "state": drill.state,
    }


@lru_cache(maxsize=8)
def _title(name: str) -> dict[str, str]:
    try:
        return scenario_load(name).title.as_dict()
    except NotFound:  # the drill was played from a folder that is no longer here
        return {"zh": name, "en": name}


def _entries(scope: Scope, at: datetime | None) -> list[rows.Entry]:
    """Return the sealed entries the report tells of, in order."""
    found = entries_between(0, None, sorted(SENTENCES))
    return [_entry(e) for e in found if scope.sees(e.division) and (at is None or e.at <= at)]


def _entry(e: EntryRow) -> rows.Entry:
    kind, name = str(e.actor.get("kind", "")), str(e.actor.get("name", ""))
    return rows.Entry(e.seq, e.kind, e.at, e.about, e.division, kind, name, e.data)


def _played(entries: Iterable[rows.Entry]) -> frozenset[str]:
    """Return the ids of the warnings of the real event; a simulated issuer's answer to a proposal is none of them."""
    issued = [e for e in entries if e.kind == "warning.issued"]
    return frozenset(str(e.data["warning"]) for e in issued if played_back(e))


def _record(scope: Scope, at: datetime | None, entries: Sequence[rows.Entry]) -> rows.Record:
    """Read every table the figures need, one query each; when a signal reached which level is told by the journal."""
    played = _played(entries)
    return rows.Record(
        signals=tuple(
            rows.Signal(str(e.data["signal"]), str(e.data["level"]), e.at)
            for e in entries
            if e.kind in {"signal.opened", "signal.raised"}
        ),
        proposals=tuple(
            rows.Proposal(str(i), _id(signal), _id(warning), colour, state, opened)
            for i, signal, warning, colour, state, opened in _read(
                WarningProposal, ("id", "signal", "warning_id", "colour", "state", "opened_at"), scope, at
            )
        ),
        warnings=tuple(
            rows.Warning(str(i), number, colour, hazard, issued, str(i) in played)
            for i, number, colour, hazard, issued in _read(
                Warning, ("id", "number", "colour", "hazard", "issued_at"), scope, at
            )
        ),
        calls=tuple(
            rows.Call(str(warning), role, level, step, state, *_first_answer(answers))
            for warning, role, level, step, state, answers in _read(
                Call, ("warning_id", "role", "level", "step", "state", "answers"), scope, at
            )
        ),
        missing=tuple(
            rows.MissingChannel(str(warning), channel)
            for warning, channel, state in _read(ChannelUse, ("warning_id", "channel", "state"), scope, at)
            if state == "missing"
        ),
        **_response(scope, at),
    )


def _first_answer(raw: Any) -> tuple[datetime | None, str, int]:
    """When a call was first answered with more than "cannot", with what, and how late; (None, "", 0) when never."""
    if raw in ("[]", []):
        return None, "", 0
    answers = json.loads(raw) if isinstance(raw, str) else raw
    said = [(datetime.fromisoformat(a["at"]), a["content"], a["late_s"]) for a in answers if a["content"] != "cannot"]
    return min(said, default=(None, "", 0))


def _response(scope: Scope, at: datetime | None) -> dict[str, Any]:
    """Read the response stage's tables."""
    plans = dict(_read(Plan, ("id", "code"), scope, at))
    proposed = ("id", "track", "level", "action", "state", "opened_at", "decided_at", "escalations")
    ordered = ("track", "code", "state", "stop_line", "issued_at", "due_at", "receipt_at", "done_at")
    return {
        "level_proposals": tuple(
            rows.LevelProposal(str(i), *rest) for i, *rest in _read(LevelProposal, proposed, scope, at)
        ),
        "levels": tuple(
            rows.Level(track, level, plans.get(plan, ""), since, until)
            for track, level, plan, since, until in _read(
                Level, ("track", "level", "plan_id", "since", "until"), scope, at
            )
        ),
        "tasks": tuple(rows.Task(*row) for row in _read(Task, ordered, scope, at)),
    }


def _id(value: Any) -> str:
    return "" if value is None else str(value)


def _read(model: type[Tracked], columns: Sequence[str], scope: Scope, at: datetime | None) -> list[tuple[Any, ...]]:
    """Return some columns of a table as it stood at `at`, within scope, in order of id."""
    item, params = source_sql(model, at)
    where = ""
    if "" not in scope.prefixes:
        above = " OR t.division = ANY(%s)" if model.SCOPE == "chain" else ""
        where = f" WHERE t.division ^@ ANY(%s){above}"
        params = [*params, list(scope.prefixes), *([list(scope.ancestors())] if above else [])]
    names = ", ".join(f't."{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {item} AS t{where} ORDER BY t.id", params)
        return list(cursor.fetchall())


def _names(entries: Sequence[rows.Entry]) -> Names:
    """Return what people call the ids and codes the entries speak of, in both languages."""
    wanted = {e.division for e in entries} | {e.about.partition(":")[2] for e in entries}
    wanted |= {v for e in entries for v in e.data.values() if isinstance(v, str) and len(v) <= 64}
    found = {code: {"zh": choice.zh, "en": choice.en} for code, choice in CHANNELS.items()}
    for model in (Division, Organisation, Post, Place, Station):
        named = model.objects.filter(code__in=sorted(wanted)).values_list("code", "name_zh", "name_en")
        found |= {code: {"zh": zh, "en": en or zh} for code, zh, en in named}
    return found
