"""Who may see what: a scope is a set of division-code prefixes (law 9).

`covers` looks down the tree (what lies inside); `sees` also looks up (what was decided above and binds here). The
same rule is enforced again by the database: `token()` is a signed statement of the scope which row-level security
verifies, so that neither a forgotten filter nor SQL typed as the web's role reads another county's rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

LEVEL_LENGTHS = (0, 2, 4, 6, 9, 12)


@dataclass(frozen=True)
class Scope:
    """Division prefixes a reader may see; `("",)` is everything, `()` is nothing."""

    prefixes: tuple[str, ...] = ()

    @classmethod
    def whole(cls) -> Scope:
        """Return the scope of the system itself."""
        return cls(("",))

    def covers(self, code: str) -> bool:
        """Is `code` inside this scope?"""
        return any(code.startswith(prefix) for prefix in self.prefixes)

    def sees(self, code: str) -> bool:
        """Is `code` inside this scope, or above it?"""
        return self.covers(code) or code in self.ancestors()

    def ancestors(self) -> tuple[str, ...]:
        """Return the codes above the prefixes, the prefixes themselves included."""
        found = {prefix[:length] for prefix in self.prefixes for length in LEVEL_LENGTHS if length <= len(prefix)}
        return tuple(sorted(found | set(self.prefixes)))

    def filter(self, rows: QuerySet[Any], field: str = "division") -> QuerySet[Any]:
        """Keep the rows inside this scope."""
        if "" in self.prefixes:
            return rows
        return rows.filter(self._inside(field))

    def filter_chain(self, rows: QuerySet[Any], field: str = "division") -> QuerySet[Any]:
        """Keep the rows inside this scope and those of the divisions above it."""
        if "" in self.prefixes:
            return rows
        return rows.filter(self._inside(field) | Q(**{f"{field}__in": self.ancestors()}))

    def _inside(self, field: str) -> Q:
        inside = Q(pk__in=[])
        for prefix in self.prefixes:
            inside |= Q(**{f"{field}__startswith": prefix})
        return inside

    def token(self, key: str) -> str:
        """Return the signed statement the database verifies: `41,4101:hex`."""
        body = ",".join(self.prefixes) if self.prefixes else "-"
        inner = hashlib.sha256(key.encode() + body.encode()).digest()
        return body + ":" + hashlib.sha256(key.encode() + inner).hexdigest()


def activate(scope: Scope, key: str) -> None:
    """Tell the database session which scope its reads and writes have from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.scope', %s, false)", [scope.token(key)])


@contextmanager
def lent(scope: Scope, key: str) -> Iterator[None]:
    """Read with another scope inside the block, then with the session's own again.

    For what everybody may read (warnings in force): the caller, not the reader, decides which rows these are.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('anlan.scope', true)")
        (before,) = cursor.fetchone()
    activate(scope, key)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('anlan.scope', %s, false)", [before or ""])
