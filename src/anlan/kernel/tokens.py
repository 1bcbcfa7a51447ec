"""Keys that let programs in: made, checked at every request, kept to their rate, revoked.

A token is an account's own. It never reaches further than the account does at that moment: divisions are cut with the
account's, roles are the account's, and its rights say which of all that a program may use. Tokens live by the wall
clock, in drills too.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from anlan.kernel.accounts import actor_of
from anlan.kernel.actor import Actor
from anlan.kernel.journal.event import Event
from anlan.kernel.journal.record import record
from anlan.kernel.models import Account, ApiToken
from anlan.kernel.problem import Forbidden, Invalid, NotFound, TooMany, Unknown
from anlan.kernel.rights import RIGHTS as RIGHTS
from anlan.kernel.scope import Scope

START = "anlan_"
WINDOW_S = 60
RATE, MOST_RATE = 600, 60_000
DAYS, MOST_DAYS = 365, 1100
MOST_EACH = 50


class TokenMade(Event, kind="token.made"):
    """A key for programs was made (发放接口令牌).

    username: whose account; name: what the token is called; divisions: prefixes it reaches; rights: what it may do;
    rate_per_min: requests a minute; expires_at: its end, by the wall clock.
    """

    username: str
    name: str
    divisions: list[str]
    rights: list[str]
    rate_per_min: int
    expires_at: datetime


class TokenRevoked(Event, kind="token.revoked"):
    """A key for programs was taken back (吊销接口令牌). username: whose account; name: the token's."""

    username: str
    name: str


@dataclass(frozen=True)
class Admission:
    """A token's request let in: who acts, the token's limit per minute, how many are left, seconds until all are."""

    actor: Actor
    account: int
    limit: int
    remaining: int
    reset_s: int


