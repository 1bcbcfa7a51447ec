"""How Django asks whether a password is right."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from anlan.kernel.accounts import password_check
from anlan.kernel.models import Account


class AccountBackend:
    """Authenticates an active, unlocked account by user name and password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Account | None:
        """Return the account, or None."""
        return password_check(username, password) if username and password else None

    def get_user(self, user_id: int) -> Account | None:
        """Return the account of a session."""
        return Account.objects.filter(pk=user_id, is_active=True).first()
