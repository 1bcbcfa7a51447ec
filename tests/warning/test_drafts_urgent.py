"""The urgent way: one issuer makes and issues at once, with a reason, and a superior post owes an after-check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.territory.models import Post
from anlan.warning.models import Warning, WarningDraft
from anlan.warning.selectors.drafts import after_checks_owed
from anlan.warning.services.drafts import draft_make
from anlan.warning.services.drafts_issue import draft_after_check, draft_issue_urgent
from anlan.warning.tasks_drafts import next_due, sweep
from tests.warning.conftest import T0
from tests.warning.drafting import (
    MAKER,
    MINUTE,
    OTHER,
    SIGNER,
    code_of,
    content,
    make,
    person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
Entries = Callable[..., list[Any]]


def urgent(at: Any = T0 + MINUTE) -> WarningDraft:
    issuer = replace(SIGNER, post=Post.objects.get(code="410181.duty").id)
    draft = draft_make(by=issuer, content=content(), at=T0)
    return draft_issue_urgent(by=issuer, draft=draft, seen=draft.digest, reason="山洪已到村口", at=at)


def test_one_issuer_may_issue_at_once_with_a_reason_and_owes_an_after_check(entries: Entries) -> None:
    row = urgent()
    (told,) = entries("draft.issued")
    superior = Post.objects.get(code="410181.duty").superior
    assert superior is not None
    assert (told[3]["urgent"], told[3]["reason"], told[3]["after_post"]) == (True, "山洪已到村口", superior.code)
    assert row.after_due_at == T0 + MINUTE + timedelta(hours=2) == next_due()
    (item,) = after_checks_owed(SIGNER.scope)
    assert (item["draft"], item["late"], item["post"]["code"]) == (row.id, False, superior.code)
    assert after_checks_owed(Scope(("410182",))) == []


def test_an_after_check_missed_is_recorded_at_its_time_and_still_owed(entries: Entries) -> None:
    row = urgent()
    assert sweep(T0 + timedelta(hours=2)) == 0
    assert sweep(T0 + timedelta(hours=9)) == 1
    assert sweep(T0 + timedelta(hours=9)) == 0
    (missed,) = entries("draft.after_check_missed")
    assert missed[2] == row.after_due_at
    assert next_due() is None
    assert [item["late"] for item in after_checks_owed(SIGNER.scope)] == [True]


def test_the_after_check_is_made_by_the_superior_post_alone(entries: Entries) -> None:
    row = urgent()
    assert code_of(Forbidden, lambda: draft_after_check(by=SIGNER, draft=row, verdict="right")) == "draft.separation"
    assert code_of(Forbidden, lambda: draft_after_check(by=OTHER, draft=row, verdict="right")) == "draft.after_post"
    superior = person("上级", "decider", area="4101", post=row.after_post_id)
    assert code_of(Invalid, lambda: draft_after_check(by=superior, draft=row, verdict="fine")) == "draft.verdict"
    done = draft_after_check(by=superior, draft=row, verdict="right", note="及时", at=T0 + timedelta(hours=3))
    assert (done.after_verdict, done.after_note) == ("right", "及时")
    assert entries("draft.after_checked")[0][3]["late_s"] == 3540
    assert after_checks_owed(SIGNER.scope) == []
    assert code_of(Conflict, lambda: draft_after_check(by=superior, draft=row, verdict="right")) == "draft.after_check"


def test_the_urgent_way_is_for_red_and_orange_with_a_reason_by_an_issuer() -> None:
    draft = make()
    for by, reason, kind, code in (
        (SIGNER, " ", Invalid, "draft.no_reason"), (MAKER, "急", Forbidden, "actor.may_not"),
    ):  # fmt: skip
        assert (
            code_of(
                kind,
                lambda by=by, reason=reason: draft_issue_urgent(by=by, draft=draft, seen=draft.digest, reason=reason),
            )
            == code
        )
    yellow = make(colour="yellow")
    assert (
        code_of(Invalid, lambda: draft_issue_urgent(by=SIGNER, draft=yellow, seen=yellow.digest, reason="急"))
        == "draft.not_urgent"
    )
    assert not Warning.objects.exists()
