"""How each register's rows are written from a form: which service, and what the form shows of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.kernel.actor import Actor
from anlan.kernel.problem import NotFound
from anlan.territory.models import Organisation, Person, Place, Post, Unit
from anlan.territory.services.contacts import contact_confirm
from anlan.territory.services.organisations import organisation_save, organisation_undo
from anlan.territory.services.people import person_save
from anlan.territory.services.places import place_close, place_save, place_undo
from anlan.territory.services.posts import post_save
from anlan.territory.services.taking_back import version_before
from anlan.territory.services.units import undoable, unit_close, unit_save, unit_undo
from anlan.territory.sources.attributes import attributes_of
from anlan.territory.sources.registers import register

Texts = Mapping[str, str]
Done = tuple[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Writer:
    """One register's writer: `read` gives the model's row, `save` writes texts and returns key and doubts, `acts` are
    the further acts with the words that tell of them. `closes`: it can be closed with a reason."""

    read: Callable[[UUID], Any]
    save: Callable[..., Done]
    acts: Mapping[str, Callable[..., str]]
    undoable: Callable[[Actor, Any], bool]
    name: str
    closes: bool = False

    def texts(self, model: Any, row: Mapping[str, Any]) -> dict[str, str]:
        """Return what the form shows of a row: codes for references and choices, nothing for what is masked."""
        found = register(self.name)
        shown = {item.name: _text(item.kind, row.get(item.name)) for item in found.importable() if not item.sensitive}
        shown |= {item.name: "" for item in found.importable() if item.sensitive}
        for item in attributes_of(row.get("kind", "")) if self.name == "places" else ():
            shown[f"attributes.{item.name}"] = _text("", model.attributes.get(item.name))
        return shown

    def act(self, act: str, **given: Any) -> str:
        """Do a further act; NotFound when this register has none of that name."""
        if act not in self.acts:
            raise NotFound(
                code="territory.no_act", zh="没有这个操作。", en="There is no such act.", field="act", value=act
            )
        return self.acts[act](**given)


def _text(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ("；" if kind != "flags" else ";").join(map(str, value))
    return "" if isinstance(value, dict) else str(value)


def _unit(*, by: Actor, texts: Texts, row: UUID | None, seen: str | None) -> Done:
    saved, doubts = unit_save(by=by, texts=texts, unit=row, seen=seen)
    return str(saved.pk), doubts


def _unit_close(*, by: Actor, row: UUID, reason: str) -> str:
    unit_close(by=by, unit=row, reason=reason)
    return _("The unit is closed; it stays in the register.")


def _unit_undo(*, by: Actor, row: UUID, reason: str) -> str:
    unit_undo(by=by, unit=row)
    return _("Your last change is taken back.")


def _place(*, by: Actor, texts: Texts, row: UUID | None, seen: str | None) -> Done:
    saved, doubts = place_save(by=by, texts=texts, place=row, seen=seen)
    return str(saved.pk), doubts


def _place_close(*, by: Actor, row: UUID, reason: str) -> str:
    place_close(by=by, place=row, reason=reason)
    return _("The place is out of use; it stays in the register.")


def _place_undo(*, by: Actor, row: UUID, reason: str) -> str:
    place_undo(by=by, place=row)
    return _("Your last change is taken back.")


def _organisation(*, by: Actor, texts: Texts, row: UUID | None, seen: str | None) -> Done:
    saved, doubts = organisation_save(by=by, texts=texts, organisation=row, seen=seen)
    return str(saved.pk), doubts


def _organisation_undo(*, by: Actor, row: UUID, reason: str) -> str:
    organisation_undo(by=by, organisation=row)
    return _("Your last change is taken back.")


def _person(*, by: Actor, texts: Texts, row: UUID | None, seen: str | None) -> Done:
    """What is masked and was not typed anew stays as it is."""
    there = Person.objects.filter(pk=row).first() if row else None
    saved = person_save(
        by=by, person=row, seen=seen, division=texts.get("division", ""), code=texts.get("code", ""),
        name=texts.get("name") or (there.name if there else ""),
        phone=texts.get("phone") or (there.phone if there else ""),
        phone_alt=texts.get("phone_alt") or (there.phone_alt if there else ""), citizen=texts.get("citizen") or None,
    )  # fmt: skip
    return str(saved.pk), []


def _person_checked(*, by: Actor, row: UUID, reason: str) -> str:
    contact_confirm(by=by, people={row: ""})
    return _("The contact counts as checked today.")


def _post(*, by: Actor, texts: Texts, row: UUID | None, seen: str | None) -> Done:
    from anlan.territory.services.by_hand import row_check

    checked = row_check(by.scope, "posts", texts)
    found = checked.columns
    saved = post_save(
        by=by, post=row, seen_version=seen, code=found["code"], name_zh=found["name_zh"], name_en=found.get("name_en", ""),
        role=found["role"], organisation=found["organisation_id"], division=found["division"],
        superior=found.get("superior_id"), place=found.get("place_id"),
    )  # fmt: skip
    return str(saved.pk), checked.doubts


def _never(by: Actor, model: Any) -> bool:
    return False


def _tracked(by: Actor, model: Any) -> bool:
    return version_before(by, model._meta.db_table, model.pk) is not None


WRITERS: dict[str, Writer] = {
    "units": Writer(lambda key: Unit.objects.get(pk=key), _unit, {"close": _unit_close, "undo": _unit_undo},
                    lambda by, row: undoable(by, row) is not None, "units", True),
    "places": Writer(lambda key: Place.objects.get(pk=key), _place, {"close": _place_close, "undo": _place_undo}, _tracked,
                     "places", True),
    "organisations": Writer(lambda key: Organisation.objects.get(pk=key), _organisation, {"undo": _organisation_undo},
                            _tracked, "organisations"),
    "persons": Writer(lambda key: Person.objects.get(pk=key), _person, {"checked": _person_checked}, _never, "persons"),
    "posts": Writer(lambda key: Post.objects.get(pk=key), _post, {}, _never, "posts"),
}  # fmt: skip
