"""What is undocumented is not finished: events, options, addresses."""

from __future__ import annotations

import inspect

from anlan.kernel.options import SPEC
from anlan.site import docs
from tests.architecture.house import ROOT


def test_every_event_is_documented_field_by_field() -> None:
    assert len(docs.events()) > 20
    bare = [event.kind for event in docs.events() if not (event.__doc__ or "").strip()]
    assert bare == []
    missing = {event.kind: docs.undocumented_fields(event) for event in docs.events()}
    assert {kind: fields for kind, fields in missing.items() if fields} == {}


def test_every_option_is_documented_in_both_languages() -> None:
    for option in SPEC:
        assert option.help_en.endswith("."), option.name
        assert option.help_zh.endswith("。"), option.name


def test_every_route_says_what_it_does_and_how_it_can_fail() -> None:
    bare, unsaid = [], []
    for method, address, operation in docs.api_routes(docs.api_schema()):
        if not operation.get("description"):
            bare.append(f"{method} {address}")
        if not any(str(code).startswith("4") or code == "default" for code in operation.get("responses", {})):
            unsaid.append(f"{method} {address}")
    assert bare == []
    assert unsaid == []


def test_every_page_says_what_it_shows() -> None:
    assert [address for address, words in docs.pages() if not words] == []


def test_the_reference_pages_are_current() -> None:
    assert docs.stale(ROOT / "docs") == [], "run ./anlan docs"


def test_every_stage_has_its_page_and_its_readme() -> None:
    from anlan.site.stages import STAGES

    for stage in STAGES:
        room = ROOT / "src" / "anlan" / stage
        if (room / "__init__.py").exists():
            assert (room / "README.md").is_file(), stage
            assert (ROOT / "docs" / "stages" / f"{stage}.md").is_file(), stage


def test_the_docs_module_explains_itself() -> None:
    assert all(inspect.getdoc(make) for make in docs.PAGES.values())
