"""Connections: checked settings, services with their event, readers, the page, and the examples."""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime

import pytest
import yaml
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.actor import Actor
from anlan.kernel.models import Account, Entry
from anlan.kernel.options import Options
from anlan.kernel.problem import Forbidden, Invalid, NotFound, Problem
from anlan.kernel.scope import Scope
from anlan.monitoring.formats.connection_examples import EXAMPLES
from anlan.monitoring.formats.connection_file import ConnectionSpec, parse_connection, parse_connections
from anlan.monitoring.formats.connection_settings import Mapping, Register, Topic
from anlan.monitoring.formats.inflated import inflated
from anlan.monitoring.formats.json_path import each, json_path
from anlan.monitoring.formats.modbus_values import asks, value_of, words_of
from anlan.monitoring.formats.payload_rows import payload_rows, topic_filter, topic_pattern
from anlan.monitoring.formats.readings_batch import read_csv, read_json
from anlan.monitoring.models import Connection, ConnectionHealth
from anlan.monitoring.selectors.connections import connections_list
from anlan.monitoring.services.connections import connection_enable, connection_remove, connection_save

ADMIN = Actor("person", "admin", Scope(("41",)), roles=frozenset({"admin"}))
SPEC = ConnectionSpec("hydro", "sl651", "4101", "水文", "Hydro", True, {"port": 5651}, {})


@pytest.mark.parametrize("protocol", EXAMPLES)
def test_every_example_is_right(protocol: str) -> None:
    assert parse_connection(EXAMPLES[protocol]).protocol == protocol


@pytest.mark.parametrize(("change", "field"), [
    ({"code": "Bad Code"}, "code"), ({"protocol": "smoke"}, "protocol"), ({"code": "http"}, "code"),
    ({"division": "x"}, "division"), ({"settings": {"port": 0}}, "settings.port"), ({"settings": {}}, "settings"),
    ({"settings": {"port": 1, "prot": 2}}, "settings"), ({"settings": {"port": 1, "password": "x"}}, "settings.password"),
    ({"protocol": "file", "settings": {"folder": "drop"}}, "settings.folder"),
    ({"protocol": "mqtt", "settings": {"host": "h", "topics": []}}, "settings.topics"),
    ({"protocol": "mqtt", "settings": {"host": "h", "topics": [{"topic": "a/#/b"}]}}, "settings.topics[0].topic"),
    ({"protocol": "mqtt", "settings": {"host": "h", "topics": [{"topic": "a/{who}"}]}}, "settings.topics[0].topic"),
    ({"protocol": "mqtt", "settings": {"host": "h", "topics": [{"topic": "a/b"}]}}, "settings.topics[0].station"),
    ({"protocol": "mqtt", "settings": {"host": "h", "topics": [{"topic": "{station}", "at": "a[x"}]}}, "settings.topics[0].at"),
    ({"mapping": {"elements": {"a": 3}}}, "mapping.elements[...]"),
])  # fmt: skip
def test_what_is_wrong_is_named(change: dict[str, object], field: str) -> None:
    body = {
        "code": "hydro",
        "protocol": "sl651",
        "division": "41",
        "name_zh": "水",
        "name_en": "W",
        "settings": {"port": 1},
        **change,
    }
    with pytest.raises(Invalid) as found:
        parse_connections(yaml.safe_dump({"connections": [body]}))
    assert found.value.field == f"connections[0].{field}" and found.value.zh != found.value.en


@given(st.text(max_size=200))
def test_any_text_is_refused_in_words(text: str) -> None:
    for parse in (parse_connection, parse_connections):
        try:
            parse(text)
        except Problem as problem:
            assert problem.zh and problem.en


@pytest.mark.django_db
def test_a_connection_is_made_changed_switched_and_removed_each_with_its_event() -> None:
    connection_save(by=ADMIN, spec=SPEC)
    connection_save(by=ADMIN, spec=SPEC)
    connection_save(by=ADMIN, spec=ConnectionSpec("hydro", "sl651", "4101", "水文", "Hydro", True, {"port": 5652}, {}))
    connection_enable(by=ADMIN, code="hydro", enabled=False)
    connection_enable(by=ADMIN, code="hydro", enabled=False)
    connection_remove(by=ADMIN, code="hydro")
    told = [
        (e.data["action"], e.data["changed"]) for e in Entry.objects.filter(kind="connection.changed").order_by("id")
    ]
    assert [action for action, _ in told] == ["made", "changed", "changed", "removed"]
    assert told[1][1] == ["settings"] and told[2][1] == ["enabled"]
    assert not Connection.objects.exists()
    with pytest.raises(NotFound):
        connection_remove(by=ADMIN, code="hydro")


@pytest.mark.django_db
def test_nobody_reaches_beyond_their_divisions() -> None:
    connection_save(by=ADMIN, spec=SPEC)
    other = Actor("person", "other", Scope(("37",)), roles=frozenset({"admin"}))
    with pytest.raises(Forbidden):
        connection_save(by=other, spec=SPEC)
    with pytest.raises(NotFound):
        connection_enable(by=other, code="hydro", enabled=False)
    with pytest.raises(Forbidden):
        connection_save(by=Actor("person", "duty", Scope(("41",)), roles=frozenset({"duty"})), spec=SPEC)
    assert connections_list(other.scope) == []
    assert [row.code for row in connections_list(Scope(("4101",)))] == ["hydro"]


