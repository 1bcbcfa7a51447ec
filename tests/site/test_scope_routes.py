"""A user of one county reads nothing of another: by any page, by any route of the REST interface, by SQL as the web.

The data is a morning of the drill over three counties, so every stage has rows. What may not be seen is known row by
row: the id of every row of every scoped table that lies in another county.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.drill import current_time
from anlan.kernel.options import options
from anlan.kernel.schema import column, scoped_models
from anlan.kernel.scope import Scope, activate
from anlan.readiness.driver import drive
from anlan.readiness.prepare import drill_fill
from anlan.readiness.scenario import scenario_load
from anlan.site.api import api
from tests.site.ogc_territory import units_make

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MINE, OTHER = "410181", "410182"
HOURS = 12  # from noon to midnight on the 19th: signals, the first red warning, calls, levels, tasks


@pytest.fixture(scope="module")
def storm(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One drill for all tests of this module, in one transaction that is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        story = scenario_load("zhengzhou-2021")
        drill_fill(story, seed=7, profile="tiny", strict=True)
        from anlan.kernel.drill import drill_control

        drill_control(by=Actor.system("test"), state="running", speed=0)
        drive(threading.Event(), upto=story.starts_at + timedelta(hours=HOURS), strict=True)
        units_make(60, division=MINE + "100")
        units_make(60, division=OTHER + "100", prefix="B", west=113.01)
        for name, division in (("mine", MINE), ("other", OTHER)):
            roles = ["registrar", "duty", "decider", "issuer", "responder", "auditor"]
            account_save(
                by=Actor.system("t"), username=name, name=name, divisions=[division], roles=roles, password="x" * 12
            )
        yield
        transaction.set_rollback(True)


@pytest.fixture
def db(storm: None, django_db_blocker: Any) -> Iterator[None]:
    """Stand on the module's storm; each test's own writes are undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        clock.follow(current_time)
        yield
        clock.follow(None)
        transaction.set_rollback(True)  # takes SET ROLE back too


def foreign_ids() -> dict[str, str]:
    """Return every id of a row of another county, with its table; taken as the owner."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for model in scoped_models():
            if model.SCOPE != "open" and column(model) == "division":  # type: ignore[attr-defined]
                table, key = model._meta.db_table, model._meta.pk.column if model._meta.pk else None
                if key is None:
                    continue
                cursor.execute(f'SELECT "{key}"::text FROM "{table}" WHERE division LIKE %s', [OTHER + "%"])
                found |= {row[0]: table for row in cursor.fetchall() if len(row[0]) > 12}
    return found


@pytest.fixture
def foreign(db: None) -> dict[str, str]:
    return foreign_ids()


@pytest.fixture
def client(foreign: dict[str, str]) -> Client:
    browser = Client(headers={"host": "127.0.0.1"})
    assert browser.login(username="mine", password="x" * 12)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
    return browser


def leaks(text: str, foreign: dict[str, str], asked: str) -> set[str]:
    """Return the tables of foreign ids in an answer, and foreign division codes; what the question held is no news."""
    for word in re.findall(r"[0-9a-f-]{36}|\d{9,12}", asked):
        text = text.replace(word, "")
    words = set(re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text))
    return {foreign[word] for word in words if word in foreign} | set(re.findall(rf"\b{OTHER}\d{{3,6}}\b", text))


def page_routes() -> list[str]:
    """Return every page's address pattern, parameters as `<type:name>`."""
    found: list[str] = []

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver) and pattern.namespace != "api":
                walk(pattern.url_patterns, prefix + str(pattern.pattern))
            elif isinstance(pattern, URLPattern):
                found.append(prefix + str(pattern.pattern))

    walk(get_resolver().url_patterns, "/")
    return [route for route in found if not route.startswith(("/static", "/healthz", "/metrics"))]


@cache
def interface() -> dict[str, Any]:
    """Return the documentation of the REST interface, which takes a while to put together."""
    return api.get_openapi_schema()


def api_routes() -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and documentation of every route of the REST interface."""
    paths = interface()["paths"]
    return [(method.upper(), path, spec) for path, methods in paths.items() for method, spec in methods.items()]


def example(schema: dict[str, Any], foreign: dict[str, str]) -> Any:
    """Return a body that fits a schema and speaks of the other county wherever it can."""
    known = interface()["components"]["schemas"]
    while "$ref" in schema or "anyOf" in schema or "allOf" in schema:
        schema = schema.get("anyOf", schema.get("allOf", [schema]))[0]
        schema = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        fields = schema.get("properties", {})
        return {name: OTHER if name in ("division", "area") and f.get("type") == "string" else example(f, foreign)
                for name, f in fields.items()}  # fmt: skip
    if schema.get("type") == "array":
        return [example(schema.get("items", {"type": "string"}), foreign)]
    if schema.get("format") == "uuid":
        return next(iter(foreign))
    if schema.get("format") == "date-time":
        return "2021-07-19T14:00:00Z"
    return {"integer": 1, "number": 1.0, "boolean": True}.get(schema.get("type", ""), OTHER)


def samples(table_hint: str, foreign: dict[str, str]) -> list[str]:
    """Return foreign ids to try in a route's parameter: those of the table the route speaks of, then one of each."""
    near = [key for key, table in foreign.items() if table_hint and table_hint in table][:2]
    each = {table: key for key, table in foreign.items()}
    return near + list(each.values())


