"""Hands and drafts for the tests of writing warnings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem
from anlan.kernel.scope import Scope
from anlan.warning.models import WarningDraft
from anlan.warning.services.drafts import draft_make
from anlan.warning.services.drafts_flow import draft_check, draft_sign
from anlan.warning.services.drafts_words import content_filled
from anlan.warning.services.values_drafts import DraftContent
from tests.warning.conftest import T0

MINUTE = timedelta(minutes=1)


def person(name: str, *roles: str, area: str = "410181", **more: Any) -> Actor:
    return Actor("person", name, Scope((area,)), person=uuid4(), roles=frozenset(roles or ("issuer",)), **more)


MAKER, CHECKER, SIGNER, OTHER = person("制作岗", "duty"), person("审核岗", "duty"), person("签发岗"), person("复核岗")


def content(**changes: Any) -> DraftContent:
    return replace(content_filled(hazard="11B03", colour="red", area=["410181"]), **changes)


def make(**changes: Any) -> WarningDraft:
    return draft_make(by=MAKER, content=content(**changes), at=T0)


def checked(draft: WarningDraft) -> WarningDraft:
    return draft_check(by=CHECKER, draft=draft, seen=draft.digest, at=T0 + MINUTE)


def signed(draft: WarningDraft, by: Actor = SIGNER) -> WarningDraft:
    row = checked(draft)
    return draft_sign(by=by, draft=row, seen=row.digest, at=T0 + 2 * MINUTE)


def code_of(kind: type[Problem], act: Callable[[], Any]) -> str:
    with pytest.raises(kind) as refused:
        act()
    assert refused.value.zh
    assert refused.value.en
    return refused.value.code
