"""The reader's own keys for programs: made (shown this once), listed, taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from anlan.kernel.language import chinese
from anlan.kernel.models import Account, ApiToken
from anlan.kernel.problem import Invalid
from anlan.kernel.tokens import DAYS, MOST_DAYS, MOST_RATE, RATE, RIGHTS, token_make, token_revoke, tokens_list
from anlan.site.console.access import actor, signed_in

SUGGESTED = ("territory.read", "territory.tiles")


@require_http_methods(["GET", "POST"])
@signed_in
def tokens(request: HttpRequest) -> HttpResponse:
    """The reader's tokens with what each may do, and a form for a new one; a new token's secret is shown this once."""
    account: Account = request.user  # type: ignore[assignment]
    shown: dict[str, Any] = {"form": _form(account), "most_days": MOST_DAYS, "most_rate": MOST_RATE}
    status = 200
    if request.method == "POST":
        shown["form"] = _form(account, request)
        try:
            made, secret = _make(request, account)
            shown |= {"made": made, "secret": secret, "root": request.build_absolute_uri("/ogc")}
        except Invalid as refusal:
            shown |= {"wrong": refusal.text(), "field": refusal.field}
            status = refusal.http
    shown["rows"] = [_row(found) for found in tokens_list(account)]
    response = render(request, "console/tokens.html", shown, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@signed_in
def token_take_back(request: HttpRequest, token: int) -> HttpResponse:
    """Take one of the reader's tokens back."""
    token_revoke(by=actor(request), token=token)
    return HttpResponseRedirect("/tokens")


def _make(request: HttpRequest, account: Account) -> tuple[ApiToken, str]:
    words = request.POST
    return token_make(
        by=actor(request),
        account=account,
        name=words.get("name", ""),
        divisions=words.get("divisions", "").replace("，", ",").replace(",", " ").split() or list(account.divisions),
        rights=words.getlist("right"),
        rate_per_min=_number(words.get("rate_per_min", "")),
        days=_number(words.get("days", "")),
    )


def _number(text: str) -> int:
    """Return a small whole number, 0 (which is refused) for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _form(account: Account, request: HttpRequest | None = None) -> dict[str, Any]:
    given = request.POST if request else None
    chosen = given.getlist("right") if given else SUGGESTED
    return {
        "name": given.get("name", "") if given else "",
        "divisions": given.get("divisions", "") if given else " ".join(account.divisions),
        "rate_per_min": given.get("rate_per_min", "") if given else RATE,
        "days": given.get("days", "") if given else DAYS,
        "rights": [
            {"code": right.code, "words": right.zh if chinese() else right.en, "on": right.code in chosen}
            for right in RIGHTS.values()
        ],
    }


def _row(found: ApiToken) -> dict[str, Any]:
    rights = [RIGHTS[code] for code in found.rights if code in RIGHTS]
    ended = found.expires_at <= datetime.now(UTC)
    return {
        "id": found.pk,
        "name": found.name,
        "hint": found.hint,
        "divisions": found.divisions,
        "rights": [right.zh if chinese() else right.en for right in rights],
        "rate": found.rate_per_min,
        "expires_at": found.expires_at,
        "last_used_at": found.last_used_at,
        "state": "revoked" if found.revoked_at else "ended" if ended else "open",
    }
