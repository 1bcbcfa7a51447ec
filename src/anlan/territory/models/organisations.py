"""Organisations and posts. A post is not a person (岗位不是人): duties, calls and decisions belong to posts.

Codes sort byte by byte (collation "C"), so that "4101.duty" comes before "410181.duty" on any server.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.kernel.models import Row

CODE = 64


class Organisation(Row):
    """A command body, department, government, committee, operator or site (机构)."""

    SCOPE: ClassVar[str] = "chain"

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    kind = models.CharField(max_length=16)


class Post(Row):
    """A post (岗位): what calls, tasks and decisions are addressed to. `superior` is who a silent call climbs to."""

    SCOPE: ClassVar[str] = "chain"

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    role = models.CharField(max_length=24)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    superior = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="juniors")
    place = models.ForeignKey("territory.Place", null=True, on_delete=models.PROTECT, related_name="posts")

    class Meta:
        indexes = (models.Index(fields=["role", "division"]),)
