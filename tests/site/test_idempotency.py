"""Writes sent twice: done once, answered alike; refused in words when the key stands for something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import encode_multipart
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel import journal
from anlan.kernel.accounts import actor_of
from anlan.kernel.actor import Actor
from anlan.kernel.idempotency import keys_forget
from anlan.kernel.models import Account, Change, Entry, IdempotencyKey, Seal
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.kernel.schema import WEB_ROLE
from anlan.kernel.scope import Scope, activate
from anlan.kernel.tokens import token_make
from anlan.response.models import Attachment, Incident
from anlan.site.api import api
from anlan.site.api_idempotency import WITHOUT, _once, key_of, takes_key
from tests.response.test_order_engine import png
from tests.site.keyed import COUNTY, FLOOD, desk, send, told
from tests.site.ogc_territory import account_make, token_of

pytestmark = pytest.mark.django_db(transaction=True)
PHOTO = png(40, 30)


@pytest.fixture
def account(transactional_db: None) -> Account:
    return desk()


@pytest.fixture
def secret(account: Account) -> str:
    return token_of(account)


def test_the_same_write_is_done_once_and_answered_alike(secret: str) -> None:
    first = send(secret, '"8e03978e-40d5"')
    again = [send(secret, '"8e03978e-40d5"'), send(secret, "8e03978e-40d5")]  # quoted and bare are one key
    assert told(first)[::2] == (201, False)
    for one in again:
        assert told(one) == (201, first.json(), True)
        assert one.headers["Content-Type"] == first.headers["Content-Type"]
    assert Incident.objects.count() == Entry.objects.filter(kind="incident.opened").count() == 1
    assert told(send(secret))[0] == told(send(secret, "another"))[0] == 201  # without a key, or under another: anew
    assert Incident.objects.count() == 3


def test_key_and_write_are_one_act_of_the_journal(secret: str) -> None:
    assert send(secret, "one").status_code == 201
    incident = str(Incident.objects.get().pk)
    acts = {*Entry.objects.filter(about=f"incident:{incident}").values_list("act", flat=True),
            *Change.objects.filter(key=incident).values_list("act", flat=True)}  # fmt: skip
    assert len(acts) == 1
    journal.seal()
    (act,) = acts
    closing = Seal.objects.filter(entry__act=act).order_by("-seq")[0]
    assert closing.closes_act


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({}, {**FLOOD, "source": "110"}),
        ({"path": "/api/response/casualties"}, FLOOD),
        ({"path": "/api/response/incidents?again=1"}, FLOOD),
        ({"path": "/api/warning/feed-sources", "method": "PUT"}, FLOOD),
    ],
)
def test_another_request_under_the_key_is_refused_in_both_languages(
    secret: str, changes: dict[str, Any], body: Any
) -> None:
    send(secret, "k")
    status, problem, replayed = told(send(secret, "k", body, **changes))
    assert (status, problem["code"], problem["field"], problem["value"], replayed) == (
        422, "idempotency.reused", "Idempotency-Key", "k", False)  # fmt: skip
    assert "新键" in problem["zh"]
    assert "new key" in problem["en"]
    assert Incident.objects.count() == 1


def test_a_refusal_is_kept_and_takes_back_what_was_begun(secret: str) -> None:
    wrong = {**FLOOD, "kind": "no-such-kind"}
    first, again = send(secret, "k", wrong), send(secret, "k", wrong)
    assert first.status_code == 422
    assert told(again) == (422, first.json(), True)
    assert told(send(secret, "k"))[1]["code"] == "idempotency.reused"
    assert Incident.objects.count() == 0
    assert send(secret, "k2").status_code == 201


def test_a_key_that_is_none_is_refused(secret: str) -> None:
    for key in ('""', '"a', "a b", "é", '"a";x=1', "x" * 256, '"' + "x" * 256 + '"'):
        status, problem, _ = told(send(secret, key))
        assert (status, problem["code"], problem["field"]) == (422, "idempotency.key", "Idempotency-Key"), key
    assert send(secret, "x" * 255).status_code == 201


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255))
def test_any_key_can_be_quoted(key: str) -> None:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert key_of(f'"{quoted}"') == key
    if " " not in key and '"' not in key:
        assert key_of(key) == key
    with pytest.raises(Invalid):
        key_of(f'"{quoted}')


@contextmanager
def broken() -> Iterator[None]:
    """A database that fails at the last row of an incident."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk'; END $$;"
            " CREATE TRIGGER broken AFTER INSERT ON kernel_entry FOR EACH ROW EXECUTE FUNCTION broken()"
        )
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION broken CASCADE")


