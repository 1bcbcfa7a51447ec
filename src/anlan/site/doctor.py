"""`anlan doctor`: what has to be well, whether it is, and how to mend it. Reads only; starts the database if none runs.

Checks of the machine are here; those of the database are in `doctor_database`. The worst state is the exit code's:
0 when nothing fails.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import typer

from anlan.kernel.options import options
from anlan.kernel.problem import Problem
from anlan.site import database, serve
from anlan.site.processes import BEAT_S, responds
from anlan.site.words import chinese

State = Literal["ok", "warn", "fail"]
SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}
LEAST_DISK, SOME_DISK = 1 << 30, 5 << 30
BACKUP_DAYS = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its name, how it is, what was found and how to mend it (both "" when all is well)."""

    name: str
    state: State
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""


def doctor(name: str = "", *, as_json: bool = False) -> int:
    """Examine everything, print the findings, return the exit code."""
    from anlan.site.doctor_log import log
    from anlan.site.doctor_signing import signing

    found = [*machine(), *log(), *signing(), *_database(name)]
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            text, mend = (finding.zh, finding.mend_zh) if chinese() else (finding.en, finding.mend_en)
            typer.echo(f"{SIGNS[finding.state]} {finding.name:<12}{text}" + (f"\n    → {mend}" if mend else ""))
    return 1 if any(finding.state == "fail" for finding in found) else 0


def machine() -> Iterator[Finding]:
    """Look at everything but the database."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _locks,
        _pages,
        _fonts,
        _home,
        _disk,
        _clock,
        _running,
        _backups,
    ]
    for check in checks:
        yield from check()


def _python() -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding("python", "ok", f"Python {version}", f"Python {version}")


def _locks() -> Iterator[Finding]:
    checkout, env = os.environ.get("ANLAN_CHECKOUT"), os.environ.get("ANLAN_ENV")
    if not checkout or not env:
        yield Finding("packages", "ok", "以安装包运行", "running from an installed package")
        return
    want = hashlib.sha256(
        b"requirements/run.lock\0" + (Path(checkout) / "requirements/run.lock").read_bytes() + b"\0"
    ).hexdigest()
    have = json.loads((Path(env) / "python.stamp").read_text()) if (Path(env) / "python.stamp").exists() else {}
    if have.get("run") == want:
        yield Finding("packages", "ok", "依赖与锁定文件一致", "the packages are those of the lock file")
    else:
        yield Finding("packages", "fail", "依赖与锁定文件不符", "the packages are not those of the lock file",
                      "运行任一 ./anlan 命令即会重新安装", "any ./anlan command installs them anew")  # fmt: skip


def _pages() -> Iterator[Finding]:
    if (Path(__file__).parent / "static/built/manifest.json").exists():
        yield Finding("pages", "ok", "界面已构建", "the pages are built")
    else:
        yield Finding(
            "pages", "fail", "界面尚未构建", "the pages are not built", "运行 ./anlan build", "run ./anlan build"
        )


def _fonts() -> Iterator[Finding]:
    built = list((Path(__file__).parent / "static/built/fonts").glob("*.otf"))
    own = Path(options.fonts) if options.fonts else None
    if own is not None and not any(own.glob("*.[ot]t[fc]")):
        yield Finding("fonts", "warn", f"字体目录 {own} 中没有字体", f"there are no fonts in {own}",
                      "改正选项 fonts", "correct the option fonts")  # fmt: skip
    elif built or own:
        yield Finding("fonts", "ok", "公文中文字体可用", "Chinese fonts for papers are there")
    else:
        yield Finding("fonts", "warn", "没有公文中文字体，PDF 可能缺字", "there are no Chinese fonts for papers; PDFs may lack glyphs",
                      "运行 ./anlan build，或设置选项 fonts", "run ./anlan build, or set the option fonts")  # fmt: skip


def _home() -> Iterator[Finding]:
    home = options.home_path
    loose = [p.name for p in (home / "keys").glob("*") if stat.S_IMODE(p.stat().st_mode) & 0o077]
    if not os.access(home, os.W_OK):
        yield Finding("home", "fail", f"无法写入 {home}", f"{home} can't be written",
                      "以其所有者运行，或用 ANLAN_HOME 另选", "run as its owner, or choose another ANLAN_HOME")  # fmt: skip
    elif loose:
        yield Finding("home", "fail", f"密钥可被他人读取：{'、'.join(loose)}", f"keys readable by others: {', '.join(loose)}",
                      f"chmod 600 {home}/keys/*", f"chmod 600 {home}/keys/*")  # fmt: skip
    else:
        yield Finding("home", "ok", f"{home}，密钥仅本人可读", f"{home}, keys private")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(options.home_path).free
    state: State = "fail" if free < LEAST_DISK else "warn" if free < SOME_DISK else "ok"
    mend = (
        ("腾出空间：删除旧备份与日志，或扩容", "make room: old backups, old logs, or a larger disk")
        if state != "ok"
        else ("", "")
    )
    yield Finding("disk", state, f"剩余 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB free", *mend)


def _clock() -> Iterator[Finding]:
    """A clock before the code was made, or one that the system says is not set by the network."""
    if time.time() < Path(__file__).stat().st_mtime - 86_400:
        yield Finding("clock", "fail", "系统时间早于程序文件的时间", "the clock is before the program's own files",
                      "校正系统时间", "set the clock")  # fmt: skip
        return
    program = shutil.which("timedatectl")
    words = [program, "show", "-p", "NTPSynchronized", "--value"] if program else []
    said = subprocess.run(words, capture_output=True, text=True).stdout.strip() if words else ""
    if said == "no":
        yield Finding("clock", "warn", "系统时间未与网络校时", "the clock is not set by the network",
                      "启用 systemd-timesyncd 或 chrony", "enable systemd-timesyncd or chrony")  # fmt: skip
    else:
        yield Finding("clock", "ok", f"UTC {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())}",
                      f"UTC {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())}")  # fmt: skip


def _running() -> Iterator[Finding]:
    """The supervisor, its ports and the worker's heartbeat."""
    run = serve.read_run(options.home_path)
    if run is None:
        demo = Path(os.environ.get("ANLAN_CHECKOUT", "/nowhere")) / ".anlan-home"
        if serve.read_run(demo):
            yield Finding("service", "warn", "未在运行；但演示正在运行", "not running, but the demo is",
                          f"查看演示：anlan --home {demo} doctor", f"to look at it: anlan --home {demo} doctor")  # fmt: skip
        else:
            yield Finding("service", "warn", "未在运行", "not running", "运行 ./anlan up", "run ./anlan up")
        return
    yield Finding("service", "ok", f"运行中，进程 {run['pid']}", f"running, process {run['pid']}")
    for name in ("web", "live"):
        port = run[f"{name}_port"]
        if responds(port):
            yield Finding(name, "ok", f"端口 {port} 有应答", f"port {port} answers")
        else:
            yield Finding(name, "fail", f"端口 {port} 无应答", f"port {port} does not answer",
                          f"查看 {options.home_path}/logs/{name}.log", f"see {options.home_path}/logs/{name}.log")  # fmt: skip
    for name in ("worker",) if options.drill else ("worker", "shards", "senders"):
        beat = options.home_path / f"{name}.beat"
        age = time.time() - beat.stat().st_mtime if beat.exists() else float("inf")
        if age < BEAT_S:
            yield Finding(name, "ok", f"{age:.0f} 秒前有心跳", f"heartbeat {age:.0f} s ago")
        else:
            yield Finding(name, "fail", "没有心跳", "no heartbeat",
                          f"查看 {options.home_path}/logs/{name}.log", f"see {options.home_path}/logs/{name}.log")  # fmt: skip


