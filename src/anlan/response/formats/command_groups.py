"""Reads the groups of on-site command posts (`rules/command_groups.yaml`), or says what to mend."""

from __future__ import annotations

from functools import cache

import msgspec
import yaml

from anlan.response.engine.command_template import CommandPack, faults
from anlan.response.formats.packs import MAX_BYTES, pack_text, wrong
from anlan.territory.choices import DEPARTMENTS


def command_pack_read(text: str) -> CommandPack:
    """Return the pack a YAML text holds. Raises Invalid with the field, its value and the remedy."""
    if len(text) > MAX_BYTES:
        raise wrong("file", len(text), "文件过大，上限1MB。", "the file is larger than 1 MB; split it.")
    try:
        pack = msgspec.convert(yaml.load(text, Loader=yaml.CSafeLoader), CommandPack)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise wrong("file", str(error)[:200], f"内容不合要求（{error}），请改正。", f"{error}; correct it.") from error
    for field, value, zh, en in faults(pack, frozenset(DEPARTMENTS)):
        raise wrong(field, value, zh, en)
    return pack


@cache
def command_pack() -> CommandPack:
    """Return the shipped pack."""
    return command_pack_read(pack_text("command_groups.yaml"))
