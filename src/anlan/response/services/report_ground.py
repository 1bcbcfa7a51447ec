"""What a report is held against, in one question: reports come by the thousand in one minute, each in a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from anlan.kernel.asking import bound
from anlan.response.engine.casualty import LIVE_STATES, Entry, doubles, totals
from anlan.response.engine.return_checks import Ledger

# The subject stands in the statement as a column or as null: an index is of no use to IS NOT DISTINCT FROM.
_ASKED: Final = """
SELECT
 (SELECT coalesce(json_agg(json_build_array(seq, standing, figures) ORDER BY seq DESC), '[]')
  FROM (SELECT seq, standing, figures FROM response_report
        WHERE division = %(division)s AND {report} ORDER BY seq DESC LIMIT 2) last),
 (SELECT id FROM response_report WHERE division = %(division)s AND ref = %(ref)s AND ref <> ''),
 (SELECT coalesce(json_agg(json_build_array(kind, label, state, place, known) ORDER BY id), '[]')
  FROM response_casualtyentry WHERE division LIKE %(inside)s AND {entry}),
 (SELECT below::json FROM response_returntotal WHERE disaster_id = %(disaster)s::uuid AND division = %(division)s),
 EXISTS (SELECT 1 FROM response_reportduty WHERE division = %(division)s AND ended_at IS NULL AND ({duty}))
"""
_DAILY: Final = "plan_code > '' AND incident_id IS NULL AND disaster_id IS NULL"
_INCIDENT, _DISASTER = "incident_id = %(incident)s::uuid", "disaster_id = %(disaster)s::uuid"


@dataclass(frozen=True)
class Earlier:
    """A report that was sent before: its number, the figures that held after it, those it told."""

    seq: int
    standing: dict[str, float]
    figures: dict[str, float]

    @property
    def stood(self) -> dict[str, float]:
        """The figures that held: of reports sent before standing figures were kept, those they told."""
        return self.standing or self.figures


@dataclass(frozen=True)
class Ground:
    """before: the division's last two reports about the same thing, the later first; again: the report that was taken
    with this key before; ledger: what is known of persons, whoever entered them; below: the sum below, if any told
    something; owed: whether anything may be met by a report about this."""

    before: tuple[Earlier, ...]
    again: UUID | None
    ledger: Ledger
    below: dict[str, float]
    owed: bool

    @property
    def stood(self) -> dict[str, float]:
        """The figures that held until now."""
        return self.before[0].stood if self.before else {}


def ground_read(division: str, *, incident: UUID | None, disaster: UUID | None, ref: str = "") -> Ground:
    """Read what a report of `division` about an incident, a disaster or neither is held against."""
    values = {"division": division, "inside": f"{division}%", "incident": incident, "disaster": disaster, "ref": ref}
    with bound() as cursor:
        row: Any = cursor.execute(
            _STATEMENTS[incident is not None, disaster is not None], values, prepare=True
        ).fetchone()
    before, again, entries, below, owed = row
    named = [(label, place) for _, label, state, place, known in entries if known and state in LIVE_STATES]
    ledger = Ledger(totals([Entry(*entry[:3]) for entry in entries]), doubles(named))
    return Ground(tuple(Earlier(*one) for one in before), again, ledger, below or {}, owed)


def _statement(incident: bool, disaster: bool) -> str:
    report = " AND ".join(
        (_INCIDENT if incident else "incident_id IS NULL", _DISASTER if disaster else "disaster_id IS NULL")
    )
    duty = " OR ".join([f"({_DAILY})"] + [_INCIDENT] * incident + [_DISASTER] * disaster)
    return _ASKED.format(report=report, entry=_INCIDENT if incident else _DISASTER if disaster else "true", duty=duty)


_STATEMENTS: Final = {(a, b): _statement(a, b) for a in (False, True) for b in (False, True)}
