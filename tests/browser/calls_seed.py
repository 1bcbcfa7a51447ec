"""Lays many calls over the small storm of `seed`: its own calls again and again, none answered. Run as a program.

ANLAN_CALLS says how many.
"""

from __future__ import annotations

import os

import django

django.setup()

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.kernel.journal import record, seal

MANY = int(os.environ.get("ANLAN_CALLS", "12000"))
_COPY = """
INSERT INTO warning_call (id, division, warning_id, post_id, person_id, place_id, role, level, place_kind, reason,
  channels, route, step, holder, state, first_placed_at, placed_at, due_at, attempts, answered_holder, late_s, answers)
SELECT gen_random_uuid(), c.division, c.warning_id, c.post_id, NULL, c.place_id, c.role, c.level, c.place_kind, c.reason,
  c.channels, c.route, 0, 'A', 'placed', c.first_placed_at, %s, %s + interval '20 minutes' + c.m * interval '1 second',
  jsonb_build_array(c.attempts -> 0), '', 0, '[]'
FROM (SELECT k.*, n.m FROM generate_series(1, 2000) AS n(m) CROSS JOIN (SELECT * FROM warning_call
  WHERE route <> '[]' ORDER BY id) k LIMIT %s) c
"""


def main() -> None:
    """Fill the table in one statement, and tell the journal."""
    follow_clock()
    from anlan.warning.events import CallsPlaced
    from anlan.warning.models import Call, Warning

    warning = Warning.objects.get()
    with transaction.atomic(), connection.cursor() as cursor:
        more = MANY - Call.objects.count()
        cursor.execute(_COPY, [clock.now(), clock.now(), more])
        event = CallsPlaced(
            warning=str(warning.pk), count=more, sha256="", step=0, levels={}, unmanned=0, ladder="test"
        )
        record(event, by=Actor.system("test"), about=f"warning:{warning.pk}", division=warning.division)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE warning_call")
        cursor.execute("ANALYZE warning_call_tally")
    seal()


if __name__ == "__main__":
    main()
