"""Production units for tests: few, with chosen values."""

from __future__ import annotations

from typing import Any

from anlan.territory.engine.identifiers import org_check, uscc_check
from anlan.territory.engine.keys import stable_id
from anlan.territory.models import Organisation, Unit
from tests.territory.care import NOW, TOWN


def uscc(number: int, area: str = "410181") -> str:
    """A valid credit code of a unit that does not exist."""
    eight = f"MAN{number:05d}"
    first = f"91{area}{eight}{org_check(eight)}"
    return first + uscc_check(first)


def unit(number: int, **words: Any) -> Unit:
    """Write a unit; what is not said is ordinary."""
    code = words.pop("uscc", uscc(number))
    key = words.pop("key", code or f"L:{number}")
    values: dict[str, Any] = {
        "id": stable_id("unit", key), "key": key, "uscc": code, "name": f"示例单位{number}号有限公司", "division": TOWN,
        "industry": "F5211", "size": "micro", "phone": f"100{number:08d}", "principal": "主要负责人", "lon": 113.05,
        "lat": 34.75, "updated_at": NOW,
    }  # fmt: skip
    return Unit.objects.create(**{**values, **words})


def department(division: str, key: str) -> Organisation:
    """The department of a division, made where there is none."""
    code = f"{division}.department.{key}"
    found, _ = Organisation.objects.get_or_create(
        code=code, defaults={"id": stable_id("organisation", code), "name_zh": key, "name_en": key, "kind": "department", "division": division},
    )  # fmt: skip
    return found