def test_a_failure_of_ours_is_not_kept(secret: str) -> None:
    with broken():
        assert send(secret, "k").status_code == 500
    assert (Incident.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
    assert told(send(secret, "k"))[::2] == (201, False)


@pytest.mark.parametrize("status", [503, 429])
def test_what_says_come_again_is_not_kept_and_leaves_nothing(account: Account, status: int) -> None:
    request = RequestFactory().post("/api/response/incidents", FLOOD, content_type="application/json")
    request.actor = actor_of(account)  # type: ignore[attr-defined]
    activate(Scope((COUNTY,)), options.secret_key)

    def route() -> HttpResponse:
        Account.objects.filter(pk=account.pk).update(name="written")
        return HttpResponse(status=status)

    for _ in range(2):
        assert _once(request, "k", route).status_code == status
    account.refresh_from_db()
    assert (account.name, IdempotencyKey.objects.count()) == ("desk", 0)


def test_a_key_is_its_accounts_own_and_its_answer_goes_to_no_other_reach(account: Account, secret: str) -> None:
    first = send(secret, "k").json()
    other = token_of(account_make([COUNTY], "other"))
    assert told(send(other, "k"))[::2] == (201, False)
    narrow = token_make(by=Actor.system("t"), account=account, name="narrow", divisions=[f"{COUNTY}100"],
                        rights=["response.write"])[1]  # fmt: skip
    status, problem, _ = told(send(narrow, "k"))
    assert (status, problem["code"]) == (422, "idempotency.reused")
    assert first["id"] not in str(problem)
    reader = token_of(account, ("response.read",))
    assert told(send(reader, "k"))[1]["code"] == "token.right"  # who may not call the route gets nothing kept either
    assert Incident.objects.count() == 2


def test_the_database_shows_a_kept_answer_to_its_own_reach_alone(secret: str) -> None:
    send(secret, "k")
    with connection.cursor() as cursor:
        for scope, seen in (((COUNTY,), 1), (("41",), 0), (("",), 0), (("410182",), 0), ((), 0)):
            with transaction.atomic():
                cursor.execute(f"SET LOCAL ROLE {WEB_ROLE}")
                activate(Scope(scope), options.secret_key)
                cursor.execute("SELECT count(*) FROM kernel_idempotencykey")
                assert cursor.fetchone() == (seen,), scope
                cursor.execute("UPDATE kernel_idempotencykey SET status = 200")
                assert cursor.rowcount == seen, scope
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            cursor.execute(f"SET LOCAL ROLE {WEB_ROLE}")
            cursor.execute("DELETE FROM kernel_idempotencykey")
    assert "kernel_idempotencykey" not in set(_tracked())


def _tracked() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl FROM kernel_change")
        return [row[0] for row in cursor.fetchall()]


def test_a_key_ends_and_its_answer_is_destroyed(secret: str) -> None:
    send(secret, "old")
    send(secret, "young")
    ends = IdempotencyKey.objects.get(key="old").expires_at
    assert abs(ends - datetime.now(UTC) - timedelta(hours=24)) < timedelta(minutes=5)
    IdempotencyKey.objects.filter(key="old").update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert told(send(secret, "old"))[::2] == (201, False)  # over, though no sweep has come by
    assert told(send(secret, "old"))[::2] == (201, True)
    IdempotencyKey.objects.filter(key="old").update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert keys_forget() == 1
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]


def test_a_photograph_is_the_same_whatever_its_boundary(account: Account) -> None:
    incident = send(token_of(account)).json()["id"]
    who = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {token_of(account)}", "idempotency-key": "p"})

    def post(boundary: str, about: str = f"incident:{incident}", content: bytes = PHOTO) -> Any:
        file = SimpleUploadedFile("现场.png", content, "image/png")
        body = encode_multipart(boundary, {"about": about, "file": file})
        return who.generic("POST", "/api/response/attachments", body, f"multipart/form-data; boundary={boundary}")

    first = post("one")
    assert told(first)[::2] == (201, False)
    assert told(post("two")) == (201, first.json(), True)
    assert Attachment.objects.count() == 1
    assert Attachment.objects.get().bytes == len(PHOTO)  # read whole, after it was read for the digest
    assert post("one", content=PHOTO + b"x").json()["code"] == "idempotency.reused"
    assert post("one", about="incident:other").json()["code"] == "idempotency.reused"


def test_every_write_shows_the_header_once_and_every_exception_is_a_route() -> None:
    document = api.get_openapi_schema()
    assert document["components"]["parameters"]["IdempotencyKey"]["in"] == "header"
    known, shown = set(), 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            known.add((method.upper(), path))
            named = [p for p in operation.get("parameters", []) if "IdempotencyKey" in p.get("$ref", "")]
            assert len(named) == takes_key(method, path), (method, path)
            shown += len(named)
            assert not named or "409" in operation["responses"], (method, path)
    assert shown > 80
    assert set(WITHOUT) <= known


def test_a_route_that_takes_no_key_keeps_nothing(secret: str) -> None:
    body = {"area": {"type": "Polygon", "coordinates": [[[113, 34], [114, 34], [114, 35], [113, 34]]]}}
    for _ in range(2):
        answer = send(secret, "k", body, "/api/territory/inside")
        assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (200, False)
    assert IdempotencyKey.objects.count() == 0
    assert send(secret, "k").status_code == 201
