"""What the files of the repository say, and what they must not say."""

from __future__ import annotations

import ast
import re

from tests.architecture.house import called, python, tracked, tree, where

# Written apart, so that this file does not find itself.
PLACES = [
    "/wo" + "rk/", "/tmp/an" + "lan", "/opt/an" + "lan-dev", "/ho" + "me/", "/Us" + "ers/",
    "py" + "pi.org", "files.python" + "hosted.org", "registry.npm" + "js.org", "registry.npm" + "mirror.com",
]  # fmt: skip
TEXTS = {
    ".py",
    ".md",
    ".ts",
    ".css",
    ".html",
    ".yaml",
    ".yml",
    ".toml",
    ".json",
    ".lock",
    ".in",
    ".typ",
    ".csv",
    ".po",
    "",
}
TRANSLATORS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ngettext", "ngettext_lazy"}


def test_no_file_names_a_machine_or_a_package_server() -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXTS or path.stat().st_size > 5_000_000:
            continue
        text = path.read_text("utf-8", errors="replace")
        found += [f"{where(path)}: {place}" for place in PLACES if place in text]
    assert found == []


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    locks = [path for path in tracked() if path.suffix == ".lock" or path.name == "package-lock.json"]
    assert len(locks) >= 4
    for path in locks:
        text = path.read_text("utf-8")
        assert "sha256:" in text or "sha512-" in text, where(path)
        assert '"resolved"' not in text, where(path)
        assert path.suffix != ".lock" or "://" not in text, where(path)


def test_no_translation_is_an_f_string() -> None:
    bad = []
    for path in python():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and called(node) in TRANSLATORS:
                bad += [where(path, node) for argument in node.args if isinstance(argument, ast.JoinedStr)]
                bad += [
                    where(path, node)
                    for argument in node.args
                    if isinstance(argument, ast.BinOp | ast.Call) and called(node) == "_"
                ]
    assert bad == []


def test_the_two_readmes_have_the_same_sections() -> None:
    from tests.architecture.house import ROOT

    english, chinese = (ROOT / name for name in ("README.md", "README.zh-CN.md"))
    count = [path.read_text("utf-8").count("\n## ") for path in (english, chinese)]
    assert count[0] == count[1] > 0
    assert "README.zh-CN.md" in english.read_text("utf-8")
    assert "README.md" in chinese.read_text("utf-8")


def test_every_link_between_our_pages_leads_somewhere() -> None:
    bad = []
    for path in tracked():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
            if re.match(r"[a-z]+:|#|/", target):
                continue
            if not (path.parent / target.split("#")[0]).exists():
                bad.append(f"{where(path)}: {target}")
    assert bad == []
