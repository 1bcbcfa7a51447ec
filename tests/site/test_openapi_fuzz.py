"""The interfaces under thousands of made-up requests: no server error, no answer that is not documented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from anlan.kernel.drill import current_time
from anlan.kernel.models import Account
from anlan.kernel.schema import WEB_ROLE
from anlan.territory.models import Person, Place, Post, Unit
from anlan.territory.services import generate
from tests.site.ogc_territory import PASSWORD, account_make, token_of, units_make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROLES = ("duty", "decider", "issuer", "responder", "auditor", "gateway", "admin")
EXAMPLES = 8
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def reader() -> Iterator[Account]:
    """A county's own account with every role, on registers with rows; requests go as the web's database role."""
    generate("tiny", 7)
    units_make(40)
    account = account_make(["410181"], roles=ROLES)
    assert current_time() is None
    yield account
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def as_web() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {WEB_ROLE}")


def by_session(account: Account) -> dict[str, str]:
    """Return what a signed-in person's browser sends with every request."""
    browser = Client(headers={"host": "127.0.0.1"})
    assert browser.login(username=account.username, password=PASSWORD)
    csrf = _get_new_csrf_string()
    cookies = f"anlan_session={browser.cookies['anlan_session'].value}; csrftoken={csrf}"
    return {"HTTP_COOKIE": cookies, "HTTP_X_CSRFTOKEN": csrf}


def by_token(account: Account, rights: tuple[str, ...] = ()) -> dict[str, str]:
    """Return what a program sends with every request."""
    return {"HTTP_AUTHORIZATION": f"Bearer {token_of(account, rights)}"}


def known_values() -> dict[str, list[Any]]:
    """Return values of path parameters that lead somewhere, so that not every request ends in 404."""
    units = list(Unit.objects.filter(division__startswith="410181")[:2])
    return {
        "name": ["units", "places", "persons", "posts"],
        "register": ["units", "places"],
        "key": [units[0].key, str(units[1].pk)],
        "featureId": [str(units[0].pk)],
        "person": [str(Person.objects.filter(division__startswith="410181").values_list("pk", flat=True)[0])],
        "place": [Place.objects.filter(division__startswith="410181").values_list("code", flat=True)[0]],
        "post": [Post.objects.filter(division__startswith="410181").values_list("code", flat=True)[0]],
        "code": ["410181", "410181100"],
        "unit": [units[0].key],
    }


def sending(sends: dict[str, str]) -> Any:
    """Return the whole application, with what one caller sends put into each request."""
    application = get_wsgi_application()

    def called(environ: dict[str, Any], start: Any) -> Any:
        return application({**environ, **sends, "HTTP_HOST": "127.0.0.1", "HTTP_ACCEPT_ENCODING": "identity"}, start)

    return called


def shoot(path: str, sends: dict[str, str], known: dict[str, list[Any]]) -> dict[int, int]:
    """Send made-up requests to every route of the description at `path`; return how often each status came."""
    came: dict[int, int] = {}
    found_wrong: list[str] = []
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    description = schemathesis.openapi.from_wsgi(path, sending(sends), config=config)
    for found in description.get_all_operations():
        operation = found.ok()
        cases = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )

        @seed(7)
        @settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=cases, real=st.booleans())
        def one(case: Any, real: bool) -> None:
            if real and case.path_parameters:
                for name in case.path_parameters:
                    if name in known:
                        case.path_parameters[name] = known[name][len(came) % len(known[name])]
            answer = case.call()
            came[answer.status_code] = came.get(answer.status_code, 0) + 1
            case.validate_response(answer, checks=CHECKS)

        try:
            one()
        except BaseExceptionGroup as group:  # what schemathesis found, all kinds at once
            found_wrong += [f"{operation.label}: {fault}" for fault in group.exceptions]
        except Exception as fault:
            found_wrong.append(f"{operation.label}: {type(fault).__name__}: {fault}")
    assert not found_wrong, "\n".join(found_wrong)
    return came


def test_a_signed_in_person_finds_no_server_error_and_no_undocumented_answer(reader: Account) -> None:
    sends, known = by_session(reader), known_values()
    as_web()
    came = shoot("/api/openapi.json", sends, known)
    assert came.get(200, 0) > 50
    assert came.get(422, 0) > 50


def test_a_program_finds_no_server_error_and_no_undocumented_answer(reader: Account) -> None:
    sends, known = by_token(reader), known_values()
    as_web()
    came = shoot("/api/openapi.json", sends, known)
    assert came.get(200, 0) > 50


def test_the_feature_interface_finds_none_either(reader: Account) -> None:
    sends, known = by_token(reader, ("territory.read",)), known_values()
    as_web()
    came = shoot("/ogc/api", sends, known)
    assert came.get(200, 0) > 20
    assert came.get(400, 0) > 20
