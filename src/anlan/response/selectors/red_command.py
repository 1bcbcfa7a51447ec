"""What is red on site: people not out after a withdrawal, nobody in command, teams inside unasked, command unsigned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anlan.kernel.scope import Scope
from anlan.response.selectors.red import Red, red
from anlan.warning.selectors.frames import inside, rows

MOST = 200


@red("withdrawal", zh="撤离未清点完毕", en="Withdrawal: not everybody is out")
def withdrawals(scope: Scope, at: datetime) -> Iterator[Red]:
    """Withdrawals that run: not everybody is counted out."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.ordered_at, t.overdue_at, t.division, t.command_post_id, p.name_zh, p.name_en
FROM response_withdrawal t JOIN response_commandpost p ON p.id = t.command_post_id
WHERE t.state = 'open' AND {within} ORDER BY t.ordered_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        late_zh, late_en = ("，已超时", ", past its limit") if row["overdue_at"] else ("", "")
        yield Red(str(row["id"]), f"{row['name_zh']}：撤离人员未清点完毕{late_zh}",
                  f"{row['name_en']}: not everybody is counted out{late_en}", row["ordered_at"],
                  f"/response/command/{row['command_post_id']}", row["division"])  # fmt: skip


@red("command", zh="现场无人指挥", en="Nobody in command on site")
def without_commander(scope: Scope, at: datetime) -> Iterator[Red]:
    """On-site command posts that stand without anybody in command."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.set_up_at, t.division, t.name_zh, t.name_en FROM response_commandpost t WHERE t.state = 'active'
AND NOT EXISTS (SELECT 1 FROM response_commanderterm c WHERE c.command_post_id = t.id AND c.state = 'current')
AND {within} ORDER BY t.set_up_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), f"{row['name_zh']}尚无总指挥", f"{row['name_en']}: nobody is in command", row["set_up_at"],
                  f"/response/command/{row['id']}", row["division"])  # fmt: skip


@red("unasked", zh="队伍擅自进入", en="Teams in unasked")
def unasked(scope: Scope, at: datetime) -> Iterator[Red]:
    """Teams that went in without being accepted, about which nobody has decided."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.arrived_at, t.division, t.name, t.heads_inside, t.command_post_id FROM response_teamintake t
WHERE t.unasked AND t.heads_inside > 0 AND {within} ORDER BY t.arrived_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), f"{row['name']}未经接纳进入{row['heads_inside']}人",
                  f"{row['name']}: {row['heads_inside']} people in without being accepted", row["arrived_at"],
                  f"/response/command/{row['command_post_id']}", row["division"])  # fmt: skip
