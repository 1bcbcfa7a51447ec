"""The roll-up of returns, in batches (逐级汇总): village → township → county → city → province, and where a level reports
otherwise than those below it add up to. Worked out after the reports are in; whoever files waits for nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record, record_many
from anlan.kernel.problem import Invalid, NotFound
from anlan.response.engine.rollup import differences
from anlan.response.events import ReturnsAgree, ReturnsDiffer, ReturnsExplained
from anlan.response.models import ReturnDifference, ReturnTotal
from anlan.warning.services.moment import pinned

PARENTS = (9, 6, 4, 2)
CHILD = {9: 12, 6: 9, 4: 6, 2: 4}

_OWN = """
INSERT INTO response_returntotal (disaster_id, division, own, own_seq, own_sent_at, reported, expected, sent_at)
SELECT DISTINCT ON (division) disaster_id, division, standing, seq, sent_at, 0, 0, sent_at
FROM response_report WHERE disaster_id = %s AND division = ANY(%s) ORDER BY division, seq DESC
ON CONFLICT (disaster_id, division) DO UPDATE SET own = excluded.own, own_seq = excluded.own_seq,
  own_sent_at = excluded.own_sent_at, sent_at = greatest(response_returntotal.sent_at, excluded.sent_at)
"""

# Each figure of a parent is the sum over its children, of the own figure where a child told it, else of the child's sum
# (`below`); by what was told furthest down where anything was (`raw`).
_SUMS = """
WITH child AS (
  SELECT left(division, %(n)s) AS parent, coalesce(below, '{}') || coalesce(own, '{}') AS told,
    coalesce(own, '{}') || coalesce(raw, '{}') AS raw, sent_at
  FROM response_returntotal
  WHERE disaster_id = %(disaster)s AND length(division) = %(child)s AND left(division, %(n)s) = ANY(%(parents)s)
), told AS (
  SELECT parent, key, sum(value::numeric) AS figure FROM child, jsonb_each_text(told) GROUP BY parent, key
), deep AS (
  SELECT parent, key, sum(value::numeric) AS figure FROM child, jsonb_each_text(raw) GROUP BY parent, key
), summed AS (
  SELECT c.parent, count(*) AS reported, max(c.sent_at) AS sent_at,
    (SELECT jsonb_object_agg(key, figure ORDER BY key) FROM told t WHERE t.parent = c.parent) AS below,
    (SELECT jsonb_object_agg(key, figure ORDER BY key) FROM deep d WHERE d.parent = c.parent) AS raw
  FROM child c GROUP BY c.parent
)
INSERT INTO response_returntotal (disaster_id, division, own_seq, below, raw, reported, expected, sent_at)
SELECT %(disaster)s, s.parent, 0, coalesce(s.below, '{}'), coalesce(s.raw, '{}'), s.reported,
  (SELECT count(*) FROM territory_division d WHERE d.parent_id = s.parent AND d.valid_to IS NULL), s.sent_at
FROM summed s ORDER BY s.parent
ON CONFLICT (disaster_id, division) DO UPDATE SET below = excluded.below, reported = excluded.reported,
  expected = excluded.expected, raw = excluded.raw,
  sent_at = greatest(response_returntotal.sent_at, excluded.sent_at)
"""


def rollup_run(*, by: Actor, disaster: UUID, divisions: Sequence[str], at: datetime) -> int:
    """Work out again what the latest reports of these divisions change, at each level above them up to the province.
    Return how many levels above now stand otherwise than those below. Runs in the order of the journal, one at a time.
    """
    touched = sorted(set(divisions))
    with pinned(at):
        with connection.cursor() as cursor:
            cursor.execute(_OWN, [disaster, touched])
            for length in PARENTS:
                parents = sorted({code[:length] for code in touched if len(code) > length})
                if parents:
                    values: dict[str, Any] = {
                        "n": length,
                        "child": CHILD[length],
                        "disaster": disaster,
                        "parents": parents,
                    }
                    cursor.execute(_SUMS, values)
        above = {code[:length] for code in touched for length in PARENTS if length <= len(code)}
        return _compared(by, disaster, sorted(above), at)


def _compared(by: Actor, disaster: UUID, divisions: Sequence[str], at: datetime) -> int:
    totals = ReturnTotal.objects.filter(
        disaster=disaster, division__in=divisions, own__isnull=False, below__isnull=False
    ).order_by("division")  # fmt: skip
    # Locked: who explains a difference in this moment is not written over.
    known = ReturnDifference.objects.select_for_update().filter(disaster=disaster, division__in=divisions)
    held = {row.division: row for row in known.order_by("division")}
    events: list[tuple[Any, dict[str, Any]]] = []
    count = 0
    for total in totals:
        found = {one.code: [one.own, one.below] for one in differences(total.own or {}, total.below or {})}
        row = held.get(total.division)
        count += bool(found)
        if row is None and not found:
            continue
        row = row or ReturnDifference(disaster_id=disaster, division=total.division, since=at, state="gone")
        if row.items == found:
            continue
        row.explained = {code: said for code, said in row.explained.items() if row.items.get(code) == found.get(code)}
        if row.state == "gone":
            row.since = at
        row.items = found
        row.state = "gone" if not found else "explained" if set(found) <= set(row.explained) else "open"
        row.save()
        event = (
            ReturnsDiffer(difference=str(row.pk), disaster=str(disaster), items=found)
            if found else ReturnsAgree(difference=str(row.pk), disaster=str(disaster))
        )  # fmt: skip
        events.append((event, {"by": by, "about": f"disaster:{disaster}", "division": total.division, "at": at}))
    record_many(events)
    return count


def difference_explain(
    *, by: Actor, disaster: UUID, division: str, words: dict[str, str], at: datetime | None = None
) -> ReturnDifference:
    """Say, figure by figure, why a level's own figure is another than the sum below. It stands until either changes.

    Raises Forbidden, NotFound (no difference there), Invalid (a figure that doesn't differ, no words).
    """
    at = at or clock.now()
    by.must("report.file", division)
    with pinned(at):
        row = ReturnDifference.objects.select_for_update().filter(disaster=disaster, division=division).first()
        if row is None or row.state == "gone":
            raise NotFound(code="returns.agree", zh="这里没有上下级差异。", en="There is no difference here.",
                           field="division", value=division)  # fmt: skip
        said = {code: text.strip() for code, text in words.items() if text.strip()}
        strange = sorted(set(said) - set(row.items))
        if not said or strange:
            raise Invalid(code="returns.words", zh="请对有差异的数字逐项写明原因。",
                          en="Give a reason for each figure that differs.", field=strange[0] if strange else "words",
                          value=strange[0] if strange else "")  # fmt: skip
        row.explained = {**row.explained, **{
            code: {"words": text, "by": by.name, "at": at.isoformat()} for code, text in said.items()
        }}  # fmt: skip
        if set(row.items) <= set(row.explained):
            row.state = "explained"
        row.save(update_fields=["explained", "state"])
        event = ReturnsExplained(difference=str(row.pk), disaster=str(disaster), figures=sorted(said),
                                 words="；".join(said[code] for code in sorted(said)))  # fmt: skip
        record(event, by=by, about=f"disaster:{disaster}", division=division, at=at)
    return row
