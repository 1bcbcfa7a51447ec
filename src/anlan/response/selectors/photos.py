"""Photographs of a response, as the purge clock and its page see them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from anlan.response.choices_levels import PURGED
from anlan.response.models import Attachment, Order, PurgeClock, Task
from anlan.response.selectors.family import family
from anlan.response.selectors.level_page import response_of

PHOTOS = 200


def photos_of(purge: PurgeClock) -> QuerySet[Attachment]:
    """Photographs of the response: of the tasks of all its levels and their orders, of its event's family; of a response to an
    area also those added there in its time. Four queries and the answer's own."""
    levels = [row.pk for row in response_of(purge.level)]
    tasks, orders = Q(level__in=levels), Q(tasks__level__in=levels)
    about: list[str] = []
    if purge.incident_id is not None:
        events = family(purge.incident_id)
        tasks, orders = tasks | Q(incident__in=events), orders | Q(incident__in=events)
        about = [f"incident:{key}" for key in events]
    about += [f"task:{key}" for key in Task.objects.filter(tasks).values_list("pk", flat=True)]
    about += [f"order:{key}" for key in Order.objects.filter(orders).values_list("pk", flat=True).distinct()]
    found = Q(about__in=about)
    if purge.incident_id is None:
        found |= Q(division__startswith=purge.level.area, added_at__gte=purge.since, added_at__lte=purge.until)
    return Attachment.objects.filter(found)


def photos_left(purge: PurgeClock | None) -> list[Attachment]:
    """The photographs under a clock that runs or is held, oldest first: those that go, and those kept for the archive."""
    if purge is None or purge.state == "done":
        return []
    return list(photos_of(purge).exclude(name=PURGED).order_by("added_at", "id")[:PHOTOS])
