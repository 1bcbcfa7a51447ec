"""Reads a scenario folder (drills/<name>/) into frozen values, or says exactly what is wrong with it."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from anlan.kernel.problem import Invalid, NotFound
from anlan.readiness.plot import AnyAct, Fact, IssueWarning, Message, Responders, Scenario, Words
from anlan.warning.engine.people import model as people_model

T = TypeVar("T")
LOCAL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
KINDS = frozenset({"warning", "response", "observation", "incident", "decision", "public", "forces"})


def folders() -> Path:
    """Where scenarios live: `drills/` of the source tree."""
    return Path(__file__).resolve().parents[3] / "drills"


def scenario_names() -> list[str]:
    """Names of the scenarios that can be run."""
    return sorted(path.parent.name for path in folders().glob("*/scenario.yaml"))


def scenario_load(name: str, root: Path | None = None) -> Scenario:
    """The scenario `name` (a folder of `root`, usually drills/).

    Raises NotFound when there is no such folder, Invalid (with file, field and value) when something in it is wrong.
    """
    folder = (root or folders()) / name
    if not re.fullmatch(r"[a-z0-9-]+", name) or not (folder / "scenario.yaml").is_file():
        known = ", ".join(scenario_names())
        raise NotFound(
            code="drill.no_scenario",
            zh=f"没有名为“{name}”的演练脚本；现有：{known}。",
            en=f"There is no drill scenario “{name}”; there are: {known}.",
            field="scenario",
            value=name,
        )
    raw = _yaml(folder / "scenario.yaml")
    zone = _zone(raw.get("timezone"), "scenario.yaml")
    timeline, people = raw.pop("timeline", "timeline.csv"), raw.pop("responders", "responders.yaml")
    bare = _convert(_aware(raw, zone), Scenario, "scenario.yaml")
    facts = tuple(_facts(folder / str(timeline)))
    responders = _convert(_yaml(folder / str(people)), Responders, str(people))
    whole = msgspec.structs.replace(bare, facts=facts, responders=responders, folder=str(folder))
    _check(whole)
    ordered = sorted(range(len(whole.acts)), key=lambda i: (whole.act_at(whole.acts[i]), i))
    return msgspec.structs.replace(whole, acts=tuple(whole.acts[i] for i in ordered))


def _wrong(file: str, field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="drill.scenario_invalid",
        zh=f"演练文件 {file} 的 {field} 有误：{zh}。",
        en=f"Drill file {file}, {field}: {en}.",
        field=f"{file}:{field}",
        value=str(value),
    )


def _yaml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise _wrong(path.name, "file", path.name, "文件不存在", "the file is missing")
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        raise _wrong(path.name, where, "", "YAML 语法错误", f"is not valid YAML ({error})") from error
    if not isinstance(content, dict):
        raise _wrong(path.name, "file", type(content).__name__, "应为键值表", "must be a mapping")
    return content


def _zone(name: Any, file: str) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise _wrong(file, "timezone", name, "时区未知", "is not a known time zone") from error


def _aware(node: Any, zone: ZoneInfo) -> Any:
    """Turns every value written as "2021-07-20 16:30" into an aware time of `zone`; keys stay as they are."""
    if isinstance(node, dict):
        return {key: _aware(value, zone) for key, value in node.items()}
    if isinstance(node, list):
        return [_aware(value, zone) for value in node]
    if isinstance(node, str) and LOCAL.fullmatch(node):
        return datetime.strptime(node, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    return node


def _convert(raw: Any, kind: type[T], file: str) -> T:
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        where = text.split(" - at `")[-1].rstrip("`") if " - at `" in text else "file"
        raise _wrong(file, where, "", "内容不合要求", text) from error


def _facts(path: Path) -> list[Fact]:
    if not path.is_file():
        raise _wrong(path.name, "file", path.name, "文件不存在", "the file is missing")
    with path.open(encoding="utf-8", newline="") as lines:
        return [_fact(row, number, path.name) for number, row in enumerate(csv.DictReader(lines), start=2)]


def _fact(row: dict[str, str], line: int, file: str) -> Fact:
    where = f"line {line}"
    try:
        at = datetime.fromisoformat(row["at"])
        until = datetime.fromisoformat(row["until"]) if row["until"] else None
        level = int(row["level"]) if row["level"] else None
        value = float(row["value"]) if row["value"] else None
    except KeyError as error:
        raise _wrong(file, where, error.args[0], "缺少列", f"has no column {error.args[0]}") from error
    except (ValueError, TypeError) as error:
        raise _wrong(file, where, "", "时间或数字无法读取", f"has an unreadable time or number ({error})") from error
    if at.tzinfo is None or (until is not None and until.tzinfo is None):
        raise _wrong(file, where, row["at"], "时间缺少时区", "has a time without offset")
    if row["kind"] not in KINDS:
        raise _wrong(file, where, row["kind"], "类别未知", f"has an unknown kind {row['kind']!r}")
    if not row["source"].strip():
        raise _wrong(file, where, row["id"], "没有来源", "has no source")
    return Fact(
        id=row["id"], at=at, until=until, precision=row["precision"], kind=row["kind"], division=row["division"],
        place=row["place"], actor=Words(row["actor_zh"], row["actor_en"]), what=Words(row["what_zh"], row["what_en"]),
        colour=row["colour"], level=level, value=value, unit=row["unit"], weak=row["weak"] == "yes",
        source=tuple(row["source"].split()),
    )  # fmt: skip


def _check(whole: Scenario) -> None:
    """What the types alone can't say: order of times, known facts and texts, acts inside the span."""
    file = "scenario.yaml"
    if not whole.backfill_from <= whole.starts_at < whole.ends_at:
        raise _wrong(file, "starts_at", whole.starts_at, "起止时间颠倒", "must lie between backfill_from and ends_at")
    if not 1 <= whole.tick_s <= 300:
        raise _wrong(file, "tick_s", whole.tick_s, "应为1至300秒", "must be 1 to 300 seconds")
    ids = [fact.id for fact in whole.facts]
    if len(set(ids)) != len(ids):
        twice = next(key for key in ids if ids.count(key) > 1)
        raise _wrong("timeline.csv", "id", twice, f"{twice} 重复", f"{twice} occurs twice")
    for number, act in enumerate(whole.acts):
        _check_act(whole, act, f"acts[{number}]", frozenset(ids))
    _check_people(whole.responders)


