"""Live pages: a page's state plus the feed's frames always equals a refetch.

Each stage tells in `selectors.LIVE` how to project its things (`{"signal": fn}`). A frame names the journal entries
since the last one and carries the fresh projection of every item they touched; the page lays it over its state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.apps import apps

from anlan.kernel import clock
from anlan.kernel.drill import drill_state
from anlan.kernel.journal.reactor import EntryRow, entries_between
from anlan.kernel.journal.seal import head
from anlan.kernel.scope import Scope

Items = dict[str, dict[str, Any]]
Project = Callable[[Scope, "list[str] | None", "datetime | None"], Items]
MAX_FRAME = 5000


@dataclass(frozen=True)
class Projection:
    """How a collection is read, and which of its items an entry touches (None: any of them may have changed).

    `inside`: its items are seen by readers above or at their division only, so that an entry about one of them, which
    stands at the item's own division, concerns no reader below.
    """

    project: Project
    touches: Callable[[EntryRow], Iterable[str] | None]
    inside: bool = False


def projections() -> dict[str, Projection]:
    """Return all stages' projections by collection name."""
    found: dict[str, Projection] = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("anlan."):
            continue
        try:
            module = import_module(f"{config.name}.selectors")
        except ModuleNotFoundError as missing:
            if missing.name != f"{config.name}.selectors":
                raise
            continue
        for name, value in getattr(module, "LIVE", {}).items():
            found[name] = value if isinstance(value, Projection) else Projection(value, _about(name))
    return found


def state(scope: Scope, at: datetime | None = None) -> dict[str, Any]:
    """Return the whole live state in `scope`, now or as it stood at `at`. Read it in one transaction."""
    seq, _ = head()
    items = {name: p.project(scope, None, at) for name, p in sorted(projections().items())}
    return {"seq": seq, "clock": clock_state(), "items": items}


def clock_state() -> dict[str, Any]:
    """Return the clock as pages show it."""
    drill = drill_state()
    body: dict[str, Any] = {"now": clock.now().isoformat(), "drill": drill is not None}
    if drill is not None:
        body |= {
            "scenario": drill.scenario,
            "seed": drill.seed,
            "speed": drill.speed,
            "state": drill.state,
            "start": drill.starts_at.isoformat(),
            "end": drill.ends_at.isoformat(),
            "now": drill.at.isoformat(),
        }
    return body


def frame(scope: Scope, after: int, upto: int) -> dict[str, Any] | None:
    """Return what changed in `scope` between two sequences; None when so much that a refetch is cheaper."""
    if upto - after > MAX_FRAME:
        return None
    known = projections()
    seen = concerning(scope, entries_between(after, upto), known)
    return frame_of(scope, seen, touched(seen, known), upto, clock_state(), known)


def frame_of(
    scope: Scope,
    seen: list[EntryRow],
    stale: dict[str, list[str] | None],
    upto: int,
    now: dict[str, Any],
    known: dict[str, Projection],
) -> dict[str, Any]:
    """Return the frame up to sequence `upto` for one scope: `seen` are the entries it is told of (`concerning`), `stale`
    what has to be read anew after them (`touched`; when nothing, no query is made). `now` and `known`: the clock and the
    projections, read once for all scopes."""
    changed: dict[str, Items | dict[str, None]] = {}
    whole: list[str] = []
    for name, ids in stale.items():
        if ids is None:
            changed[name] = known[name].project(scope, None, None)
            whole.append(name)
        else:
            fresh = known[name].project(scope, ids, None)
            changed[name] = {key: fresh.get(key) for key in ids}  # type: ignore[assignment]
    brief = [
        {"seq": e.seq, "kind": e.kind, "about": e.about, "division": e.division, "at": e.at.isoformat()}
        for e in seen[-100:]
    ]
    return {"seq": upto, "clock": now, "set": changed, "whole": whole, "events": brief}


def merge(items: dict[str, Items], frame: dict[str, Any]) -> None:
    """Lay a frame over a state's items; the same few lines as the page's own."""
    for name, changed in frame["set"].items():
        target = items.setdefault(name, {})
        if name in frame["whole"]:
            target.clear()
        for key, item in changed.items():
            if item is None:
                target.pop(key, None)
            else:
                target[key] = item


def concerning(scope: Scope, entries: list[EntryRow], known: dict[str, Projection]) -> list[EntryRow]:
    """Return the entries a reader in `scope` is told of: at its own divisions and above them, save those about one item
    above that is seen only there."""
    kept = frozenset(name for name, projection in known.items() if projection.inside)
    return [
        entry
        for entry in entries
        if scope.covers(entry.division) or (scope.sees(entry.division) and entry.about.partition(":")[0] not in kept)
    ]


def touched(entries: list[EntryRow], known: dict[str, Projection]) -> dict[str, list[str] | None]:
    """Return what has to be read anew after the `entries` a scope is told of: ids by collection (None: all of it)."""
    found: dict[str, list[str] | None] = {}
    for name, projection in known.items():
        ids: dict[str, None] = {}
        for entry in entries:
            mine = projection.touches(entry)
            if mine is None:
                found[name] = None
                break
            ids.update(dict.fromkeys(mine))
        else:
            if ids:
                found[name] = list(ids)
    return found


def _about(name: str) -> Callable[[EntryRow], Iterable[str]]:
    def touches(entry: EntryRow) -> Iterable[str]:
        kind, _, key = entry.about.partition(":")
        return [key] if kind == name else []

    return touches
