"""Ways in: passwords, locks, one-time links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.kernel.accounts import TRIES, account_save, actor_of, link_make, link_use, password_check, signed_in
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account, Entry, SignInLink
from anlan.kernel.problem import Forbidden, NotFound

pytestmark = pytest.mark.django_db
ADMIN = Actor.system("test")


@pytest.fixture
def duty() -> Account:
    return account_save(
        by=ADMIN, username="duty", name="值班员", divisions=["410181"], roles=["duty"], password="rain-in-july"
    )


def test_a_right_password_comes_in_and_is_recorded(duty: Account, web_role: None) -> None:
    account = password_check("duty", "rain-in-july")
    assert account == duty and password_check("nobody", "rain-in-july") is None
    signed_in(duty, how="password")
    entry = Entry.objects.get()
    assert (entry.kind, entry.division, entry.data["how"]) == ("account.signed_in", "410181", "password")


def test_five_wrong_passwords_lock_and_the_right_one_does_not_open(duty: Account) -> None:
    for _ in range(TRIES):
        assert password_check("duty", "wrong") is None
    assert password_check("duty", "rain-in-july") is None
    assert Entry.objects.get().kind == "account.locked"
    Account.objects.update(locked_until=datetime.now(UTC) - timedelta(seconds=1))
    assert password_check("duty", "rain-in-july") == duty


def test_a_link_works_once_and_not_after_its_time(duty: Account) -> None:
    token = link_make("duty").rpartition("/")[2]
    assert link_use(token) == duty
    with pytest.raises(Forbidden):
        link_use(token)
    late = link_make("duty").rpartition("/")[2]
    SignInLink.objects.filter(used_at=None).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(Forbidden):
        link_use(late)
    with pytest.raises(NotFound):
        link_make("nobody")


def test_an_account_acts_within_its_divisions_and_roles(duty: Account) -> None:
    actor = actor_of(duty)
    actor.must("call.log", "410181100")
    with pytest.raises(Forbidden):
        actor.must("call.log", "410182100")
    with pytest.raises(Forbidden):
        actor.must("warning.issue", "410181")
    with pytest.raises(Forbidden):
        account_save(by=actor, username="x", name="x", divisions=["410182"], roles=[])