@pytest.mark.django_db
def test_the_page_shows_health_strangers_and_the_text(client: Client) -> None:
    connection_save(by=ADMIN, spec=SPEC)
    now = datetime.now(UTC)
    for code, division in (("hydro", "4101"), ("http", "")):
        ConnectionHealth.objects.create(
            code=code, division=division, protocol="sl651", state="down", state_at=now, error={"zh": "坏了", "en": "broken"},
            error_at=now, readings=1234, unknown={"0011223344 level_m": [3, now.isoformat(), "10.0.0.9:99"]}, written_at=now,
        )  # fmt: skip
    account = Account.objects.create_user("adm", name="管理员", divisions=["41"], roles=["admin"])
    client.force_login(account)
    page = client.get("/monitoring/connections", headers={"Accept": "text/html"}).content.decode()
    assert all(text in page for text in ("水文", "坏了", "1,234", "0011223344 level_m", "10.0.0.9:99"))
    edit = client.get("/monitoring/connections/hydro", headers={"Accept": "text/html"}).content.decode()
    assert "port: 5651" in edit
    text = yaml.safe_dump(
        {
            "code": "hydro",
            "protocol": "sl651",
            "division": "4101",
            "name_zh": "水",
            "name_en": "W",
            "settings": {"port": 70000},
        }
    )
    refused = client.post("/monitoring/connections/hydro/save", {"text": text})
    assert refused.status_code == 422 and "settings.port" in refused.content.decode()
    assert client.post("/monitoring/connections/hydro/save", {"text": text.replace("70000", "7000")}).status_code == 302
    assert Connection.objects.get().settings == {"port": 7000}
    client.post("/monitoring/connections/hydro/off")
    assert not Connection.objects.get().enabled
    client.post("/monitoring/connections/hydro/remove")
    assert not Connection.objects.exists()


def test_secrets_come_from_the_environment_or_the_file(tmp_path: object) -> None:
    assert Options({"ANLAN_SECRET_RIVER_1": "x"}).secret("river-1") == "x"
    (tmp_path / "anlan.toml").write_text('[secrets]\nriver = "y"\n')  # type: ignore[operator]
    assert Options({"ANLAN_HOME": str(tmp_path)}).secret("river") == "y"
    with pytest.raises(Invalid) as found:
        Options({"ANLAN_HOME": str(tmp_path)}).secret("none")
    assert "[secrets]" in found.value.en and "ANLAN_SECRET_NONE" in found.value.zh


@given(st.binary(max_size=300))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    for read in (read_json, read_csv, lambda b: inflated(b, "gzip", 1000), lambda b: inflated(b, "deflate", 1000)):
        try:
            read(body)
        except Problem as problem:
            assert problem.zh and problem.en


NOW = datetime(2026, 11, 22, tzinfo=UTC)


@given(st.binary(max_size=200), st.text(max_size=40), st.sampled_from(["json", "line", "csv", "number"]))
def test_any_payload_is_read_or_refused(body: bytes, name: str, form: str) -> None:
    topic = Topic("t/{station}/#", form=form, each="a[*]", at="t", element="e")  # type: ignore[arg-type]
    for topic_name in (name, "t/1/" + name):
        taken = payload_rows(topic, topic_name, body, Mapping(), NOW)
        assert taken.rows or taken.wrong or form in ("csv", "line")


def test_paths_and_patterns() -> None:
    assert list(each({"a": [{"v": 1}, {"v": 2}, {}]}, json_path("a[*].v"))) == [1, 2]
    assert list(each({"a": 3}, json_path("a.b"))) == []
    assert topic_filter("x/{station}/+/#") == "x/+/+/#"
    assert topic_pattern("x/{station}/#").match("x/1/a/b").groupdict() == {"station": "1"}  # type: ignore[union-attr]
    assert topic_pattern("x/{station}/#").match("x/1") and not topic_pattern("x/+").match("x/1/2")


VALUES = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(VALUES, st.sampled_from(["ABCD", "CDAB", "BADC", "DCBA"]))
def test_words_in_any_order_give_the_value_back(value: float, order: str) -> None:
    raw = struct.pack(">f", value)
    a, b, c, d = (raw[n : n + 1] for n in range(4))
    came = {"ABCD": a + b + c + d, "CDAB": c + d + a + b, "BADC": b + a + d + c, "DCBA": d + c + b + a}[order]
    register = Register("S", 0, type="float32", order=order)  # type: ignore[arg-type]
    found = value_of(register, struct.unpack(">HH", came))
    assert found is not None and math.isclose(found, value)


REGISTERS = st.builds(
    Register, st.just("S"), st.integers(0, 2000), type=st.sampled_from(["int16", "float32", "uint64"])
)


@given(st.lists(REGISTERS, min_size=1, max_size=60))
def test_requests_cover_every_register_within_the_bounds(registers: list[Register]) -> None:
    found = asks(registers, 1)
    assert sum(len(ask.registers) for ask in found) == len(registers)
    for ask in found:
        assert ask.many <= 125
        assert all(
            ask.address <= r.address and r.address + words_of(r) <= ask.address + ask.many for r in ask.registers
        )
