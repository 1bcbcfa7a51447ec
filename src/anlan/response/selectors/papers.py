"""Papers as their readers see them: the list, one of them with its versions, what its next number and word would be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.kernel.scope import Scope
from anlan.response import choices_papers
from anlan.response.models import Paper, PaperNumber, PaperVersion
from anlan.response.services.papers import missing

PAGE = 50
Json = dict[str, Any]


def papers_list(
    scope: Scope, *, kind: str = "", state: str = "", words: str = "", incident: UUID | None = None, page: int = 1
) -> Json:
    """Papers inside the scope, latest first: {rows, more, page}. `state` "open" means those that wait for somebody; `words`
    are looked for in the titles and as a number. Two queries at most."""
    rows = scope.filter(Paper.objects.all())
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state__in=choices_papers.OPEN_STATES if state == "open" else [state])
    if incident is not None:
        rows = rows.filter(incident=incident)
    if words.strip():
        asked = Q(title_zh__icontains=words.strip()) | Q(title_en__icontains=words.strip()) | Q(word=words.strip())
        digits = "".join(c for c in words if c.isdigit())
        if digits and len(digits) < 7:
            asked |= Q(number=int(digits))
        rows = rows.filter(asked)
    start = (max(1, min(page, 2000)) - 1) * PAGE
    found = list(rows.order_by("-made_at", "-id")[start : start + PAGE + 1])
    return {"rows": found[:PAGE], "more": len(found) > PAGE, "page": max(1, page)}


def paper_get(scope: Scope, paper: UUID) -> Paper:
    """One paper; NotFound when there is none inside the scope."""
    rows = Paper.objects.select_related("incident", "level", "replaces")
    found: Paper | None = scope.filter(rows.filter(pk=paper)).first()
    if found is None:
        raise missing(paper)
    return found


def paper_versions(paper: Paper) -> list[PaperVersion]:
    """The versions of a paper, the first one first."""
    return list(PaperVersion.objects.filter(paper=paper).order_by("version"))


def replaced_by(paper: Paper) -> Paper | None:
    """The issued paper that took its place, or None."""
    return Paper.objects.filter(replaces=paper).exclude(state="withdrawn").order_by("-made_at").first()


def word_last(scope: Scope, division: str, kind: str) -> str:
    """The word that was last used for papers of a kind in a division; "" when there is none."""
    rows = scope.filter(Paper.objects.filter(division=division, kind=kind)).order_by("-made_at")
    return str(rows.values_list("word", flat=True).first() or "")


def number_next(organ: str, word: str, year: int) -> int:
    """The number the next paper of an organ's word would get if it were issued now."""
    last = PaperNumber.objects.filter(organ=organ, word=word, year=year).values_list("last", flat=True).first()
    return int(last or 0) + 1
