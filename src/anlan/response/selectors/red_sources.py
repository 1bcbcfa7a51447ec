"""The red items that stand already: calls, decisions, tasks, reports, contradictions, after-checks, channels, command, villages.

Each source is one query inside the scope; those of the duty desk itself are in `red_duty`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from anlan.kernel.scope import Scope
from anlan.response.selectors.red import Red, red
from anlan.warning import choices as warning_choices
from anlan.warning.selectors.boards import missing_channels
from anlan.warning.selectors.drafts import after_checks_owed
from anlan.warning.selectors.frames import chain, counts_sql, inside, rows

ROMAN = {0: "–", 1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
MOST = 200


def _colour(code: str) -> tuple[str, str]:
    name = warning_choices.name(warning_choices.COLOURS, code)
    return name["zh"], name["en"].lower()


@red("calls", zh="叫应未应答", en="Calls nobody answered")
def calls(scope: Scope, at: datetime) -> Iterator[Red]:
    """Warnings in force with people who have not answered: one item a warning."""
    within, params = inside(scope, "k")
    item, more = counts_sql(
        scope, None, f"k.warning_id IN (SELECT id FROM warning_warning WHERE state = 'in_force') AND {within}"
    )
    sql = f"""SELECT w.id, w.number, w.colour, w.division, min(c.first_placed_at) AS since, sum(c.n)::int AS n,
  coalesce(sum(c.n) FILTER (WHERE c.state = 'exhausted'), 0)::int AS lost
FROM {item} c JOIN warning_warning w ON w.id = c.warning_id WHERE c.state IN ('placed', 'escalated', 'exhausted')
GROUP BY w.id, w.number, w.colour, w.division HAVING sum(c.n) > 0 ORDER BY w.id LIMIT {MOST}"""
    for row in rows(sql, [*params, *more]):
        zh, en = _colour(row["colour"])
        lost_zh = f"，其中{row['lost']}人已无人可转" if row["lost"] else ""
        lost_en = f", {row['lost']} of them with nobody left to call" if row["lost"] else ""
        yield Red(
            str(row["id"]), f"{zh}预警{row['number']}：{row['n']}人未应答{lost_zh}",
            f"{en.capitalize()} warning {row['number']}: {row['n']} have not answered{lost_en}", row["since"],
            f"/warnings/{row['id']}", row["division"],
        )  # fmt: skip


@red("help", zh="请求支援", en="Asking for help")
def help_asked(scope: Scope, at: datetime) -> Iterator[Red]:
    """Requests for help nobody has taken."""
    within, params = inside(scope, "h")
    sql = f"""SELECT h.id, h.warning_id, h.asked_at, h.division, t.name_zh, t.name_en FROM warning_help h
JOIN warning_call c ON c.id = h.call_id JOIN territory_post t ON t.id = c.post_id
WHERE h.state = 'open' AND {within} ORDER BY h.asked_at, h.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), f"{row['name_zh']}请求支援，无人受理", f"{row['name_en']} asks for help; nobody has taken it",
                  row["asked_at"], f"/warnings/{row['warning_id']}#board-help", row["division"])  # fmt: skip


@red("proposals", zh="响应建议待决定", en="Decisions waited for")
def proposals(scope: Scope, at: datetime) -> Iterator[Red]:
    """Level proposals nobody has decided, those past their limit said so."""
    within, params = chain(scope, "t")
    sql = f"""SELECT t.id, t.level, t.opened_at, t.due_at, t.escalations, t.division, p.name_zh, p.name_en FROM response_levelproposal t
JOIN response_plan p ON p.id = t.plan_id WHERE t.state = 'open' AND t.track = 'main' AND {within} ORDER BY t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        level, late = ROMAN[row["level"]], row["due_at"] < at
        zh = f"{row['name_zh']}：{level}级建议" if row["level"] else f"{row['name_zh']}：终止响应建议"
        en = f"{row['name_en']}: level {level} proposed" if row["level"] else f"{row['name_en']}: end proposed"
        yield Red(str(row["id"]), zh + ("超时未决定" if late else "待决定"), en + (", past its limit" if late else ", not decided"),
                  row["opened_at"], "/response", row["division"])  # fmt: skip


@red("tasks", zh="任务超时", en="Tasks overdue")
def tasks(scope: Scope, at: datetime) -> Iterator[Red]:
    """Overdue tasks, one item for each order or plan's task, with how many have not done it."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.code, coalesce(t.level_id::text, t.incident_id::text, t.plan_id::text, '') AS whose, min(t.due_at) AS since,
  count(*)::int AS n, min(t.division) AS division, min(t.text_zh) AS zh, min(t.text_en) AS en
