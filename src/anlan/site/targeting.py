"""Body of `anlan target`: what is inside an area, and whom it calls. Expects its database to be ready."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.site.registers import actor
from anlan.site.words import chinese, pick
from anlan.territory import choices
from anlan.territory.engine.area import Area, area_from_geojson
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.selectors.inside import inside
from anlan.territory.selectors.target import Targets, target
from anlan.territory.services.targets import target_unmask

SHOWN = 50
HOLDER = ("person", "name", "phone", "phone_alt")


def run(file: Path, roles: str, at: str, up: int, limit: int | None, reason: str, account: str, as_json: bool) -> None:
    """Read an area, find what is inside and whom to call, and print it; in full only with a reason, journalled."""
    area, by = read_area(file), actor(account)
    scope = by.scope if account else Scope.whole()
    chosen = _roles(roles)
    within = inside(scope, area)
    found = target(scope, area, roles=chosen, at=_moment(at), up=up)
    limit = (None if as_json else SHOWN) if limit is None else limit
    rows = target_unmask(by=by, found=found, area=area, reason=reason, limit=limit) if reason else _masked(found, limit)
    body = {
        "area": str(file), "at": found.at.isoformat(), "as_of": found.as_of.isoformat(),
        "behind": found.behind or within.behind, "counts": within.counts, "sums": within.sums,
        "duty": found.counts, "posts": rows,
    }  # fmt: skip
    typer.echo(json.dumps(body, ensure_ascii=False, indent=1) if as_json else "\n".join(_words(body)))


def read_area(file: Path) -> Area:
    """Return the area of a GeoJSON file; Invalid with what is wrong and what helps."""
    try:
        body = json.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise _bad(file, "没有这个文件。", "There is no such file.") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise _bad(file, f"文件读不了（{fault}）。", f"It can't be read ({fault}).") from None
    except json.JSONDecodeError as fault:
        at_zh, at_en = f"第{fault.lineno}行第{fault.colno}列", f"line {fault.lineno}, column {fault.colno}"
        raise _bad(file, f"不是JSON：{at_zh}。", f"It is no JSON: {at_en}.") from None
    return area_from_geojson(body)


def _bad(file: Path, zh: str, en: str) -> Invalid:
    return Invalid(
        code="area.file",
        zh=f"“{file}”：{zh}请给出GeoJSON文件。",
        en=f"{file}: {en} Give a GeoJSON file.",
        field="area",
        value=file,
    )


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            code="target.at",
            zh=f"“{text}”不是时刻；请写成 2026-07-20T16:00+08:00。",
            en=f"“{text}” is no moment; write it as 2026-07-20T16:00+08:00.",
            field="at",
            value=text,
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.BEIJING)


def _roles(text: str) -> list[str] | None:
    roles = [role.strip() for role in text.split(",") if role.strip()]
    for role in roles:
        if role not in choices.POST_ROLES:
            known = ", ".join(choices.POST_ROLES)
            raise Invalid(
                code="target.role", zh=f"没有岗位类别“{role}”；可用：{known}。",
                en=f"There is no role “{role}”; take one of: {known}.", field="roles", value=role,
            )  # fmt: skip
    return roles or None


def _masked(found: Targets, limit: int | None) -> list[dict[str, Any]]:
    rows = list(found.rows(limit))
    for row in rows:
        for side in ("a", "b"):
            if row[side]:
                row[side] |= {"name": mask_name(row[side]["name"])}
                row[side] |= {name: mask_phone(row[side][name]) for name in ("phone", "phone_alt")}
    return rows


def _words(body: dict[str, Any]) -> list[str]:
    """Return the lines shown on a terminal."""
    lines = [pick("范围内：", "Inside:")]
    for register, counts in body["counts"].items():
        names = choices.PLACE_KINDS if register == "places" else {}
        parts = [f"{choices.name(names, code)['zh' if chinese() else 'en'] or '-'} {n}" for code, n in counts.items()]
        lines.append(f"  {register}: {sum(counts.values())}  {'  '.join(parts)}")
        lines.append("    " + "  ".join(f"{name} {n}" for name, n in body["sums"][register].items() if n))
    duty = body["duty"]
    lines.append(pick(f"应叫应岗位 {duty['posts']} 个，{duty['people']} 人，空缺 {duty['vacant']} 个",
                      f"Posts to call: {duty['posts']}, people: {duty['people']}, vacant: {duty['vacant']}"))  # fmt: skip
    for row in body["posts"]:
        sides = "  ".join(f"{side.upper()} {row[side]['name']} {row[side]['phone']}" for side in "ab" if row[side])
        role = choices.name(choices.POST_ROLES, row["role"])["zh" if chinese() else "en"]
        lines.append(f"  {row['code']}  {role}  {sides or pick('无人', 'nobody')}  [{', '.join(row['reasons'])}]")
    if len(body["posts"]) < duty["posts"]:
        lines.append(pick("  …… 全部见 --json 或 --limit", "  ... all of them: --json or --limit"))
    if body["behind"]:
        lines.append(pick(f"检索快照截至 {body['as_of']}", f"As of {body['as_of']}; later changes are left out"))
    return lines
