"""Reference pages made from the code: events, options, addresses. `anlan docs` writes them, a test keeps them current."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, get_type_hints

from django.urls import URLPattern, URLResolver, get_resolver

import anlan.kernel
from anlan.kernel.journal import KINDS, Event
from anlan.kernel.options import SPEC
from anlan.site.api_idempotency import WITHOUT
from anlan.site.stages import having

NOTE = "<!-- Made from the code by `./anlan docs`. Don't edit: change the docstring and run it again. -->"
ORDER = (
    "kernel",
    "territory",
    "risk",
    "prevention",
    "monitoring",
    "warning",
    "response",
    "rescue",
    "relief",
    "readiness",
)


def events() -> list[type[Event]]:
    """Return every event of the house, by stage and kind."""
    for module in iter_modules(anlan.kernel.__path__, "anlan.kernel."):
        import_module(module.name)
    for stage in having("events"):
        import_module(f"anlan.{stage}.events")
    known = [event for event in KINDS.values() if event.__module__.startswith("anlan.")]
    return sorted(known, key=lambda event: (ORDER.index(_stage(event)), event.kind))


def _stage(event: type[Event]) -> str:
    return event.__module__.split(".")[1]


def undocumented_fields(event: type[Event]) -> list[str]:
    """Return the fields an event's docstring doesn't name; one that says `as level.raised` shares that event's words."""
    words = _words(event)
    seen: set[str] = set()
    while more := set(re.findall(r"\bas ([a-z_]+\.[a-z_]+)\b", words)) & KINDS.keys() - seen:
        seen |= more
        words += "\n".join(_words(KINDS[kind]) for kind in sorted(more))
    return [field for field in event.__struct_fields__ if not re.search(rf"\b{field}\b", words)]


def _words(event: type[Event]) -> str:
    """Return an event's docstring, and those of the events it extends."""
    line = [base for base in event.__mro__ if issubclass(base, Event) and base is not Event]
    return "\n\n".join((base.__doc__ and inspect.cleandoc(base.__doc__)) or "" for base in line)


def events_page() -> str:
    """Return docs/events.md."""
    parts = ["# Events", NOTE, "What can happen, as the journal keeps it. Every entry also carries: sequence, subject"
             " (`about`), division, `at` (when it happened in the world), `recorded_at`, and the actor."]  # fmt: skip
    stage = ""
    for event in events():
        if _stage(event) != stage:
            stage = _stage(event)
            parts.append(f"## {stage}")
        hints = get_type_hints(event)
        fields = ", ".join(f"`{name}`: {_type(hints[name])}" for name in event.__struct_fields__)
        parts.append(f"### `{event.kind}` (version {event.version})")
        parts.append(_words(event))
        parts.append(f"Fields: {fields or 'none'}")
    return "\n\n".join(parts) + "\n"


def _type(hint: Any) -> str:
    name = hint.__name__ if isinstance(hint, type) and not getattr(hint, "__args__", None) else str(hint)
    return name.replace("datetime.datetime", "datetime").replace("typing.", "").replace("uuid.UUID", "UUID")


def options_page() -> str:
    """Return docs/options.md."""
    rows = [
        f"| `{o.name}` | `{o.env}` | {type(o.default).__name__} | `{o.default!r}` | {o.help_en} | {o.help_zh} |"
        for o in SPEC
    ]
    head = ["| option | environment | type | default | what it does | 说明 |", "|---|---|---|---|---|---|"]
    words = (
        "Read from the default, then `anlan.toml` in the home folder, then the environment. `anlan options` prints them"
        " all with their values and where each came from."
    )
    return "\n".join(["# Options", "", NOTE, "", words, "", *head, *rows, ""])


def api_schema() -> dict[str, Any]:
    """Return the OpenAPI schema of the REST interface."""
    from anlan.site.api import api

    return dict(api.get_openapi_schema())


