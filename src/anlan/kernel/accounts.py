"""Accounts and one-time ways in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal.event import Event
from anlan.kernel.journal.record import record
from anlan.kernel.models import Account, SignInLink
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, NotFound
from anlan.kernel.scope import Scope, activate

TRIES = 5
LOCK_MINUTES = 10


class AccountSignedIn(Event, kind="account.signed_in"):
    """Somebody came in. username: which account; how: "password" or "link"."""

    username: str
    how: str


class AccountLocked(Event, kind="account.locked"):
    """Too many wrong passwords in a row. username: which account; until: ISO time by the wall clock."""

    username: str
    until: datetime


def actor_of(account: Account) -> Actor:
    """Return who acts when this account does something."""
    return Actor(
        kind="person",
        name=account.name,
        scope=Scope(tuple(account.divisions)),
        person=account.person,
        post=account.post,
        organisation=account.organisation,
        roles=frozenset(account.roles),
        account=account.pk,
    )


@transaction.atomic
def account_save(
    *,
    by: Actor,
    username: str,
    name: str,
    divisions: Sequence[str],
    roles: Sequence[str],
    post: UUID | None = None,
    person: UUID | None = None,
    password: str | None = None,
) -> Account:
    """Make or change an account. Without a password it is entered by a one-time link only."""
    for division in divisions:
        by.must("account.manage", division)
    account = Account.objects.filter(username=username).first() or Account(username=username)
    account.name, account.post, account.person = name, post, person
    account.divisions, account.roles = list(divisions), list(roles)
    if password is not None or not account.password:
        account.set_password(password)
    account.save()
    return account


@transaction.atomic
def link_make(username: str, *, minutes: int = 60) -> str:
    """Return the path of a one-time sign-in link for the account; valid `minutes` by the wall clock."""
    account = Account.objects.filter(username=username, is_active=True).first()
    if account is None:
        raise NotFound(
            code="account.unknown",
            zh=f"没有账号“{username}”；请先建立账号。",
            en=f"There is no account “{username}”; make it first.",
            field="username",
            value=username,
        )
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(
        token_hash=_hash(token), account=account, expires_at=datetime.now(UTC) + timedelta(minutes=minutes)
    )
    return f"/sign-in/{token}"


@transaction.atomic
def link_use(token: str) -> Account:
    """Return the account of a link and use the link up. Links live by the wall clock, in drills too."""
    link = SignInLink.objects.select_for_update().filter(token_hash=_hash(token)).select_related("account").first()
    now = datetime.now(UTC)
    if link is None or link.used_at is not None or link.expires_at < now or not link.account.is_active:
        raise Forbidden(
            code="link.spent",
            zh="登录链接已用过或已过期；请重新获取链接，或用口令登录。",
            en="This sign-in link was used or has expired; get a new one or sign in with a password.",
        )
    link.used_at = now
    link.save(update_fields=["used_at"])
    return link.account


@transaction.atomic
def password_check(username: str, password: str) -> Account | None:
    """Return the account if the password is right; five wrong ones in a row lock it for ten minutes.

    An unknown name costs as much time as a wrong password, and a locked account answers like a wrong one, so that
    the answer tells nothing about which names exist.
    """
    account = Account.objects.select_for_update().filter(username=username, is_active=True).first()
    if account is None:
        make_password(password)
        return None
    now = datetime.now(UTC)
    right = account.check_password(password)
    if account.locked_until is not None and account.locked_until > now:
        return None
    if right:
        Account.objects.filter(pk=account.pk).update(failures=0, locked_until=None)
        return account
    failures = account.failures + 1
    until = now + timedelta(minutes=LOCK_MINUTES) if failures >= TRIES else None
    Account.objects.filter(pk=account.pk).update(failures=0 if until else failures, locked_until=until)
    if until is not None:
        _record(account, AccountLocked(username=username, until=until))
    return None


@transaction.atomic
def signed_in(account: Account, *, how: str) -> None:
    """Record that somebody came in, and by which door."""
    _record(account, AccountSignedIn(username=account.username, how=how))


def _record(account: Account, event: Event) -> None:
    """Write an event about an account as that account: nobody is signed in yet, so its scope is taken on here."""
    actor = actor_of(account)
    activate(actor.scope, options.secret_key)
    division = actor.scope.prefixes[0] if actor.scope.prefixes else ""
    record(event, by=actor, about=f"account:{account.username}", division=division)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