FROM response_task t WHERE t.state = 'overdue' AND t.track = 'main' AND {within} GROUP BY 1, 2 ORDER BY 3, 1, 2 LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(f"{row['whose']}/{row['code']}", f"{row['zh'][:60]}：{row['n']}个岗位超时未办结",
                  f"{row['en'][:90]}: {row['n']} posts are late", row["since"], "/response#tasks", row["division"])  # fmt: skip


@red("reports", zh="漏报迟报", en="Reports missing")
def reports(scope: Scope, at: datetime) -> Iterator[Red]:
    """Reports that were not sent by their time, one item a division."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.division, min(t.due_at) AS since, count(*)::int AS n, min(d.name_zh) AS zh, min(d.name_en) AS en
FROM response_reportbreach t LEFT JOIN territory_division d ON d.code = t.division
WHERE t.made_good_at IS NULL AND {within} GROUP BY t.division ORDER BY 2, 1 LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(row["division"], f"{row['zh'] or row['division']}：{row['n']}次报告未按时报送",
                  f"{row['en'] or row['division']}: {row['n']} reports were not sent in time", row["since"],
                  "/response/reports", row["division"])  # fmt: skip


@red("contradictions", zh="说法矛盾未核实", en="Contradictions not verified")
def contradictions(scope: Scope, at: datetime) -> Iterator[Red]:
    """Open incidents about which contradictory statements stand side by side."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.title_zh, t.title_en, t.division, min(c.said_at) AS since FROM response_incident t
JOIN response_claim c ON c.incident_id = t.id AND c.contradicted AND c.state = 'unverified'
WHERE t.state = 'open' AND t.contradicted AND {within} GROUP BY t.id, t.title_zh, t.title_en, t.division ORDER BY t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), f"{row['title_zh']}：说法互相矛盾，尚未核实", f"{row['title_en']}: statements contradict, not verified",
                  row["since"], f"/response/incidents/{row['id']}", row["division"])  # fmt: skip


@red("after_checks", zh="事后复核未办", en="After-checks owed")
def after_checks(scope: Scope, at: datetime) -> Iterator[Red]:
    """Warnings issued urgently that nobody has checked since."""
    for row in after_checks_owed(scope):
        yield Red(str(row["draft"]), f"{row['number']}紧急发布，事后复核未办" + ("，已超时" if row["late"] else ""),
                  f"{row['number']} was issued unchecked; the after-check is owed" + (" and late" if row["late"] else ""),
                  row["issued_at"], f"/warnings/{row['warning']}")  # fmt: skip


@red("channels", zh="渠道缺失", en="Channels missing")
def channels(scope: Scope, at: datetime) -> Iterator[Red]:
    """Warnings in force for which a required channel was not used."""
    standing = {
        str(row["id"]) for row in rows("SELECT id FROM warning_warning WHERE state = 'in_force' ORDER BY id", [])
    }
    for row in missing_channels(scope):
        if row["warning"] in standing:
            yield Red(f"{row['warning']}/{row['channel']}", f"{row['number']}：规定的渠道“{row['name']['zh']}”未使用",
                      f"{row['number']}: the required channel “{row['name']['en']}” was not used",
                      datetime.fromisoformat(row["at"]), f"/warnings/{row['warning']}")  # fmt: skip


