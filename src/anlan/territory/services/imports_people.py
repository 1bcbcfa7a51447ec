"""Appointments that a file of people brings: who holds which post as A or B from the day of the import.

A person may stand in several rows, one for each post. The pairs lie in a staging table of their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from anlan.kernel import clock
from anlan.territory.models import Import
from anlan.territory.services.imports_stage import stage_name


def pairs_name(batch: Import) -> str:
    """Return the staging table of an import's appointments."""
    return f"{stage_name(batch.pk)}_held"


def pairs_stage(batch: Import) -> list[tuple[int, str, str]]:
    """Set the pairs of person and post apart; return (row, key, fault code) of those that can't be: a post claimed by
    two, or outside the importer's area. They are taken out, rows and pairs."""
    stage, held = stage_name(batch.pk), pairs_name(batch)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {held}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {held} AS SELECT row, key, post_id, coalesce(holder, 'A') AS holder FROM {stage}"
            " WHERE post_id IS NOT NULL"
        )
        cursor.execute(
            f"SELECT h.row, h.key, CASE WHEN f.row IS NULL THEN 'appointment.outside' ELSE 'appointment.twice' END"
            f" FROM {held} h JOIN territory_post p ON p.id = h.post_id"
            f" LEFT JOIN LATERAL (SELECT min(o.row) AS row FROM {held} o WHERE o.post_id = h.post_id"
            f" AND o.holder = h.holder AND o.row < h.row AND o.key <> h.key HAVING min(o.row) IS NOT NULL) f ON true"
            " WHERE f.row IS NOT NULL OR NOT (p.division ^@ ANY(%s)) ORDER BY h.row",
            [batch.scope],
        )
        found: list[tuple[int, str, str]] = cursor.fetchall()
        if found:
            rows = [row for row, _, _ in found]
            cursor.execute(f"DELETE FROM {held} WHERE row = ANY(%s)", [rows])
            cursor.execute(f"DELETE FROM {stage} WHERE row = ANY(%s)", [rows])
    return found


def appointments_make(batch: Import, at: datetime) -> int:
    """Appoint the people of a file to the posts it names, ending who held them till now; return how many were made."""
    held = pairs_name(batch)
    values: dict[str, Any] = {"day": at.astimezone(clock.BEIJING).date()}
    wanted = (
        f"SELECT DISTINCT ON (h.post_id, h.holder) h.post_id, h.holder, n.id AS person, p.division FROM {held} h"
        " JOIN territory_person n ON n.code = h.key JOIN territory_post p ON p.id = h.post_id"
        " ORDER BY h.post_id, h.holder, h.row"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [held])
        if cursor.fetchone()[0] is None:
            return 0
        cursor.execute(
            "CREATE TEMP TABLE import_held ON COMMIT DROP AS SELECT w.* FROM"
            f" ({wanted}) w LEFT JOIN territory_appointment a ON a.post_id = w.post_id AND a.holder = w.holder"
            " AND a.valid_to IS NULL WHERE a.person_id IS DISTINCT FROM w.person"
        )
        cursor.execute(
            "UPDATE territory_appointment a SET valid_to = greatest(a.valid_from, %(day)s::date) FROM import_held w"
            " WHERE a.post_id = w.post_id AND a.holder = w.holder AND a.valid_to IS NULL",
            values,
        )
        cursor.execute(
            "INSERT INTO territory_appointment (id, post_id, person_id, holder, valid_from, valid_to, division)"
            " SELECT gen_random_uuid(), post_id, person, holder, %(day)s, NULL, division FROM import_held",
            values,
        )
        return int(cursor.rowcount)
