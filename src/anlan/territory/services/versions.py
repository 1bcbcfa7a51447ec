"""Optimistic concurrency: a form says which version of a row it showed, and what was changed since is not overwritten."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models

from anlan.kernel.problem import Conflict


def version_of(row: models.Model) -> str:
    """Return 16 letters that stand for the row as it is now; forms carry them back as `seen`."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values.pop("act", None)
    text = json.dumps(values, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def must_be_seen(row: models.Model, seen: str | None) -> None:
    """Raise Conflict when the row is no longer what the form showed; None does not ask."""
    if seen is not None and seen != version_of(row):
        raise Conflict(
            code="territory.moved_on",
            zh="此记录在您打开之后已被他人修改；请重新打开，核对后再改。",
            en="Somebody changed this row after you opened it; open it again, compare, and change it then.",
            field="seen",
            value=seen,
        )


def changed(row: models.Model, values: dict[str, Any]) -> list[str]:
    """Set `values` on the row and return the names of those that differ from what it had."""
    names = [name for name, value in values.items() if getattr(row, name) != value]
    for name in names:
        setattr(row, name, values[name])
    return names
