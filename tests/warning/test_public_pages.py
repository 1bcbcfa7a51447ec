"""The public's pages: what is in force in plain words, the same for everybody, from memory, and never an exercise."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.kernel import clock
from anlan.territory.models import Person
from anlan.warning.models import Warning
from anlan.warning.pages import public
from anlan.warning.selectors.public import shelf
from anlan.warning.services import warning_cancel, warning_issue
from tests.warning.conftest import SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing in memory from the test before."""
    shelf.forget()
    public._kept.clear()
    public._stands[0] = None
    with clock.at(T0 + timedelta(minutes=5)):
        yield


def issued(colour: str = "red", **more: Any) -> Warning:
    given: dict[str, Any] = {"by": SCENARIO, "hazard": "11B03", "colour": colour, "area": ["410181"], "at": T0, **more}
    return warning_issue(**given)


def test_what_is_in_force_stands_there_in_both_languages_gravest_first() -> None:
    red, yellow = issued(), issued("yellow", area=["410182"], at=T0 + timedelta(minutes=1))
    for path, language in (("/public/", "zh"), ("/public/en/", "en")):
        text = Client().get(path).content.decode()
        for row in (red, yellow):
            assert getattr(row, f"headline_{language}") in text
            assert getattr(row, f"instruction_{language}") in text
        assert text.index(red.number) < text.index(yellow.number)


def test_a_message_s_own_page_and_its_file() -> None:
    row = issued()
    answer = Client().get(f"/public/warnings/{row.number}")
    text = answer.content.decode()
    assert row.description_zh in text
    assert f"/api/warning/public/alerts/{row.number}.xml" in text
    assert '<svg class="public-outline"' in text
    assert Client().get(f"/api/warning/public/alerts/{row.number}.xml").status_code == 200
    assert row.headline_en in Client().get(f"/public/en/warnings/{row.number}").content.decode()


def test_a_cancelled_one_moves_and_an_old_link_says_so() -> None:
    row = issued()
    warning_cancel(by=SCENARIO, warning=row, reason="x", at=T0 + timedelta(minutes=2))
    row.refresh_from_db()
    shelf.forget()
    text = Client().get("/public/en/").content.decode()
    assert row.cancel_number in text
    assert f'warnings/{row.number}"' not in text
    assert "This warning is over." in Client().get(f"/public/en/warnings/{row.number}").content.decode()
    assert "This warning was cancelled." in Client().get(f"/public/en/warnings/{row.cancel_number}").content.decode()
    assert json.loads(Client().get("/public/areas.json").content)["features"] == []


def test_an_exercise_is_never_there() -> None:
    row = issued()
    Warning.objects.filter(pk=row.pk).update(drill=True)
    shelf.forget()
    assert row.headline_zh not in Client().get("/public/").content.decode()
    assert Client().get(f"/public/warnings/{row.number}").status_code == 404


def test_the_areas_are_those_that_were_sent() -> None:
    issued("blue", area=["410182"])
    issued(at=T0 + timedelta(minutes=1))
    found = json.loads(Client().get("/public/areas.json").content)["features"]
    assert [one["properties"]["colour"] for one in found] == ["blue", "red"]
    ring = found[1]["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]
    assert all(112 < lon < 115 and 33 < lat < 36 for lon, lat in ring)
    base = json.loads(Client().get("/public/base.json").content)
    assert base["counties"]["features"]
    assert base["townships"] == []


def test_a_second_reader_costs_no_query_and_no_session() -> None:
    from django.db import connection

    issued()
    Client().get("/public/")
    with CaptureQueriesContext(connection) as caught:
        answer = Client().get("/public/")
    assert len(caught) == 0
    assert not answer.cookies
    assert answer["Cache-Control"].startswith("public, max-age=10")
    assert answer["Vary"] == "Accept-Encoding"


def test_who_has_it_already_gets_304_and_who_takes_gzip_gets_that() -> None:
    issued()
    plain = Client().get("/public/")
    assert Client().get("/public/", headers={"If-None-Match": plain["ETag"]}).status_code == 304
    packed = Client().get("/public/", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    issued("orange", area=["410182"], at=T0 + timedelta(minutes=1))
    shelf.forget()
    assert Client().get("/public/", headers={"If-None-Match": plain["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/public/x", "/public/warnings/", "/public/warnings/../areas.json",
                                  "/public/warnings/00000000000000_20000101000000_0", "/public/en/base.json"])  # fmt: skip
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_no_person_is_named() -> None:
    issued()
    text = "".join(Client().get(path).content.decode() for path in ("/public/", "/public/en/", "/public/areas.json"))
    people = list(Person.objects.values_list("name", "phone"))
    assert people
    assert not [name for name, phone in people if (len(name) > 1 and name in text) or phone in text]
