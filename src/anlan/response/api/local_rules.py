"""Routes of rules: the grading tables and report clocks that hold, and a bureau's own versions of them. All scoped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from anlan.kernel import clock
from anlan.kernel.problem import NotFound
from anlan.response import choices, services
from anlan.response.api.schemas import LIST, READ, WRITE, After, Code, Limit, paged
from anlan.response.api.schemas_rules import (
    HeldOut,
    Kind,
    RuleEndIn,
    RuleIn,
    RuleToldOut,
    RuleTryIn,
    State,
    VersionOut,
    VersionsOut,
    VersionWhole,
)
from anlan.response.choices_rules import TOPICS
from anlan.response.engine.bounds_words import limit_words
from anlan.response.engine.grading import GradeTable
from anlan.response.engine.grading_words import bound
from anlan.response.engine.report_rules import Rule
from anlan.response.formats.local_rules import (
    body_digest,
    clocks_body,
    own_clocks,
    own_table,
    table_body,
    version_name,
)
from anlan.response.models import LocalRule
from anlan.response.selectors.local_bounds import overtaken
from anlan.response.selectors.local_rules import rule_seen, rules_listed, stamp_of, tables_here, topics_here
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["response"])


@router.get("/rules", response={200: HeldOut, **READ}, summary="Grading tables and report clocks that hold")
def held(request: HttpRequest, division: Code | None = None) -> dict[str, Any]:
    """Return the grading tables and report clocks that hold in a division today (the reader's own, where none is named),
    each with its mark and citation, and its text to start an own version from."""
    scope = _actor(request).scope
    where = min(scope.prefixes, key=len, default="") if division is None else division
    if division is not None and not scope.sees(division):
        raise NotFound(code="local_rule.not_found", zh="没有这个区划，或不在您的范围内。",
                       en="There is no such division, or it is not in your scope.", field="division", value=division)  # fmt: skip
    topics = [
        {"code": topic, "name": {"zh": TOPICS[topic].zh, "en": TOPICS[topic].en}, "clocks": _clocks(rules), "body": clocks_body(rules)}
        for topic, rules in topics_here(where).items() if rules
    ]  # fmt: skip
    day = clock.today()
    return {"division": where, "day": day, "tables": [_table(one) for one in tables_here(where)], "topics": topics}


@router.post("/rules/check", response={200: RuleToldOut, **WRITE}, summary="Check an own version")
def check(request: HttpRequest, body: RuleTryIn) -> dict[str, Any]:
    """Read a version as a draft would be, and say it in words; nothing is written. 422 names the field and the remedy;
    `local_rule.looser`: the row that binds from above."""
    return _told(body.kind, services.local_rule_tried(by=_actor(request), **body.dict()))


@router.get("/rules/versions", response={200: VersionsOut, **LIST}, summary="Own versions")
def versions(
    request: HttpRequest,
    kind: Kind | None = None,
    code: Annotated[str, Query(max_length=32)] = "",
    state: State | None = None,
    after: After = 0,
    limit: Limit = 200,
) -> dict[str, Any]:
    """List the versions that concern the reader's scope, of areas above it too: those that wait first, then the newest."""
    rows = [
        row for row in rules_listed(_actor(request).scope)
        if kind in (None, row.kind) and code in ("", row.code) and state in (None, row.state)
    ]  # fmt: skip
    return paged(lambda page: _outs(rows[page.span]), after, limit)


@router.post("/rules/versions", response={201: VersionOut, **WRITE}, summary="Draft an own version")
def draft(request: HttpRequest, body: RuleIn) -> Status[dict[str, Any]]:
    """Write a version for a division; it holds nothing until another hand approves it. A draft that waits is written over.
    422 `local_rule.looser` where it leaves less than what binds from above."""
    return Status(201, _out(services.local_rule_draft(by=_actor(request), **body.dict())))


@router.get("/rules/versions/{rule}", response={200: VersionWhole, **READ}, summary="One own version")
def one(request: HttpRequest, rule: UUID) -> dict[str, Any]:
    """Return one version with its content, as written and in words."""
    row = rule_seen(_actor(request).scope, rule)
    read = own_table(row.body, stamp_of(row)) if row.kind == "grade" else own_clocks(row.body, row.code, stamp_of(row))
    return {**_outs([row])[0], "body": row.body, "told": _told(row.kind, read)}


@router.post("/rules/versions/{rule}/approve", response={200: VersionOut, **WRITE}, summary="Approve an own version")
def approve(request: HttpRequest, rule: UUID) -> dict[str, Any]:
    """Let it hold for events from its first day on; the one before ends there. 409 `local_rule.same_hand` for its makers."""
    return _out(services.local_rule_approve(by=_actor(request), rule=rule))


@router.post("/rules/versions/{rule}/end", response={200: VersionOut, **WRITE}, summary="End an own version")
def end(request: HttpRequest, rule: UUID, body: RuleEndIn) -> dict[str, Any]:
    """Drop a draft, or take an approved version back from today on: the wider area's or the shipped rule holds again."""
    return _out(services.local_rule_end(by=_actor(request), rule=rule, reason=body.reason))


def _out(row: LocalRule) -> dict[str, Any]:
    plain = ("id", "kind", "code", "division", "number", "state", "document", "note", "valid_from", "valid_to", "made_at",
             "decided_at", "ended_at", "reason")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain}, "version": version_name(row.division, row.number),
        "sha256": body_digest(row.body), "makers": [maker["name"] for maker in row.makers],
        "decided_by": row.decided_by["name"] if row.decided_by else None,
    }  # fmt: skip


def _outs(rows: Sequence[LocalRule]) -> list[dict[str, Any]]:
    less = overtaken(rows, clock.today())
    return [{**_out(row), "overtaken": less[row.pk].words.as_dict() if row.pk in less else None} for row in rows]


def _told(kind: str, read: Any) -> dict[str, Any]:
    return {"table": _table(read)} if kind == "grade" else {"clocks": _clocks(read)}


def _table(table: GradeTable) -> dict[str, Any]:
    plain = ("code", "version", "area", "mark", "doc_no", "valid_from", "valid_to", "floor")
    rows = [
        {"grade": row.code, "name": _grade(table, row.code), "bounds": [
            {"words": bound(one).as_dict(), "mark": one.mark or table.mark, "first_guess": one.first_guess} for one in row.any_of]}
        for row in table.rows
    ]  # fmt: skip
    said = {name: getattr(table, name).as_dict() for name in ("name", "issuer", "citation")}
    return {**{name: getattr(table, name) for name in plain}, **said, "rows": rows, "body": table_body(table)}


def _grade(table: GradeTable, code: str) -> dict[str, str]:
    return table.grade_names[code].as_dict() if code in table.grade_names else choices.name(choices.GRADES, code)


def _clocks(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    plain = ("code", "version", "area", "mark", "what", "form", "by", "to", "copies", "grades", "hazards", "start")
    return [
        {**{name: getattr(rule, name) for name in plain}, "text": rule.text.as_dict(), "basis": rule.basis.as_dict(),
         "limit": limit_words(rule.limit).as_dict()}
        for rule in rules
    ]  # fmt: skip
