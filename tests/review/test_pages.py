"""The report's page, JSON and PDF as a signed-in reader gets them."""

from __future__ import annotations

import pytest
from django.test import Client

from anlan.kernel.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    """An auditor of Zhengzhou, signed in."""
    account = Account.objects.create_user(
        "auditor", "long enough to pass", divisions=["4101"], roles=["auditor"], name="Audit"
    )
    client.force_login(account, backend="anlan.site.sign_in.AccountBackend")
    return client


@pytest.mark.parametrize("address", ["after-action", "after-action.json", "after-action.pdf"])
def test_a_stranger_is_asked_to_sign_in(client: Client, address: str) -> None:
    answer = client.get(f"/review/{address}")
    assert answer.status_code == 302
    assert "/sign-in" in answer["Location"]


def test_the_page_of_an_empty_house_says_so(reader: Client) -> None:
    answer = reader.get("/review/after-action", headers={"accept-language": "en"})
    assert answer.status_code == 200
    words = answer.content.decode()
    assert "Nothing has happened yet." in words
    assert words.count("Not shown by the journal") == 8
    assert " style=" not in words


def test_json_is_the_report(reader: Client) -> None:
    found = reader.get("/review/after-action.json").json()
    assert found["format"] == 1
    assert found["warning_to_response_minutes"]["as_it_happened"] is None


def test_pdf_in_both_languages(reader: Client) -> None:
    for language in ("zh", "en"):
        answer = reader.get(f"/review/after-action.pdf?language={language}")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")


def test_a_moment_without_zone_is_refused_with_the_remedy(reader: Client) -> None:
    answer = reader.get("/review/after-action.json?at=2021-07-20T16:30", headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "at"
