"""What one shift hands over to the next: open incidents and tasks, calls without an answer, reports due, faults, instructions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel.scope import Scope
from anlan.response.selectors.red_sources import calls
from anlan.warning.selectors.frames import inside, rows, stamp

Json = dict[str, Any]
MOST = 100
SOON = timedelta(hours=24)


def handover_lists(scope: Scope, post: UUID, at: datetime) -> dict[str, Json]:
    """Return list → {total, items: [{id, zh, en, since, link}]}, at most 100 items each, the most urgent first.

    incidents: open; tasks: open, the first due on top; calls: warnings with people who have not answered; reports: due
    within a day; instructions and faults of this desk's log that nothing settles."""
    within, params = inside(scope, "t")
    incidents = f"""SELECT t.id::text, t.title_zh AS zh, t.title_en AS en, t.opened_at AS since,
  '/response/incidents/' || t.id AS link, count(*) OVER () AS total
FROM response_incident t WHERE t.state = 'open' AND {within} ORDER BY t.opened_at DESC, t.id LIMIT {MOST}"""
    tasks = f"""SELECT t.id::text, t.text_zh || '（' || p.name_zh || '）' AS zh, t.text_en || ' (' || p.name_en || ')' AS en,
  t.due_at AS since, '/response/tasks/' || t.id AS link, count(*) OVER () AS total
FROM response_task t JOIN territory_post p ON p.id = t.owner_post_id
WHERE t.state IN ('issued', 'received', 'overdue') AND t.track = 'main' AND {within} ORDER BY t.due_at, t.id LIMIT {MOST}"""
    reports = f"""SELECT t.id::text, coalesce(d.name_zh, t.division) || '：下次报告' AS zh,
  coalesce(d.name_en, t.division) || ': next report' AS en, t.next_due_at AS since, '/response/reports' AS link,
  count(*) OVER () AS total
FROM response_reportduty t LEFT JOIN territory_division d ON d.code = t.division
WHERE t.next_due_at <= %s AND {within} ORDER BY t.next_due_at, t.id LIMIT {MOST}"""
    found = {
        "incidents": _list(rows(incidents, params)),
        "tasks": _list(rows(tasks, params)),
        "calls": _calls(scope, at),
        "reports": _list(rows(reports, [at + SOON, *params])),
    }
    standing = rows(
        f"""SELECT t.id::text, t.kind, t.content AS zh, t.content AS en, t.at AS since, '/response/duty#log' AS link,
  count(*) OVER (PARTITION BY t.kind) AS total FROM response_dutylogentry t
WHERE t.post_id = %s AND t.kind IN ('instruction', 'fault')
  AND NOT EXISTS (SELECT 1 FROM response_dutylogentry s WHERE s.settles_id = t.id) ORDER BY t.at, t.id LIMIT {2 * MOST}""",
        [post],
    )
    for name, kind in (("instructions", "instruction"), ("faults", "fault")):
        found[name] = _list([row for row in standing if row["kind"] == kind])
    return found


def _calls(scope: Scope, at: datetime) -> Json:
    items = [
        {"id": item.id, "zh": item.zh, "en": item.en, "since": stamp(item.since), "link": item.link}
        for item in calls(scope, at)
    ]
    return {"total": len(items), "items": items}


def _list(found: list[Json]) -> Json:
    keys = ("id", "zh", "en", "link")
    return {
        "total": found[0]["total"] if found else 0,
        "items": [{**{key: row[key] for key in keys}, "since": stamp(row["since"])} for row in found],
    }
