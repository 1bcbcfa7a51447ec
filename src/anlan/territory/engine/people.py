"""Filling a post: its holders A and B as people with role names, their appointments, and what the post answers for."""

from __future__ import annotations

from anlan.kernel.ids import draw
from anlan.territory.engine.spec import AppointmentRow, DutyRow, Part, PersonRow, PostRow, World

NAME = 95  # a person's name has 96 characters at most
HOLDERS = {"A": "甲", "B": "乙"}


def phone(seed: int, person: str) -> str:
    """Return an unreal 11-digit number: no mobile prefix begins with 100, so it can reach nobody."""
    return f"100{int(draw(seed, 'phone', person) * 10**8):08d}"


def person_of(world: World, post: PostRow, holder: str) -> PersonRow:
    """Return the holder of a post: named by the role, e.g. 米河镇防汛值班员甲."""
    code = f"{post.code}.{holder}"
    return PersonRow(code, post.name_zh[:NAME] + HOLDERS[holder], phone(world.seed, code), post.division)


def staff(
    world: World,
    part: Part,
    post: PostRow,
    duty: str,
    *,
    holders: str = "AB",
    answers_for: str | None = None,
    same_as: str | None = None,
) -> None:
    """Add `post` to `part` with its holders and its duty for division `answers_for` (default: the post's own).

    `same_as`: code of another post whose holders hold this one too (a township head who is also the administrative
    head of a reservoir is one person with one telephone).
    """
    part.posts.append(post)
    part.duties.append(DutyRow(post.code, duty, post.place, answers_for or post.division))
    for holder in holders:
        if same_as is None:
            part.persons.append(person_of(world, post, holder))
        person = f"{same_as or post.code}.{holder}"
        part.appointments.append(AppointmentRow(post.code, person, holder, world.profile.valid_from, post.division))
