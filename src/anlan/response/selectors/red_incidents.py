"""What is red about incidents and reports beside contradictions and breaches: what came in and nobody has decided or read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from anlan.kernel.scope import Scope
from anlan.response.models import CommandPost
from anlan.response.selectors.handing_over import requests_open
from anlan.response.selectors.red import Red, red
from anlan.warning.selectors.frames import inside, rows

MOST = 200
NOTICED = timedelta(minutes=15)


@red("intakes", zh="接报待处理", en="Reports to be decided")
def intakes(scope: Scope, at: datetime) -> Iterator[Red]:
    """What came in by any door and is neither an incident, nor joined to one, nor dismissed with a reason."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.received_at, t.division, t.place_words, t.what, d.name_zh, d.name_en FROM response_intake t
LEFT JOIN territory_division d ON d.code = t.division
WHERE t.state = 'new' AND {within} ORDER BY t.received_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        zh, en = (row["place_words"] or row[name] or row["division"] for name in ("name_zh", "name_en"))
        yield Red(str(row["id"]), f"{zh}：{row['what'][:80]}，未立事件、未并入、未说明", f"{en}: {row['what'][:80]}; not decided",
                  row["received_at"], f"/response/intakes/{row['id']}", row["division"])  # fmt: skip


@red("teams_waiting", zh="队伍接收待决定", en="Teams nobody has decided about")
def teams_waiting(scope: Scope, at: datetime) -> Iterator[Red]:
    """Teams registered at a standing command post, neither accepted, nor on hold, nor declined; those in unasked have an
    item of their own."""
    within, params = inside(scope, "t")
    sql = f"""SELECT t.id, t.registered_at, t.division, t.name, t.people, t.command_post_id FROM response_teamintake t
JOIN response_commandpost p ON p.id = t.command_post_id AND p.state = 'active'
WHERE t.decision = 'waiting' AND NOT (t.unasked AND t.heads_inside > 0) AND {within}
ORDER BY t.registered_at, t.id LIMIT {MOST}"""
    for row in rows(sql, params):
        yield Red(str(row["id"]), f"{row['name']}（{row['people']}人）已登记，未决定接纳、待命或婉拒",
                  f"{row['name']} ({row['people']} people) registered: not accepted, put on hold or declined",
                  row["registered_at"], f"/response/command/{row['command_post_id']}", row["division"])  # fmt: skip


@red("requests", zh="现场请求未答复", en="Requests from the site nobody answered")
def requests(scope: Scope, at: datetime) -> Iterator[Red]:
    """Requests in the logs of standing command posts that nothing answers: one item a post."""
    for post in scope.filter(CommandPost.objects.filter(state="active")).order_by("set_up_at", "id")[:MOST]:
        asked = requests_open(post)
        if asked:
            many = "s" if len(asked) > 1 else ""
            yield Red(str(post.pk), f"{post.name_zh}：{len(asked)}项请求未答复",
                      f"{post.name_en}: {len(asked)} request{many} without an answer", datetime.fromisoformat(asked[0]["at"]),
                      f"/response/command/{post.pk}", post.division)  # fmt: skip


@red("unread", zh="收到的报告未签收", en="Reports received, not acknowledged")
def unread(scope: Scope, at: datetime) -> Iterator[Red]:
    """Reports that have lain at the reader's own level for a quarter of an hour without anybody having taken notice."""
    sql = """SELECT t.level, count(*)::int AS n, min(t.received_at) AS since, min(d.name_zh) AS zh, min(d.name_en) AS en
FROM response_reportreceipt t JOIN territory_division d ON d.code = t.level
WHERE t.acknowledged_at IS NULL AND t.level = ANY(%s) AND t.received_at <= %s GROUP BY t.level ORDER BY 3, 1 LIMIT %s"""
    for row in rows(sql, [list(scope.prefixes), at - NOTICED, MOST]):
        yield Red(row["level"], f"{row['zh']}收到{row['n']}份报告未签收", f"{row['en']}: {row['n']} reports not acknowledged",
                  row["since"], "/response/reports#received", row["level"])  # fmt: skip
