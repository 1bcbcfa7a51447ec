"""Production units, their licences and major hazard sources, and the kept versions of mass rows.

Units are a mass table: the journal records each import with count and hash, and `Kept` holds what every change
replaced, so that nothing is overwritten and an import can be undone.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q, Value

from anlan.kernel.models import BulkRow, Row
from anlan.territory.models.organisations import CODE, Organisation


def current_act() -> Func:
    """Return the database expression for the transaction that wrote a row: what the index is kept fresh by."""
    return Func(template="(pg_current_xact_id()::text::bigint)", output_field=models.BigIntegerField())


class Unit(BulkRow):
    """A production unit (生产经营单位). `key` is its natural key: the unified social credit code, else "L:" + legacy id.

    `flags` is a bit mask over choices.RISK_FLAGS in their order. `act` is the transaction that last wrote the row:
    every writer sets it with `current_act()`.
    """

    id = models.UUIDField(primary_key=True)  # engine.keys.stable_id("unit", key of its first entry)
    key = models.CharField(max_length=40, db_collation="C")
    uscc = models.CharField(max_length=18, default="", db_default="", db_collation="C")
    legacy_id = models.CharField(max_length=32, default="", db_default="", db_collation="C")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, default="", db_default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    coord_src = models.CharField(max_length=16, default="", db_default="")
    industry = models.CharField(max_length=5, default="", db_default="", db_collation="C")
    regulator = models.ForeignKey(
        Organisation, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    regulator_rule = models.CharField(max_length=32, default="", db_default="")
    size = models.CharField(max_length=12, default="", db_default="")
    staff = models.IntegerField(null=True)
    status = models.CharField(max_length=12, default="open", db_default="open")
    principal = models.CharField(max_length=64, default="", db_default="")
    phone = models.CharField(max_length=16, default="", db_default="")
    flags = models.IntegerField(default=0, db_default=0)
    major_hazard = models.SmallIntegerField(default=0, db_default=0)
    standardisation = models.SmallIntegerField(null=True)
    insured_to = models.DateField(null=True)
    credit = models.CharField(max_length=1, default="", db_default="")
    established = models.DateField(null=True)
    last_check = models.DateField(null=True)
    open_dangers = models.SmallIntegerField(default=0, db_default=0)
    extra = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    merged_into = models.UUIDField(null=True)
    origin = models.UUIDField(null=True)  # the import that brought the row; null: entered by hand or generated
    updated_at = models.DateTimeField()
    act = models.BigIntegerField(db_default=current_act(), db_index=True)

    class Meta:
        # A constraint, not unique=True: Django would add a second index for LIKE, which "C" does not need.
        constraints = (models.UniqueConstraint(fields=["key"], name="unit_key_once"),)
        indexes = (models.Index(fields=["division", "key"], name="unit_order"),)


class Kept(BulkRow):
    """What a change replaced (旧版本): `before` is the row as it was, null where it was new. `batch` is the import that
    changed it, null for a change by hand. `register` is the name of a register in rules/."""

    id = models.BigAutoField(primary_key=True)
    register = models.CharField(max_length=16)
    row = models.UUIDField(db_index=True)
    batch = models.UUIDField(null=True, db_index=True)
    at = models.DateTimeField()
    by = models.JSONField(null=True)
    before = models.JSONField(null=True)
    undone = models.BooleanField(default=False)


class Licence(Row):
    """A licence of a unit (许可证) with its expiry. Reminders go out 120, 100 and 90 days before."""

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")  # "{unit key}|{kind}|{number}"
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="licences")
    kind = models.CharField(max_length=24)
    number = models.CharField(max_length=64)
    issuer = models.CharField(max_length=200, default="")
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True, db_index=True)
    reminded = models.SmallIntegerField(null=True)  # the last reminder's days before expiry
    state = models.CharField(max_length=16, default="valid")  # valid | renewed | revoked | expired


class MajorHazard(Row):
    """A major hazard source of a unit (重大危险源), graded by R (GB 18218). `substances`: [{name, quantity_t, limit_t, beta}]."""

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="hazards")
    name = models.CharField(max_length=200)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    people_500m = models.IntegerField()
    substances = models.JSONField()
    r = models.FloatField()
    grade = models.SmallIntegerField()  # 1..4, 0: R is zero
    state = models.CharField(max_length=16, default="active")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(grade__range=(0, 4)), name="hazard_grade"),)