# Parameters that choose a list or a tile, not a row: filled with what there is, so that the rest is reached.
CHOOSING = {
    "name": ["units", "places", "persons", "posts", "divisions"], "z": ["0"], "x": ["0"], "y": ["0"],
    "act": ["close", "undo"], "register": ["units", "places"],
}  # fmt: skip


def filled(route: str, foreign: dict[str, str]) -> list[str]:
    names = re.findall(r"<[^>]+>|\{[^}]+\}", route)
    for name in names:
        if (values := CHOOSING.get(name.strip("<>{}").rpartition(":")[2])) is not None:
            return [path for value in values for path in filled(route.replace(name, value, 1), foreign)]
    if not names:
        return [route]
    hint = route.strip("/").split("/")[-2].rstrip("s") if route.count("/") > 1 else ""
    out = []
    for value in samples(hint, foreign):
        path = route
        for name in names:
            path = path.replace(name, value)
        out.append(path)
    return out


def test_the_storm_left_rows_in_both_counties_at_every_stage(foreign: dict[str, str]) -> None:
    tables = set(foreign.values())
    for wanted in ("territory_post", "monitoring_signal", "warning_call", "response_task"):
        assert wanted in tables, (wanted, sorted(tables))


def test_no_page_shows_another_countys_rows(client: Client, foreign: dict[str, str]) -> None:
    asked = 0
    for route in page_routes():
        for path in filled(route, foreign):
            for query in ("", f"?division={OTHER}", "?at=2021-07-20T01:00:00Z"):
                with transaction.atomic():
                    response = client.get(path + query)
                    transaction.set_rollback(True)
                asked += 1
                body = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
                assert response.status_code < 500, (path, response.status_code)
                assert not leaks(body.decode("utf-8", "replace"), foreign, path), path + query
    assert asked > 20


def test_no_route_of_the_interface_answers_with_or_acts_on_another_countys_rows(
    client: Client, foreign: dict[str, str]
) -> None:
    acted, before = 0, newest()
    for method, route, spec in api_routes():
        content = spec.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = example(content["schema"], foreign) if content else {}
        wanted = {
            p["name"]: example(p["schema"], foreign) for p in spec.get("parameters", []) if p.get("in") == "query"
        }
        query = "?" + urlencode(wanted) if wanted else ""
        for path in filled(route, foreign):
            with transaction.atomic():
                activate(Scope((MINE,)), options.secret_key)
                response = client.generic(method, path + query, data=json.dumps(body), content_type="application/json")
                written = newer(before)
                transaction.set_rollback(True)
            asked = path + query + json.dumps(body)
            assert response.status_code < 500, (method, path, response.content[:300])
            assert not leaks(response.content.decode("utf-8", "replace"), foreign, asked), (method, path)
            if method != "GET" and path != route:
                acted += 1
                assert response.status_code in (403, 404, 405, 409, 415, 422), (method, path, response.status_code)
                assert written == 0, (method, path)
    assert acted > 20


def newest() -> int:
    """Return the newest entry this reader sees."""
    activate(Scope((MINE,)), options.secret_key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM kernel_entry")
        return int(cursor.fetchone()[0])


def newer(before: int) -> int:
    """Return how many entries after that one the reader sees; 0 where the request was rolled back, for then nothing was
    written."""
    if connection.needs_rollback:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_entry WHERE id > %s", [before])
        return int(cursor.fetchone()[0])


def test_sql_as_the_webs_role_sees_only_the_own_county(foreign: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
        activate(Scope((MINE,)), options.secret_key)
        for model in scoped_models():
            table, division = model._meta.db_table, column(model)
            if not division or model.SCOPE == "open":  # type: ignore[attr-defined]
                continue
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{division}" LIKE %s', [OTHER + "%"])
            assert cursor.fetchone() == (0,), table
        for table in ("kernel_entry", "kernel_change"):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE division LIKE %s", [OTHER + "%"])
            open_rows = " AND reach <> 'open'" if table == "kernel_change" else ""
            cursor.execute(f"SELECT count(*) FROM {table} WHERE division LIKE %s{open_rows}", [OTHER + "%"])
            assert cursor.fetchone() == (0,), table


def test_a_stranger_reads_nothing(db: None) -> None:
    browser = Client(headers={"host": "127.0.0.1"})
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
    for method, route, _ in api_routes():
        if method == "GET" and "{" not in route:
            everybodys = route.startswith("/api/warning/public/")  # feeds of warnings in force
            assert browser.get(route).status_code == (200 if everybodys else 401), route


def test_layers_and_tiles_hold_the_own_county_alone(client: Client, foreign: dict[str, str]) -> None:
    """What is asked for nothing but itself: layers and tiles are full of the own rows, and of no others."""
    for name, least in (("units", 60), ("places", 3), ("posts", 20)):
        body = client.get(f"/ogc/collections/{name}/items?limit=1000").content.decode()
        assert body.count('"Feature"') >= least, name
        assert not leaks(body, foreign, ""), name
    tile = client.get("/tiles/units/0/0/0.mvt").content
    assert b"L:A000001" in tile
    assert b"L:B0" not in tile
    for form in ("csv", "geojson"):
        answer = client.get(f"/api/territory/registers/units/download?format={form}")
        text = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
        assert MINE + "100" in text
        assert OTHER not in text
