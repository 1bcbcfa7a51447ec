"""People who act and things that happen, for the response tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anlan.kernel.actor import Actor
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.scope import Scope

BEIJING = ZoneInfo("Asia/Shanghai")
RED = datetime(2021, 7, 19, 21, 59, tzinfo=BEIJING)
RAIN = "11B03"
SYSTEM = Actor.system("test")
SCENE = Actor.scenario("scenario")


def person(code: str, *roles: str, scope: str | None = None) -> Actor:
    """A signed-in holder of a post."""
    from anlan.territory.models import Post

    post = Post.objects.get(code=code)
    reach = Scope((post.division if scope is None else scope,))
    return Actor("person", post.name_zh, reach, post=post.pk, organisation=post.organisation_id, roles=frozenset(roles))


def warn(colour: str, at: datetime, area: list[str] | None = None, *, hours: float = 6, react: bool = True) -> Any:
    """The weather office issues a rain warning; the reactions run."""
    from anlan.warning.services import warning_issue

    warning = warning_issue(
        by=SCENE, hazard=RAIN, colour=colour, area=area or ["4101"], texts=None, issuer_kind="weather",
        effective=at, expires=at + timedelta(hours=hours), at=at,
    )  # fmt: skip
    if react:
        run_until_quiet(strict=True)
    return warning


def kinds(*wanted: str) -> list[tuple[str, datetime]]:
    """The journal's entries of these kinds: (kind, at), in the order written."""
    from anlan.kernel.models import Entry

    rows = Entry.objects.filter(kind__in=wanted).order_by("id")
    return [(row.kind, row.at.astimezone(BEIJING)) for row in rows]


def data(kind: str) -> list[dict[str, Any]]:
    """The data of the journal's entries of one kind, in the order written."""
    from anlan.kernel.models import Entry

    return list(Entry.objects.filter(kind=kind).order_by("id").values_list("data", flat=True))
