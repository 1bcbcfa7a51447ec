"""Who is to be called by hand for a warning: for the printed list."""

from __future__ import annotations

from uuid import UUID

from anlan.warning import choices
from anlan.warning.formats.call_list import Row
from anlan.warning.selectors.frames import rows

_CALLED = """
SELECT coalesce(d.name_zh, c.division) AS place, t.name_zh AS post, p.name, p.phone, c.holder, c.state
FROM warning_call c
JOIN LATERAL jsonb_array_elements(c.route -> c.step::int -> 'contacts') AS k ON true
JOIN territory_person p ON p.id = (k ->> 3)::uuid
JOIN territory_post t ON t.id = (k ->> 0)::uuid
LEFT JOIN territory_division d ON d.code = c.division
WHERE c.warning_id = %s ORDER BY c.division, t.code, p.name, p.id
"""


def call_list(warning: UUID) -> list[Row]:
    """Everybody a warning calls at the step each call has reached, by division. Telephones in full: it is for calling.

    For the senders, which write it into the node's own folder; no page shows it.
    """
    return [
        Row(
            row["place"], row["post"], row["name"], row["phone"],
            choices.name(choices.HOLDERS, row["holder"])["zh"], choices.name(choices.CALL_STATES, row["state"])["zh"],
        )
        for row in rows(_CALLED, [warning])
    ]  # fmt: skip
