"""The duty desk's own red items: holes ahead, people not come, a leader who must stay in, checks not answered, faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from anlan.kernel.scope import Scope
from anlan.response.choices_duty import DUTY_ROLES
from anlan.response.engine.duty_rules import stays_in
from anlan.response.formats.duty_rules import duty_rule
from anlan.response.selectors.red import Red, red
from anlan.warning.selectors.frames import inside, rows

DUTY = "/response/duty"
AHEAD = timedelta(hours=24)
MOST = 200


@red("duty_empty", zh="值班空岗", en="Nobody on the roster")
def empty(scope: Scope, at: datetime) -> Iterator[Red]:
    """Desks with a published roster that nobody is rostered at, now or when the present shift ends within a day."""
    within, params = inside(scope, "p")
    sql = f"""SELECT p.id, p.division, p.name_zh, p.name_en, max(s.ends_at) AS until
FROM response_rosteryear r JOIN territory_post p ON p.id = r.post_id LEFT JOIN response_rostershift s ON s.roster_id = r.id
WHERE r.state = 'published' AND {within} GROUP BY p.id, p.division, p.name_zh, p.name_en HAVING max(s.ends_at) < %s ORDER BY p.id LIMIT {MOST}"""
    for row in rows(sql, [*params, at + AHEAD]):
        over = row["until"] <= at
        zh, en = (
            ("值班表已到期，无人在册", "the roster has run out, nobody is rostered")
            if over
            else ("值班表24小时内到期", "the roster ends within 24 hours")
        )
        yield Red(
            str(row["id"]),
            f"{row['name_zh']}：{zh}",
            f"{row['name_en']}: {en}",
            row["until"],
            f"{DUTY}/roster",
            row["division"],
        )


@red("duty_absent", zh="未到岗", en="Not come on duty")
def absent(scope: Scope, at: datetime) -> Iterator[Red]:
    """People of the shift on now who have not checked in some minutes after it began; leaders who should stay in and don't."""
    rule = duty_rule()
    within, params = inside(scope, "s")
    sql = f"""SELECT s.id, s.starts_at, s.division, p.name_zh, p.name_en, x.role, d.whereabouts
FROM response_rostershift s JOIN response_rosteryear r ON r.id = s.roster_id AND r.state = 'published'
JOIN territory_post p ON p.id = r.post_id
CROSS JOIN LATERAL (VALUES ('leader', s.leader_id), ('main', s.main_id), ('second', s.second_id)) x(role, person)
LEFT JOIN response_dutypresence d ON d.shift_id = s.id AND d.role = x.role AND d.left_at IS NULL
WHERE s.starts_at <= %s AND s.ends_at > %s AND x.person IS NOT NULL AND (d.id IS NULL OR d.whereabouts = 'reachable')
  AND {within} ORDER BY s.starts_at, s.id, x.role LIMIT {MOST}"""
    responding = _responding()
    for row in rows(sql, [at - timedelta(minutes=rule.late_min), at, *params]):
        role = DUTY_ROLES[row["role"]]
        if row["whereabouts"] is None:
            zh, en = f"{role.zh}未到岗签到", f"{role.en.lower()} has not checked in"
        else:
            why = stays_in(rule.stay_in, row["division"], at, any(row["division"].startswith(a) for a in responding))
            if why is None:
                continue
            zh, en = f"{why.zh}，带班领导不在岗", f"the leader is out although {why.en}"
        yield Red(
            f"{row['id']}/{row['role']}",
            f"{row['name_zh']}：{zh}",
            f"{row['name_en']}: {en}",
            row["starts_at"],
            DUTY,
            row["division"],
        )


def _responding() -> list[str]:
    return [
        row["area"]
        for row in rows(
            "SELECT DISTINCT area FROM response_level WHERE until IS NULL AND track = 'main' ORDER BY area", []
        )
    ]


@red("duty_checks", zh="抽查未应答", en="Checks not answered")
def checks(scope: Scope, at: datetime) -> Iterator[Red]:
    """Random checks nobody has answered."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.asked_at, t.division, p.name_zh, p.name_en FROM response_dutycheck t JOIN territory_post p ON p.id = t.post_id
WHERE t.state = 'missed' AND {within} ORDER BY t.asked_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), f"{row['name_zh']}：抽查未应答", f"{row['name_en']}: a random check was not answered", row["asked_at"], DUTY,
                  row["division"])  # fmt: skip


@red("duty_standing", zh="指示未办、设备故障", en="Instructions and faults standing")
def standing(scope: Scope, at: datetime) -> Iterator[Red]:
    """Instructions not carried out and faults not mended, as the log has them."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.at, t.kind, t.content, t.division FROM response_dutylogentry t
WHERE t.kind IN ('instruction', 'fault') AND NOT EXISTS (SELECT 1 FROM response_dutylogentry s WHERE s.settles_id = t.id)
  AND {within} ORDER BY t.at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        zh, en = (
            ("指示未办结", "Instruction not carried out")
            if row["kind"] == "instruction"
            else ("设备故障未修复", "Fault not mended")
        )
        yield Red(
            str(row["id"]),
            f"{zh}：{row['content'][:80]}",
            f"{en}: {row['content'][:80]}",
            row["at"],
            f"{DUTY}#log",
            row["division"],
        )
