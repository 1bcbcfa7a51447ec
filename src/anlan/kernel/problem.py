"""The one error tree. Each problem has a code, an HTTP status, Chinese and English words, and the field and value.

Problem
├── Invalid      422  a value can't be taken as it is; the words say the remedy
├── Unknown      401  nobody is signed in, or the token opens nothing
├── Forbidden    403  this person may not do that here
├── NotFound     404  no such thing, or not in your scope (which of the two is not told)
├── Conflict     409  the thing has moved on since you looked
├── TooLarge     413  more than is taken at once
├── TooMany      429  too many requests in a minute
└── Unavailable  503  a part that is needed is not there now
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


class Problem(Exception):
    """A refusal in the user's words; turned into problem+json (RFC 9457) by the API and into a message by pages."""

    http = 500

    def __init__(
        self, *, code: str, zh: str, en: str, field: str | None = None, value: Any = None, **extra: Any
    ) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.zh, self.en, self.field, self.value, self.extra = code, zh, en, field, value, extra

    def text(self, language: str | None = None) -> str:
        """Return the words in `language` (default: the request's)."""
        return self.zh if (language or get_language() or "zh-hans").startswith("zh") else self.en

    def as_dict(self, language: str | None = None) -> dict[str, Any]:
        """Return the problem+json body."""
        body: dict[str, Any] = {
            "type": f"urn:anlan:problem:{self.code}",
            "title": self.text(language),
            "status": self.http,
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
        }
        if self.field is not None:
            body |= {"field": self.field, "value": None if self.value is None else str(self.value)[:200]}
        return body | self.extra


class Invalid(Problem):
    """A value can't be taken as it is."""

    http = 422


class Unknown(Problem):
    """Nobody is signed in, or the token opens nothing."""

    http = 401


class Forbidden(Problem):
    """This actor may not do that here."""

    http = 403


class NotFound(Problem):
    """There is no such thing within the reader's scope."""

    http = 404


class Conflict(Problem):
    """The thing has changed since it was read."""

    http = 409


class TooLarge(Problem):
    """More than is taken at once."""

    http = 413


class TooMany(Problem):
    """Too many requests in a minute."""

    http = 429


class Unavailable(Problem):
    """A needed part is not there now."""

    http = 503
