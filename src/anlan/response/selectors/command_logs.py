"""A command log, page by page and whole: what answers what, what is corrected, what was entered late."""

from __future__ import annotations

from typing import Any

from anlan.kernel.scope import Scope
from anlan.response import choices_command
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import (
    CommandLogEntry,
    CommandPost,
)
from anlan.response.selectors.live_command import log_item
from anlan.response.selectors.paging import Page
from anlan.warning.selectors.frames import rows

Json = dict[str, Any]
LOG_PAGE = 60


def log_entries(
    scope: Scope, row: CommandPost, *, kind: str = "", before: int | None = None, most: int = LOG_PAGE
) -> tuple[list[Json], int | None]:
    """A page of a post's log, the newest first, and the number to go on from (None: that was all).

    Each entry says what it answers and corrects by number, whether it is corrected or answered, and whether it was
    entered later than the pack allows (补录). Two queries. Readers below the post's level see none.
    """
    if not scope.covers(row.division):
        return [], None
    found = CommandLogEntry.objects.filter(command_post=row)
    found = found.filter(entry_kind=kind) if kind in choices_command.LOG_KINDS else found
    found = found.filter(number__lt=before) if before else found
    page: list[Json] = [dict(entry) for entry in found.order_by("-number").values()[: most + 1]]
    more = page[most - 1]["number"] if len(page) > most else None
    return _entries(row, page[:most]), more


def log_whole(scope: Scope, row: CommandPost, page: Page | None = None) -> list[Json]:
    """The whole log in order, for print and files, or a page of it."""
    if not scope.covers(row.division):
        return []
    found = CommandLogEntry.objects.filter(command_post=row).order_by("number").values()
    return _entries(row, [dict(entry) for entry in (found if page is None else found[page.span])])


def _entries(row: CommandPost, page: list[Json]) -> list[Json]:
    keys = [str(entry["id"]) for entry in page]
    others = {str(entry[name]) for entry in page for name in ("answers_id", "corrects_id") if entry[name]}
    linked = rows(
        "SELECT id, number, entry_kind, answers_id, corrects_id FROM response_commandlogentry"
        " WHERE command_post_id = %s AND (id = ANY(%s::uuid[]) OR answers_id = ANY(%s::uuid[]) OR corrects_id = ANY(%s::uuid[]))",
        [str(row.pk), sorted(others), keys, keys],
    )
    numbers = {str(one["id"]): one["number"] for one in linked}
    corrected = {str(one["corrects_id"]): one["number"] for one in linked if one["corrects_id"]}
    answered = {str(one["answers_id"]): one["number"] for one in linked if one["answers_id"]}
    late = command_pack().limits.late_min * 60
    found = []
    for entry in page:
        item = log_item(entry)
        item["answers_number"], item["corrects_number"] = (
            numbers.get(item["answers"] or ""),
            numbers.get(item["corrects"] or ""),
        )
        item["corrected_by"], item["answered_by"] = corrected.get(item["id"]), answered.get(item["id"])
        item["late"] = (entry["recorded_at"] - entry["at"]).total_seconds() > late
        found.append(item)
    return found