def _check_act(whole: Scenario, act: AnyAct, where: str, ids: frozenset[str]) -> None:
    file = "scenario.yaml"
    if act.fact not in ids:
        raise _wrong(file, f"{where}.fact", act.fact, "时间线中没有此事实", f"the timeline has no fact {act.fact!r}")
    if not whole.starts_at <= whole.act_at(act) <= whole.ends_at:
        raise _wrong(file, where, whole.act_at(act), "时间在演练之外", "happens outside the span of the drill")
    if isinstance(act, IssueWarning | Message) and act.texts not in whole.texts:
        raise _wrong(file, f"{where}.texts", act.texts, "没有这组文字", f"there are no texts {act.texts!r}")


def _check_people(people: Responders) -> None:
    file = "responders.yaml"
    _zone(people.timezone, file)
    try:
        people_model(people.people)
    except (KeyError, TypeError, ValueError) as error:
        raise _wrong(file, "people", "", "人员参数有误", f"is no people model ({error})") from error
    tables = {"tasks.receipt": people.tasks.receipt, "tasks.done": people.tasks.done,
              "deciders": people.deciders, "stop_lines": people.stop_lines}  # fmt: skip
    for name, table in tables.items():
        if name != "deciders" and "default" not in table:
            raise _wrong(file, name, "", "缺少 default", "has no row `default`")
        for role, pair in table.items():
            for spread in (pair.day, pair.night):
                least, likely, most = spread.minutes
                if not (0.0 <= spread.chance <= 1.0 and 0.0 <= least <= likely <= most):
                    raise _wrong(file, f"{name}.{role}", spread, "概率或分钟数有误", "chance or minutes out of order")
