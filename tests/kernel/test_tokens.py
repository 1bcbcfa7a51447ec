"""Keys for programs: what they open, where they end, how often they may ask."""

from __future__ import annotations

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from anlan.kernel.accounts import account_save, actor_of
from anlan.kernel.actor import ACTS, Actor, right_of
from anlan.kernel.models import Account, ApiToken, Entry, TokenRate
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, Invalid, NotFound, TooMany, Unknown
from anlan.kernel.scope import Scope, activate
from anlan.kernel.tokens import RIGHTS, overlap, token_admit, token_make, token_revoke, tokens_list
from anlan.site.cli import app

pytestmark = pytest.mark.django_db
ADMIN = Actor.system("test")


@pytest.fixture
def account() -> Account:
    return account_save(
        by=ADMIN, username="f", name="值班员", divisions=["4101"], roles=["duty", "admin"], password="rain-in-july"
    )


def made(account: Account, **changes: Any) -> tuple[ApiToken, str]:
    wanted = {"name": "图层", "divisions": ["410181"], "rights": ["territory.read"], **changes}
    return token_make(by=actor_of(account), account=account, **wanted)


def test_only_a_hash_is_kept_and_the_journal_says_what_was_made(account: Account) -> None:
    token, secret = made(account)
    assert secret not in str(ApiToken.objects.values().get())
    assert secret.startswith(token.hint)
    entry = Entry.objects.get(kind="token.made")
    assert entry.division == "410181"
    assert secret not in str(entry.data)
    assert entry.data["rights"] == ["territory.read"]


def test_a_token_reaches_no_further_than_its_account_does_now(account: Account) -> None:
    _, secret = made(account, divisions=["410181", "410182"])
    assert token_admit(secret).actor.scope.prefixes == ("410181", "410182")
    Account.objects.filter(pk=account.pk).update(divisions=["410182100", "3717"])
    assert token_admit(secret).actor.scope.prefixes == ("410182100",)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    with pytest.raises(Unknown):
        token_admit(secret)


def test_rights_narrow_what_the_accounts_roles_allow(account: Account) -> None:
    _, secret = made(account)
    actor = token_admit(secret).actor
    assert not any(actor.may(act, "410181") for act in ACTS)
    with pytest.raises(Forbidden):
        actor.must_have("territory.bulk")
    _, wide = made(account, rights=["territory.read", "territory.personal"])
    bearer = token_admit(wide).actor
    assert bearer.may("person.unmask", "410181")
    assert not bearer.may("warning.issue", "410181")
    assert bearer.as_json()["token"] == "图层"
    _, all_rights = made(account, rights=list(RIGHTS))
    assert not token_admit(all_rights).actor.may("account.manage", "410181")
    with pytest.raises(Forbidden):
        token_make(
            by=token_admit(all_rights).actor, account=account, name="x", divisions=["410181"], rights=["territory.read"]
        )