def api_routes(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, address and operation of every route of the REST interface."""
    for address, methods in sorted(schema["paths"].items()):
        for method, operation in sorted(methods.items()):
            yield method.upper(), address, operation


def pages() -> Iterator[tuple[str, str]]:
    """Yield address and first docstring line of every page outside the REST interface."""
    yield from sorted(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not address.startswith("/api/"):
                yield from _walk(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address, (inspect.getdoc(inspect.unwrap(pattern.callback)) or "").split("\n")[0]


def api_page() -> str:
    """Return docs/api.md."""
    schema = api_schema()
    parts = ["# Addresses", NOTE, "## REST interface", "Errors are problem+json (RFC 9457) with `code`, `zh`, `en`, and"
             " the `field` and `value` that are wrong. The schema is served at `/api/openapi.json`.", *_sent_twice()]  # fmt: skip
    for method, address, operation in api_routes(schema):
        answers = ", ".join(sorted(str(code) for code in operation.get("responses", {})))
        parts.append(f"### `{method} {address}`")
        parts.append(str(operation.get("description") or operation.get("summary") or ""))
        parts.append(f"Answers: {answers}")
    rows = [f"| `{address}` | {words} |" for address, words in pages()]
    parts += ["## Pages", "\n".join(["| address | what it shows |", "|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def _sent_twice() -> list[str]:
    """What a program does that can't know whether its write arrived."""
    words = """### Writes sent twice

A write that may have to be sent again carries the header `Idempotency-Key` with a key of the caller's own for that one act,
such as a UUID (1 to 255 visible ASCII characters, in double quotes or bare). The write is done once; the same request under
the same key of the same account, with the same reach, gets the same answer, status and body, with `Idempotent-Replayed:
true`. Key and write are committed together, so what was cut off in the middle was not done, and is done when it is sent
again.

| what comes | answer |
|---|---|
| the same request again | the kept answer, a refusal (4xx) too |
| again, while the first is being done | 409 `idempotency.running` with `Retry-After` |
| another method, address, query, body or reach under the key | 422 `idempotency.reused`: take a new key for a new act |
| a key that is none | 422 `idempotency.key` |
| again, after 5xx or 429 | done anew: these are not kept |
| again, after `idempotency_keep_h` hours (24) | done anew: keys and answers are destroyed |

A form with files is the same when its fields and files are, whatever its boundary. These take no key and ignore one:"""
    rows = [f"| `{method} {route}` | {why} |" for (method, route), why in WITHOUT.items()]
    return [words, "\n".join(["| address | why |", "|---|---|", *rows])]


def cap_findings_page() -> str:
    """Return docs/cap-findings.md."""
    from anlan.warning.formats.cap.wording import KINDS

    words = (
        "What `anlan cap check` can find, in the order of looking. `{value}` stands for the text at fault; sections are"
    )
    rows = [
        f"| `{code}` | {kind.severity} | {_cell(kind.en)} | {_cell(kind.zh)} | {kind.clause} |"
        for code, kind in KINDS.items()
    ]
    head = ["| code | severity | what it says | 说明 | rests on |", "|---|---|---|---|---|"]
    return "\n".join(["# Findings in CAP messages", "", NOTE, "", f"{words} those of CAP 1.2.", "", *head, *rows, ""])


def _cell(words: str) -> str:
    return words.replace("<", "&lt;").replace("|", "\\|")


PAGES = {
    "events.md": events_page, "options.md": options_page, "api.md": api_page, "cap-findings.md": cap_findings_page,
}  # fmt: skip


def write(folder: Path) -> list[str]:
    """Write the pages into `folder` (docs/); return the names of those that changed."""
    changed = []
    for name, make in PAGES.items():
        path, text = folder / name, make()
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(name)
    return changed


def stale(folder: Path) -> list[str]:
    """Return the names of pages that are not what the code says now."""
    return [
        name
        for name, make in PAGES.items()
        if not (folder / name).exists() or (folder / name).read_text("utf-8") != make()
    ]