def overlap(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Return the prefixes that lie inside both sets of prefixes.

    >>> overlap(["41", "3717"], ["4101", "37"])
    ('3717', '4101')
    """
    one, other = list(one), list(other)
    found = {code for code in one if any(code.startswith(prefix) for prefix in other)}
    found |= {code for code in other if any(code.startswith(prefix) for prefix in one)}
    return tuple(sorted(found))


@transaction.atomic
def token_make(
    *,
    by: Actor,
    account: Account,
    name: str,
    divisions: Sequence[str],
    rights: Sequence[str],
    rate_per_min: int = RATE,
    days: int = DAYS,
) -> tuple[ApiToken, str]:
    """Make a token of `account`; return it and its secret, which is kept nowhere and shown this once.

    Forbidden for another's account without account.manage; Invalid for a name, division, right, rate or end that
    can't be.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    _own(by, account, divisions)
    _fit(account, name, divisions, rights, rate_per_min, days)
    secret = START + secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    token = ApiToken.objects.create(
        token_hash=_hash(secret),
        hint=secret[: len(START) + 4],
        account=account,
        name=name.strip(),
        divisions=sorted(set(divisions)),
        rights=[code for code in RIGHTS if code in rights],
        rate_per_min=rate_per_min,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    event = TokenMade(
        username=account.username,
        name=token.name,
        divisions=token.divisions,
        rights=token.rights,
        rate_per_min=rate_per_min,
        expires_at=token.expires_at,
    )
    record(event, by=by, about=f"token:{token.pk}", division=token.divisions[0])
    return token, secret


@transaction.atomic
def token_revoke(*, by: Actor, token: int) -> ApiToken:
    """Take a token back; from now on it opens nothing. Once revoked, revoking again changes nothing."""
    found = ApiToken.objects.select_for_update(of=("self",)).select_related("account").filter(pk=token).first()
    if found is None or not _may(by, found.account, found.divisions):
        raise NotFound(
            code="token.unknown",
            zh="没有这个令牌；请核对编号。",
            en="There is no such token; check its number.",
            field="token",
            value=token,
        )
    if found.revoked_at is None:
        found.revoked_at = datetime.now(UTC)
        found.save(update_fields=["revoked_at"])
        event = TokenRevoked(username=found.account.username, name=found.name)
        near = [code for code in (*found.divisions, *by.scope.prefixes) if by.scope.covers(code)]
        record(event, by=by, about=f"token:{found.pk}", division=near[0] if near else "")
    return found


def account_named(username: str) -> Account:
    """Return an active account by its name; NotFound when there is none."""
    found = Account.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise NotFound(
            code="account.unknown",
            zh=f"没有账号“{username}”；请先建立账号。",
            en=f"There is no account “{username}”; make it first.",
            field="username",
            value=username,
        )
    return found


def tokens_list(account: Account | None = None) -> list[ApiToken]:
    """Return the tokens of an account (None: all), newest first. One query."""
    rows = ApiToken.objects.select_related("account").order_by("-pk")
    return list(rows.filter(account=account) if account else rows)


def token_admit(secret: str) -> Admission:
    """Let a token in and count the request. Unknown (401) when it opens nothing, TooMany (429) above its rate.

    One statement, on tables without row-level security: nobody's scope is set yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADMIT, [_hash(secret)])
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not rows:
        raise Unknown(
            code="token.unknown",
            zh="令牌无效、已吊销或已过期；请换用有效令牌。",
            en="This token is unknown, revoked or past its end; use one that is valid.",
            field="Authorization",
            value=secret[: len(START) + 4] + "…" if secret.startswith(START) else "…",
        )
    return _admission(rows[0])


def _admission(row: dict[str, Any]) -> Admission:
    if not row["inside"]:
        wait = max(1, int(row["tat"] + row["gap"] - WINDOW_S - row["moment"]) + 1)
        raise TooMany(
            code="token.rate",
            zh=f"令牌“{row['token']}”每分钟最多 {row['rate']} 次请求；请 {wait} 秒后再试。",
            en=f"The token “{row['token']}” has {row['rate']} requests a minute; try again in {wait} s.",
            field="Authorization",
            value=row["token"],
            retry_after_s=wait,
            limit=row["rate"],
        )
    account = Account(
        pk=row["account"], name=row["name"], person=row["person"], post=row["post"],
        organisation=row["organisation"], divisions=_list(row["account_divisions"]), roles=_list(row["roles"]),
    )  # fmt: skip
    whole = actor_of(account)
    actor = Actor(
        **{
            **vars(whole),
            "scope": Scope(overlap(_list(row["divisions"]), whole.scope.prefixes)),
            "token": row["token"],
            "rights": frozenset(_list(row["rights"])),
        }
    )
    left = row["moment"] + WINDOW_S - row["tat"]
    return Admission(actor, row["account"], row["rate"], int(left / row["gap"]), max(0, int(WINDOW_S - left) + 1))


def _list(value: Any) -> list[str]:
    return list(json.loads(value) if isinstance(value, str) else value)


def _may(by: Actor, account: Account, divisions: Sequence[str]) -> bool:
    own = by.account is not None and by.account == account.pk and by.rights is None
    return own or all(by.may("account.manage", division) for division in divisions or [""])


def _own(by: Actor, account: Account, divisions: Sequence[str]) -> None:
    if not _may(by, account, divisions):
        raise Forbidden(
            code="token.not_yours",
            zh="只能管理本人账号的令牌；他人账号的令牌请由管理员办理。",
            en="You may make tokens of your own account only; an administrator manages those of others.",
            field="account",
            value=account.username,
        )


def _fit(
    account: Account, name: str, divisions: Sequence[str], rights: Sequence[str], rate_per_min: int, days: int
) -> None:
    """Raise Invalid naming the first value that can't be."""
    wide = [code for code in divisions if not Scope(tuple(account.divisions)).covers(code)]
    unknown = [code for code in rights if code not in RIGHTS]
    open_now = ApiToken.objects.filter(account=account, revoked_at=None, expires_at__gt=datetime.now(UTC)).count()
    checks: list[tuple[bool, str, Any, str, str]] = [
        (0 < len(name.strip()) <= 64, "name", name, "请填写名称，不超过64个字。", "Give a name of up to 64 characters."),
        (bool(divisions), "divisions", "", "请至少选一个行政区划。", "Choose at least one division."),
        (not wide, "divisions", wide, "令牌的范围不能超出账号的范围。", "A token can't reach further than its account."),
        (bool(rights), "rights", "", "请至少选一项权限。", "Choose at least one right."),
        (not unknown, "rights", unknown, f"可用的权限：{'、'.join(RIGHTS)}。", f"Take rights of: {', '.join(RIGHTS)}."),
        (1 <= rate_per_min <= MOST_RATE, "rate_per_min", rate_per_min,
         f"每分钟请求数应为1至{MOST_RATE}。", f"Give 1 to {MOST_RATE} requests a minute."),
        (1 <= days <= MOST_DAYS, "days", days, f"有效期应为1至{MOST_DAYS}天。", f"Give an end in 1 to {MOST_DAYS} days."),
        (open_now < MOST_EACH, "account", account.username, f"一个账号最多{MOST_EACH}个有效令牌；请先吊销不用的。",
         f"An account has at most {MOST_EACH} tokens in force; revoke one first."),
    ]  # fmt: skip
    for holds, field, value, zh, en in checks:
        if not holds:
            raise Invalid(code=f"token.{field}", zh=zh, en=en, field=field, value=value)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# The generic cell rate algorithm: `tat` is when the requests so far are used up at the token's rate. A request is
# inside while that moment, with this request added, lies at most one window ahead; so a whole minute's requests may
# come at once, and then one every `gap` seconds. One row per token, so it holds over all processes.
_ADMIT = f"""
WITH known AS MATERIALIZED (
  SELECT k.id, k.name AS token, k.divisions, k.rights, k.rate_per_min AS rate, k.last_used_at,
         a.id AS account, a.name, a.person, a.post, a.organisation, a.divisions AS account_divisions, a.roles,
         {WINDOW_S}.0::float8 / k.rate_per_min AS gap, extract(epoch FROM clock_timestamp())::float8 AS moment
  FROM kernel_apitoken k JOIN kernel_account a ON a.id = k.account_id
  WHERE k.token_hash = %s AND k.revoked_at IS NULL AND k.expires_at > clock_timestamp() AND a.is_active
), seen AS (
  UPDATE kernel_apitoken k SET last_used_at = to_timestamp(known.moment) FROM known
  WHERE k.id = known.id AND (k.last_used_at IS NULL OR k.last_used_at < to_timestamp(known.moment - {WINDOW_S}))
), counted AS (
  INSERT INTO kernel_tokenrate AS r (token_id, tat) SELECT id, moment + gap FROM known
  ON CONFLICT (token_id) DO UPDATE
    SET tat = greatest(r.tat, (SELECT moment FROM known)) + (SELECT gap FROM known)
    WHERE greatest(r.tat, (SELECT moment FROM known)) + (SELECT gap FROM known) - {WINDOW_S}
          <= (SELECT moment FROM known) + 1e-6
  RETURNING tat
)
SELECT known.*, EXISTS (SELECT 1 FROM counted) AS inside,
       coalesce((SELECT tat FROM counted), (SELECT tat FROM kernel_tokenrate WHERE token_id = known.id), 0) AS tat
FROM known
"""
