"""Saving the view of a list: filters, columns and order under a name."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Forbidden, Invalid, NotFound
from anlan.territory.events import ViewRemoved, ViewSaved
from anlan.territory.models import SavedView
from anlan.territory.sources.registers import register as register_of

MOST_CHARS = 64
#: Lists of later stages that keep their views here too.
_lists: set[str] = set()


def list_known(name: str) -> str:
    """Let views of a later stage's list be kept under its name; return the name."""
    _lists.add(name)
    return name


@transaction.atomic
def view_save(*, by: Actor, account: int, register: str, name: str, query: str, shared: bool = False) -> SavedView:
    """Save (or save again under the same name) the account's view of a register; `query` is a query string.

    Invalid without a name, NotFound for no such register, Forbidden for a reader without an area.
    """
    name = name.strip()
    if not 1 <= len(name) <= MOST_CHARS:
        raise Invalid(
            code="territory.view_name",
            zh=f"请给视图起名（1至{MOST_CHARS}个字）。",
            en=f"Give the view a name (1 to {MOST_CHARS} characters).",
            field="name",
            value=name,
        )
    if not by.scope.prefixes:
        raise Forbidden(
            code="territory.view_area", zh="没有管辖范围，不能保存视图。", en="Without an area a view can't be saved.",
            field="by", value=by.name,
        )  # fmt: skip
    division = by.scope.prefixes[0]
    row, _made = SavedView.objects.update_or_create(
        account=account, register=register if register in _lists else register_of(register).name, name=name, removed=False,
        defaults={"query": {"string": query[:2000]}, "shared": shared, "division": division},
    )  # fmt: skip
    event = ViewSaved(view=row.pk, register=register, name=name, shared=shared)
    record(event, by=by, about=f"view:{row.pk}", division=division, at=clock.now())
    return row


@transaction.atomic
def view_remove(*, by: Actor, account: int, view: UUID) -> None:
    """Take one's own view away (it stays in the record); NotFound when it is not one's own."""
    row = by.scope.filter(SavedView.objects.filter(pk=view, account=account, removed=False)).first()
    if row is None:
        raise NotFound(
            code="territory.no_view", zh="没有这个视图，或者它不是您保存的。",
            en="There is no such view, or it is not yours.", field="view", value=view,
        )  # fmt: skip
    row.removed = True
    row.save(update_fields=["removed"])
    event = ViewRemoved(view=row.pk, register=row.register, name=row.name)
    record(event, by=by, about=f"view:{row.pk}", division=row.division, at=clock.now())
