"""The command log and the register of teams as files and as a page to print; labels in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.monitoring.pages.files import local, table_file
from anlan.response import choices, choices_command
from anlan.response.models import CommandPost
from anlan.response.selectors.command_logs import log_whole
from anlan.response.selectors.command_page import command_post_get, post_teams
from anlan.territory.pages.access import actor, signed_in

_T, _N = pa.string(), pa.int64()
LOG = (
    ("序 No.", _N), ("发生时间 At", _T), ("记录时间 Recorded", _T), ("补录 Late", _T), ("类别 Kind (zh)", _T), ("类别 Kind (en)", _T),
    ("自 From", _T), ("至 To", _T), ("渠道 Channel (zh)", _T), ("渠道 Channel (en)", _T), ("内容 Content", _T),
    ("答复第 Answers no.", _N), ("更正第 Corrects no.", _N), ("已更正于第 Corrected by no.", _N), ("记录人 By", _T), ("关联 About", _T),
)  # fmt: skip
TEAMS = (
    ("号 No.", _N), ("队伍 Team", _T), ("类型 Kind (zh)", _T), ("类型 Kind (en)", _T), ("单位 Organisation", _T), ("负责人 Leader", _T),
    ("电话（脱敏）Telephone (masked)", _T), ("人数 People", _N), ("车辆 Vehicles", _N), ("装备 Equipment", _T),
    ("决定 Decision (zh)", _T), ("决定 Decision (en)", _T), ("理由 Reason", _T), ("工作组 Group", _T), ("区域 Area", _T),
    ("场内 Inside", _N), ("登记 Registered", _T), ("到场 Arrived", _T), ("离场 Left", _T),
)  # fmt: skip


@require_GET
@signed_in
def log_page(request: HttpRequest, post: UUID) -> HttpResponse:
    """The whole command log in order, to be read and printed."""
    who = actor(request)
    row = command_post_get(who.scope, post)
    entries = log_whole(who.scope, row)
    context = {"nav": "response", "row": row, "entries": entries, "now": clock.now()}
    return render(request, "response/command_log.html", context)


@require_GET
@signed_in
def log_file(request: HttpRequest, post: UUID, form: str) -> HttpResponseBase:
    """The whole command log as CSV, Excel or JSON."""
    who = actor(request)
    row = command_post_get(who.scope, post)
    entries = log_whole(who.scope, row)
    if form == "json":
        return _json(row, entries)
    return table_file(who, form, f"指挥日志-{row.name_zh}"[:60], LOG, [_line(entry) for entry in entries])


def _json(row: CommandPost, entries: list[dict[str, Any]]) -> HttpResponse:
    body = {
        "command_post": str(row.pk), "name": {"zh": row.name_zh, "en": row.name_en}, "division": row.division,
        "incident": str(row.incident_id) if row.incident_id else None, "taken_at": local(clock.now()), "entries": entries,
    }  # fmt: skip
    answer = HttpResponse(orjson.dumps(body, option=orjson.OPT_INDENT_2), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="command-log-{row.pk}.json"'
    return answer


def _line(entry: dict[str, Any]) -> list[Any]:
    kind = choices.name(choices_command.LOG_KINDS, entry["kind"])
    channel = choices.name(choices_command.LOG_CHANNELS, entry["channel"])
    return [
        entry["number"], _local(entry["at"]), _local(entry["recorded_at"]), "补录 late" if entry["late"] else "", kind["zh"],
        kind["en"], entry["sender"], entry["receiver"], channel["zh"], channel["en"], entry["text"], entry["answers_number"],
        entry["corrects_number"], entry["corrected_by"], entry["by"], entry["about"],
    ]  # fmt: skip


@require_GET
@signed_in
def teams_file(request: HttpRequest, post: UUID, form: str) -> HttpResponseBase:
    """The register of teams as CSV or Excel, telephones masked."""
    who = actor(request)
    row = command_post_get(who.scope, post)
    lines = [_team(team) for team in sorted(post_teams(who.scope, row), key=lambda one: one["number"])]
    return table_file(who, form, f"力量登记-{row.name_zh}"[:60], TEAMS, lines)


def _team(team: dict[str, Any]) -> list[Any]:
    kind = choices.name(choices_command.TEAM_KINDS, team["kind"])
    decision = choices.name(choices_command.TEAM_DECISIONS, team["decision"])
    group = team["group"]["zh"] if team["group"] else ""
    return [
        team["number"], team["name"], kind["zh"], kind["en"], team["organisation"], team["leader"], team["contact"],
        team["people"], team["vehicles"], team["equipment"], decision["zh"], decision["en"], team["reason"], group,
        team["area"], team["inside"], _local(team["registered_at"]), _local(team["arrived_at"]), _local(team["left_at"]),
    ]  # fmt: skip


def _local(at: str | None) -> str | None:
    return local(datetime.fromisoformat(at)) if at else None


urlpatterns = [
    path("command/<uuid:post>/log", log_page, name="command-log"),
    path("command/<uuid:post>/log.<str:form>", log_file, name="command-log-file"),
    path("command/<uuid:post>/teams.<str:form>", teams_file, name="command-teams-file"),
]
