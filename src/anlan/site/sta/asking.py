"""What a request asks for: `$filter`, `$expand`, `$orderby`, `$select`, `$top`, `$skip`, `$count`, `$resultFormat`.

What isn't known is refused, for an option that is silently left out gives an answer to another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anlan.site.sta.entities import ENTITIES, SETS, Entity
from anlan.site.sta.errors import unreadable
from anlan.site.sta.tree import Node, parse, parse_order

TOP, MOST_SKIP = 100, 100_000
MOST_DEPTH, MOST_EXPANDS, MOST_CHARS = 6, 30, 16_000
IDS = ("id", "@iot.id", "@iot.selfLink")
OPTIONS = (
    "$filter",
    "$expand",
    "$orderby",
    "$select",
    "$top",
    "$skip",
    "$count",
    "$skiptoken",
    "$resultFormat",
    "$format",
)


@dataclass(frozen=True)
class Asked:
    """One reading of the options, of a list or of one level of `$expand`. `said`: the options as they were written."""

    entity: Entity
    filter: Node | None = None
    orders: tuple[tuple[Node, bool], ...] = ()
    select: frozenset[str] | None = None
    expand: Mapping[str, Asked] = field(default_factory=dict)
    top: int = TOP
    skip: int = 0
    count: bool = False
    after: str = ""
    array: bool = False
    said: Mapping[str, str] = field(default_factory=dict)

    def shows(self, name: str) -> bool:
        """Is this property, link or id part of the answer?"""
        return self.select is None or name in self.select


@dataclass
class _Branch:
    options: dict[str, str] = field(default_factory=dict)
    children: dict[str, _Branch] = field(default_factory=dict)


def asked(params: Mapping[str, str], entity: Entity) -> Asked:
    """Read the options of a request for `entity`. Raises Unreadable naming the option and what to write instead."""
    for name, value in params.items():
        if name not in OPTIONS:
            known = "、".join(OPTIONS)
            raise unreadable(name[:64] or "?", value, f"没有这个查询选项；可用：{known}。",
                             f"There is no such option; take one of: {known.replace('、', ', ')}.")  # fmt: skip
        if len(value) > MOST_CHARS:
            raise unreadable(name, value[:80], f"最多{MOST_CHARS}个字符。", f"At most {MOST_CHARS} characters.")
    branch = _Branch({name: value for name, value in params.items() if name != "$expand"})
    if text := params.get("$expand", ""):
        _grow(branch, text, 1)
    if _size(branch) - 1 > MOST_EXPANDS:
        raise unreadable("$expand", text[:80], f"一次最多展开 {MOST_EXPANDS} 项；请分开查询。",
                         f"At most {MOST_EXPANDS} expansions in one request; ask in several.")  # fmt: skip
    return _read(branch, entity)


def entity_of(source: Entity, name: str) -> Entity | None:
    """Return the entity a link of `source` leads to; None where there is no such link."""
    link = source.links.get(name)
    return None if link is None else ENTITIES[link.to]


def split(text: str, separator: str) -> list[str]:
    """Cut a text at a separator that stands outside quotes and parentheses.

    >>> split("a($x=1;b),c", ",")
    ['a($x=1;b)', 'c']
    """
    parts, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif not quoted and depth == 0 and sign == separator:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _grow(branch: _Branch, text: str, depth: int) -> None:
    """Put what an `$expand` names under the branch; the same name twice is one branch."""
    if depth > MOST_DEPTH:
        raise unreadable("$expand", text[:80], f"最多展开 {MOST_DEPTH} 层。", f"At most {MOST_DEPTH} levels deep.")
    for item in split(text, ","):
        path, bracket, rest = item.strip().partition("(")
        if not path or bool(bracket) != item.strip().endswith(")"):
            raise _no_expand(item)
        names = path.split("/")
        if depth + len(names) - 1 > MOST_DEPTH:
            raise unreadable("$expand", text[:80], f"最多展开 {MOST_DEPTH} 层。", f"At most {MOST_DEPTH} levels deep.")
        here = branch
        for name in names:
            here = here.children.setdefault(name.strip(), _Branch())
        for option in split(rest[:-1], ";") if bracket else []:
            word, equal, value = option.strip().partition("=")
            if not option.strip():
                continue
            if not equal or word not in OPTIONS or word in ("$skiptoken", "$resultFormat", "$format"):
                raise _no_expand(option)
            if word == "$expand":
                _grow(here, value, depth + len(names))
            else:
                here.options[word] = value


def _no_expand(text: str) -> Exception:
    return unreadable(
        "$expand", text[:80], f"无法理解“{text[:40]}”；写作 Datastreams($top=1;$expand=Observations)。",
        f"“{text[:40]}” can't be understood; write Datastreams($top=1;$expand=Observations).",
    )  # fmt: skip


def _size(branch: _Branch) -> int:
    return 1 + sum(_size(child) for child in branch.children.values())


def _read(branch: _Branch, entity: Entity) -> Asked:
    said = branch.options
    expand = {}
    for name, child in branch.children.items():
        target = entity_of(entity, name)
        if target is None:
            raise _unknown("$expand", name, entity, list(entity.links))
        expand[name] = _read(child, target)
    form = said.get("$resultFormat", "")
    if form not in ("", "dataArray") or (form and entity.many != "Observations"):
        raise unreadable("$resultFormat", form, "只提供 dataArray，且只用于 Observations。",
                         "Only dataArray is given, and only of Observations.")  # fmt: skip
    if said.get("$format", "json") not in ("json", "application/json"):
        raise unreadable("$format", said["$format"], "只提供 json。", "Only json is given.")
    return Asked(
        entity=entity,
        filter=parse(said["$filter"]) if said.get("$filter", "").strip() else None,
        orders=tuple(parse_order(said["$orderby"])) if said.get("$orderby", "").strip() else (),
        select=_select(said.get("$select", ""), entity),
        expand=expand,
        top=min(_whole("$top", said.get("$top"), TOP), entity.most),
        skip=_skip(said.get("$skip")),
        count=_flag(said.get("$count", "false")),
        after=said.get("$skiptoken", ""),
        array=form == "dataArray",
        said=said,
    )


def _select(text: str, entity: Entity) -> frozenset[str] | None:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or "*" in names:
        return None
    known = [*IDS, *entity.fields, *entity.links]
    for name in names:
        if name not in known:
            raise _unknown("$select", name, entity, known)
    return frozenset("@iot.id" if name == "id" else name for name in names)


def _unknown(option: str, name: str, entity: Entity, known: list[str]) -> Exception:
    return unreadable(
        option, name[:64], f"{entity.one} 没有“{name[:64]}”；可用：{'、'.join(known)}。",
        f"{entity.one} has no “{name[:64]}”; take one of: {', '.join(known)}.",
    )  # fmt: skip


def _whole(option: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise unreadable(option, text[:40], "应为不小于0的整数。", "Give a whole number from 0.")
    return 10**9 if len(text) > 9 else int(text)


def _skip(text: str | None) -> int:
    found = _whole("$skip", text, 0)
    if found > MOST_SKIP:
        raise unreadable("$skip", text, f"最多跳过 {MOST_SKIP} 项；请沿 @iot.nextLink 翻页。",
                         f"At most {MOST_SKIP} are skipped; follow @iot.nextLink instead.")  # fmt: skip
    return found


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise unreadable("$count", text[:40], "应为 true 或 false。", "Give true or false.")
    return text == "true"


def set_named(name: str) -> Entity | None:
    """Return the entity of a set, `Things` and so on."""
    return SETS.get(name)