def test_every_act_needs_a_right_there_is_or_none_at_all() -> None:
    assert {right_of(act) for act in ACTS} <= set(RIGHTS) | {""}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("divisions", {"divisions": ["4102"]}),
        ("divisions", {"divisions": []}),
        ("rights", {"rights": ["everything"]}),
        ("rights", {"rights": []}),
        ("name", {"name": " "}),
        ("rate_per_min", {"rate_per_min": 0}),
        ("days", {"days": 5000}),
    ],
)
def test_what_can_not_be_a_token_is_refused_naming_the_field(
    account: Account, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refusal:
        made(account, **changes)
    assert refusal.value.field == field


def test_revoked_and_ended_tokens_open_nothing(account: Account) -> None:
    token, secret = made(account)
    stranger = account_save(by=ADMIN, username="g", name="他人", divisions=["4101"], roles=["duty"])
    with pytest.raises(NotFound):
        token_revoke(by=actor_of(stranger), token=token.pk)
    token_revoke(by=actor_of(account), token=token.pk)
    token_revoke(by=actor_of(account), token=token.pk)
    assert Entry.objects.filter(kind="token.revoked").count() == 1
    with pytest.raises(Unknown):
        token_admit(secret)
    ended, late = made(account)
    ApiToken.objects.filter(pk=ended.pk).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(Unknown):
        token_admit(late)
    assert [row.pk for row in tokens_list(account)] == [ended.pk, token.pk]


def test_the_rate_lets_a_minutes_requests_in_and_says_when_to_come_again(account: Account) -> None:
    token, secret = made(account, rate_per_min=5)
    left = [token_admit(secret).remaining for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(TooMany) as refusal:
        token_admit(secret)
    assert 1 <= refusal.value.extra["retry_after_s"] <= 13
    before = TokenRate.objects.get(token=token).tat
    with pytest.raises(TooMany):
        token_admit(secret)
    assert TokenRate.objects.get(token=token).tat == before, "a refused request is not counted"
    TokenRate.objects.filter(token=token).update(tat=before - 13)
    assert token_admit(secret).remaining == 0


@pytest.mark.django_db(transaction=True)
def test_the_rate_holds_over_many_connections(account: Account) -> None:
    _, secret = made(account, rate_per_min=40)

    def ask(_: int) -> bool:
        try:
            token_admit(secret)
        except TooMany:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert 40 <= sum(pool.map(ask, range(120))) <= 45  # the rate goes on while the test runs
    ApiToken.objects.all().delete()


@given(st.lists(st.text("12", max_size=4), max_size=4), st.lists(st.text("12", max_size=4), max_size=4))
def test_what_two_scopes_share_is_covered_by_both_and_loses_nothing(one: list[str], other: list[str]) -> None:
    both = Scope(overlap(one, other))
    for code in ("", "1", "12", "121", "2", "22", "2121", "11111"):
        assert both.covers(code) == (Scope(tuple(one)).covers(code) and Scope(tuple(other)).covers(code))


# --- over HTTP -----------------------------------------------------------------------------------------------------


@pytest.fixture
def web() -> Client:
    return Client(headers={"host": "127.0.0.1"})


def test_bearer_and_basic_come_in_with_the_rate_in_the_answer(account: Account, web: Client, web_role: None) -> None:
    activate(Scope(("4101",)), options.secret_key)
    _, secret = made(account, rate_per_min=3)  # twenty seconds until there is room for one more
    address = "/api/territory/places"
    answer = web.get(address, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert answer["RateLimit-Policy"] == '"token";q=3;w=60'
    assert answer["RateLimit"].startswith('"token";r=2;t=')
    basic = base64.b64encode(f"any:{secret}".encode()).decode()
    assert web.get(address, headers={"Authorization": f"Basic {basic}"}).status_code == 200
    assert web.get(address, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    refused = web.get(address, headers={"Authorization": f"Bearer {secret}"})
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert int(refused["Retry-After"]) >= 1


@pytest.mark.parametrize("header", ["Bearer anlan_wrong", "Bearer ", "Basic ???", "Digest x", "Basic YQ==", "x"])
def test_a_wrong_header_is_refused_in_words(web: Client, header: str) -> None:
    answer = web.get("/api/territory/places", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "Bearer" in answer["WWW-Authenticate"]
    assert answer.json()["field"] == "Authorization"


def test_a_token_in_the_address_is_refused(account: Account, web: Client) -> None:
    _, secret = made(account)
    answer = web.get(f"/api/territory/places?token={secret}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "token.in_address"
    assert secret not in answer.content.decode()


def test_a_token_writes_without_csrf_only_with_the_right_and_opens_no_page(account: Account, web: Client) -> None:
    _, secret = made(account)
    header = {"Authorization": f"Bearer {secret}"}
    refused = web.post("/api/response/incidents", data="{}", content_type="application/json", headers=header)
    assert (refused.status_code, refused.json()["code"]) == (403, "token.right")
    assert refused.json()["right"] == "response.write"
    page = web.get("/", headers=header)
    assert page.status_code in (302, 401)
    _, writer = made(account, rights=["response.write"])
    header = {"Authorization": f"Bearer {writer}"}
    taken = web.post("/api/response/incidents", data="{}", content_type="application/json", headers=header)
    assert taken.status_code == 422


def test_a_strangers_post_is_told_to_sign_in(web: Client) -> None:
    web.handler.enforce_csrf_checks = True
    assert web.post("/api/response/incidents", data="{}", content_type="application/json").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/nothing", 404),
        ("put", "/api/territory/places", 405),
        ("get", "/api/territory/places?kind=%00", 422),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(
    account: Account, web: Client, method: str, path: str, status: int
) -> None:
    assert web.login(username="f", password="rain-in-july")
    answer = getattr(web, method)(path)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert {"code", "zh", "en"} <= set(answer.json())


@pytest.mark.parametrize("body", ["{", '{"reason": NaN}', '{"reason": "\\ud800"}', '{"reason": "a\\u0000bcdef"}'])
def test_a_body_that_is_no_proper_json_is_refused(account: Account, web: Client, body: str) -> None:
    assert web.login(username="f", password="rain-in-july")
    path = "/api/territory/persons/018f0000-0000-7000-8000-000000000000/unmask"
    answer = web.post(path, data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


# --- the page and the command line -----------------------------------------------------------------------------------


def test_the_page_makes_a_token_shown_once_and_takes_it_back(account: Account, web: Client) -> None:
    assert web.get("/tokens").status_code in (302, 401)
    assert web.login(username="f", password="rain-in-july")
    form = {"name": "QGIS", "divisions": "410181", "right": ["territory.read"], "rate_per_min": "60", "days": "30"}
    page = web.post("/tokens", form).content.decode()
    secret = re.findall(r"anlan_[\w-]{43}", page)[0]
    assert web.get("/api/territory/places", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in web.get("/tokens").content.decode()
    refused = web.post("/tokens", {**form, "divisions": "3717"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    assert web.post("/tokens", {**form, "days": "x" * 30}).status_code == 422
    token = ApiToken.objects.get()
    assert web.post(f"/tokens/{token.pk}/revoke").status_code == 302
    assert web.get("/api/territory/places", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_the_command_line_makes_lists_and_revokes(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anlan.site.cli_tokens._ready", nullcontext)
    run = CliRunner()
    made = run.invoke(app, ["token", "add", "f", "--name", "脚本", "--right", "territory.bulk", "--rate", "30"])
    assert made.exit_code == 0, made.output
    assert token_admit(made.stdout.strip()).actor.scope.prefixes == ("4101",)
    rows = json.loads(run.invoke(app, ["token", "list", "--json"]).stdout)
    assert [(row["name"], row["rights"], row["rate_per_min"]) for row in rows] == [("脚本", ["territory.bulk"], 30)]
    assert run.invoke(app, ["token", "revoke", str(rows[0]["id"])]).exit_code == 0
    with pytest.raises(Unknown):
        token_admit(made.stdout.strip())
    assert isinstance(run.invoke(app, ["token", "add", "nobody", "--name", "x", "--right", "y"]).exception, NotFound)
