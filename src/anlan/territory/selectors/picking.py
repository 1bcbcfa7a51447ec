"""Choosing a division without ever sending the whole table: by words, or step by step down the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from anlan.kernel.scope import Scope
from anlan.territory.codes import LEVELS
from anlan.territory.models import Division, Organisation, Post
from anlan.territory.selectors.register_rows import division_paths


def divisions_named(scope: Scope, words: str, limit: int = 12) -> list[dict[str, Any]]:
    """Return divisions in force inside the scope whose name has `words` or whose code begins so: code, name {zh, en},
    path {zh, en}. The larger and the better match first. Two queries."""
    if not words:
        return []
    match = Q(code__startswith=words) if words.isdigit() else Q(name_zh__contains=words) | Q(name_en__icontains=words)
    rows = scope.filter(Division.objects.filter(match, valid_to__isnull=True), "code")
    first = Case(
        When(Q(name_zh__startswith=words) | Q(name_en__istartswith=words), then=Value(0)),
        default=Value(1), output_field=IntegerField(),
    )  # fmt: skip
    found = list(rows.order_by(first, "level", "code").values_list("code", "name_zh", "name_en")[:limit])
    paths = division_paths(code for code, _, _ in found)
    return [{"code": code, "name": {"zh": zh, "en": en}, "path": paths[code]} for code, zh, en in found]


def division_crumbs(scope: Scope, code: str) -> list[dict[str, Any]]:
    """Return the division `code` and those above it that the scope covers, the largest first: code, name. One query."""
    above = [code[:length] for length in LEVELS if length <= len(code) and scope.covers(code[:length])]
    rows = Division.objects.filter(pk__in=above).order_by("level").values_list("code", "name_zh", "name_en")
    return [{"code": key, "name": {"zh": zh, "en": en}} for key, zh, en in rows]


def division_children_counted(code: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the divisions named in `counts` (code → rows) below `code`, in code order: code, name, n. One query."""
    wanted = [key for key in counts if key.startswith(code) and len(key) > len(code)]
    rows = Division.objects.filter(pk__in=wanted).order_by("code").values_list("code", "name_zh", "name_en")
    return [{"code": key, "name": {"zh": zh, "en": en}, "n": counts[key]} for key, zh, en in rows]


def organisation_names(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return code → {"zh", "en"} of the organisations that exist. One query, none when nothing is asked."""
    wanted = list(codes)
    if not wanted:
        return {}
    rows = Organisation.objects.filter(code__in=wanted).values_list("code", "name_zh", "name_en")
    return {code: {"zh": zh, "en": en} for code, zh, en in rows}


def post_names(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return code → {"zh", "en"} of the posts that exist. One query, none when nothing is asked."""
    wanted = list(codes)
    if not wanted:
        return {}
    rows = Post.objects.filter(code__in=wanted).values_list("code", "name_zh", "name_en")
    return {code: {"zh": zh, "en": en} for code, zh, en in rows}
