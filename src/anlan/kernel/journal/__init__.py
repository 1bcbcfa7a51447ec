"""The journal: what happened, in order, provably (design §4).

`record` writes an event in the caller's transaction; the sealer chains committed events; `react` subscribes a later
stage; `verify`, `export` and `replay` prove and rebuild; `redact` destroys personal data in kept versions; `rows_at` reads
any table as it stood at a moment.
"""

from anlan.kernel.journal.asof import rows_at
from anlan.kernel.journal.event import KINDS, Event
from anlan.kernel.journal.reactor import EntryRow, react, run_once
from anlan.kernel.journal.record import record, record_many
from anlan.kernel.journal.redact import redact
from anlan.kernel.journal.seal import digest, head, seal
from anlan.kernel.journal.verify import Broken, verify

__all__ = [
    "KINDS",
    "Broken",
    "EntryRow",
    "Event",
    "digest",
    "head",
    "react",
    "record",
    "record_many",
    "redact",
    "rows_at",
    "run_once",
    "seal",
    "verify",
]
