"""The preview counts in the database what choosing people one by one finds, at the size of 77,000 officers."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

import pytest
from django.db import connection

from anlan.territory.models import Appointment, Person, Post, Shift
from anlan.warning.engine.targeting import counts
from anlan.warning.selectors.draft_preview import draft_preview
from anlan.warning.services import audience
from tests.warning.conftest import ISSUER, T0
from tests.warning.drafting import content

PEOPLE = 77_000
_LAY = """
CREATE TEMP TABLE laid AS SELECT n, gen_random_uuid() AS post, gen_random_uuid() AS person, v.code AS division, o.id AS body,
  s.id AS superior FROM generate_series(1, %(count)s) n
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS k, count(*) OVER () AS all_of FROM territory_division
  WHERE level = 5 AND code LIKE '410181%%') v ON v.k = n %% v.all_of
CROSS JOIN (SELECT organisation_id AS id FROM territory_post WHERE code = '410181.duty') o
CROSS JOIN (SELECT id FROM territory_post WHERE code = '410181.duty') s;
INSERT INTO territory_person (id, division, code, name, phone) SELECT person, division, 'S' || n, '信息员', '1' || lpad(n::text, 10, '0')
  FROM laid;
INSERT INTO territory_post (id, division, code, name_zh, name_en, role, organisation_id, superior_id)
  SELECT post, division, 'S' || n, '信息员', 'Officer', 'village_officer', body, superior FROM laid;
INSERT INTO territory_appointment (id, division, holder, valid_from, person_id, post_id)
  SELECT gen_random_uuid(), division, 'A', '2021-01-01', person, post FROM laid;
"""


@pytest.fixture
def province(tiny: None) -> None:
    """So many holders of posts in the villages of one county; nothing but their number matters here."""
    tables = ("territory_person", "territory_post", "territory_appointment")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(_LAY, {"count": PEOPLE})
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"ANALYZE {table}")


@pytest.mark.django_db
def test_the_preview_of_77_000_people_is_exact_and_quicker_than_choosing(province: None) -> None:
    own, took = content(), []
    rule = audience.ladder_rule(own.hazard, own.colour, T0)
    for _ in range(3):
        began = perf_counter()
        body = draft_preview(ISSUER, own, T0)
        took.append(perf_counter() - began)
    began = perf_counter()
    found = audience.targets(own.area, rule, T0)
    one_by_one = perf_counter() - began
    assert body["count"] == len(found) >= PEOPLE
    assert sum(row["count"] for row in body["roles"]) == sum(row["count"] for row in body["levels"]) == len(found)
    assert min(took) < one_by_one, (took, one_by_one)  # against the slow way in the same run, whatever the machine


@pytest.mark.django_db
def test_counting_in_the_database_is_choosing_one_by_one(tiny: None) -> None:
    post = Post.objects.filter(division="410181", role="county_commander").first()
    assert post is not None
    Appointment.objects.filter(post=post, holder="A", valid_to=None).update(valid_to="2021-07-01")
    Appointment.objects.filter(post__role="village_head", valid_to=None).filter(post__division__endswith="1").update(
        valid_to="2021-07-01"
    )
    desk = Post.objects.get(code="410181.duty")
    other = Person.objects.filter(division__startswith="410181").order_by("code")[3]
    Shift.objects.create(division=desk.division, post=desk, holder="A", person=other, starts_at=T0 - timedelta(hours=1),
                         ends_at=T0 + timedelta(hours=1))  # fmt: skip
    for area in (["410181"], ["4101"], ["410181100", "410182"]):
        for hazard, colour in (("11B03", "red"), ("11B03", "yellow"), ("12D00", "orange")):
            rule = audience.ladder_rule(hazard, colour, T0)
            people, found = audience.targets(area, rule, T0), audience.reach(area, rule, T0, 12)
            assert found.count == len(people)
            assert dict(found.levels) == counts(people)["levels"]
            assert dict(found.roles) == counts(people)["roles"]
            assert found.unmanned == sum(1 for target in people if not any(target.contacts.values()))
            assert [one.post_code for one in found.first] == [t.lead.post_code for t in people if t.level == "site"][
                :12
            ]
            assert sum(found.sites.values()) == sum(1 for target in people if target.level == "site")