def _backups() -> Iterator[Finding]:
    taken = [path.stat().st_mtime for path in (options.home_path / "backups").glob("*.backup")]
    days = (time.time() - max(taken)) / 86_400 if taken else None
    if options.drill:
        yield Finding("backup", "ok", "演练无需备份", "a drill needs none")
    elif days is not None and days <= BACKUP_DAYS:
        yield Finding("backup", "ok", f"最近备份于 {days:.1f} 天前", f"the last is {days:.1f} days old")
    else:
        said = (
            ("尚无备份", "there is none")
            if days is None
            else (f"最近备份已 {days:.0f} 天", f"the last is {days:.0f} days old")
        )
        yield Finding("backup", "warn", *said, "运行 ./anlan backup，并定期运行", "run ./anlan backup, and regularly")


def _database(name: str) -> Iterator[Finding]:
    """Look at the database, or say why it can't be looked at."""
    from anlan.site.doctor_database import examine

    running = serve.read_run(options.home_path) or {}
    try:
        with database.session(database=name or running.get("database") or database.DATABASE) as addresses:
            yield from examine(addresses)
    except Problem as problem:
        yield Finding("database", "fail", problem.zh, problem.en, "按上述办法处理后再查", "do as said, then look again")
    except OSError as failure:
        yield Finding("database", "fail", f"数据库无法使用：{failure}", f"the database can't be used: {failure}",
                      f"查看 {options.home_path}/logs/postgres.log", f"see {options.home_path}/logs/postgres.log")  # fmt: skip