@red("ways", zh="发布渠道中断", en="Ways out down")
def ways(scope: Scope, at: datetime) -> Iterator[Red]:
    """Gateways by which warnings go out that are down."""
    within, params = chain(scope, "c")
    sql = f"""SELECT c.code, c.name_zh, c.name_en, c.division, h.state_at FROM warning_channel_health h
JOIN warning_channel_setting c ON c.id = h.setting_id WHERE c.enabled AND h.state = 'down' AND {within} ORDER BY c.code LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(
            row["code"],
            f"{row['name_zh']}中断",
            f"{row['name_en']} is down",
            row["state_at"],
            "/warning/ways",
            row["division"],
        )


@red("incidents", zh="须立即处置", en="To be dealt with at once")
def alarms(scope: Scope, at: datetime) -> Iterator[Red]:
    """The command post unattended, and places lost under red rain."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.kind, t.title_zh, t.title_en, t.opened_at, t.division FROM response_incident t
WHERE t.state = 'open' AND t.kind IN ('command_unattended', 'contact_lost') AND {within} ORDER BY t.opened_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), row["title_zh"], row["title_en"], row["opened_at"], f"/response/incidents/{row['id']}",
                  row["division"])  # fmt: skip


@red("stoplines", zh="越线未处置", en="Stop-lines crossed, no act reported")
def stoplines(scope: Scope, at: datetime) -> Iterator[Red]:
    """Places where the water crossed the stop-line and nobody has reported the act."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.crossed_at, t.division, p.name_zh, p.name_en FROM response_stopline t JOIN territory_place p ON p.id = t.place_id
WHERE t.state = 'crossed' AND {within} ORDER BY t.crossed_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), f"{row['name_zh']}已越停止线，未报处置", f"{row['name_en']}: over the stop-line, no act reported",
                  row["crossed_at"], "/response", row["division"])  # fmt: skip


@red("levels", zh="响应级别不一致", en="Levels differ")
def mismatches(scope: Scope, at: datetime) -> Iterator[Red]:
    """Linked command bodies that stand at different levels, neither adopted nor refused."""
    within, params = chain(scope, "t")
    sql = f"""SELECT t.id, t.opened_at, t.division, t.lead_level, t.body_level, b.name_zh, b.name_en FROM response_mismatch t
JOIN response_commandbody b ON b.id = t.body_id WHERE t.state = 'open' AND t.track = 'main' AND {within} ORDER BY t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        lead, own = ROMAN[row["lead_level"]], ROMAN[row["body_level"]]
        yield Red(str(row["id"]), f"{row['name_zh']}为{own}级，上级为{lead}级，未跟进也未说明",
                  f"{row['name_en']} stands at {own}, its lead at {lead}: neither adopted nor refused", row["opened_at"],
                  "/response", row["division"])  # fmt: skip


@red("reminders", zh="红色预警未启动响应", en="Warned, no response started")
def reminded(scope: Scope, at: datetime) -> Iterator[Red]:
    """Counties reminded of a grave warning that have started nothing."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.since, t.times, t.division, d.name_zh, d.name_en FROM response_reminder t
LEFT JOIN territory_division d ON d.code = t.division WHERE t.settled IN ('', 'most') AND t.times > 0 AND t.warning_id IN
  (SELECT id FROM warning_warning WHERE state = 'in_force') AND {within} ORDER BY t.since, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        zh, en = row["name_zh"] or row["division"], row["name_en"] or row["division"]
        yield Red(str(row["id"]), f"{zh}在预警下未启动响应，已督促{row['times']}次",
                  f"{en} has started no response under its warning, reminded {_times(row['times'])}", row["since"], "/response",
                  row["division"])  # fmt: skip


def _times(number: Any) -> str:
    return "once" if number == 1 else f"{number} times"
