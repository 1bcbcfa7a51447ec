"""Typed options: default, then `anlan.toml` in the home folder, then the environment (`ANLAN_…`).

`anlan options` prints them all. Nothing outside the composition root and the kernel reads the environment.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from anlan.kernel.problem import Invalid


@dataclass(frozen=True)
class Option:
    """One option: its type is the default's type; `help_en` and `help_zh` are its documentation."""

    name: str
    default: str | int | bool
    help_en: str
    help_zh: str
    secret: bool = False

    @property
    def env(self) -> str:
        """Name of the environment variable."""
        return "ANLAN_" + self.name.upper()


SPEC: tuple[Option, ...] = (
    Option("home", "", "Folder for database, keys, logs and backups.", "数据库、密钥、日志和备份所在目录。"),
    Option(
        "database_url",
        "",
        "PostgreSQL address; empty starts the embedded server.",
        "PostgreSQL 地址；留空则启动内置数据库。",
        secret=True,
    ),
    Option("host", "127.0.0.1", "Address the web and live servers listen on.", "网页与实时服务监听地址。"),
    Option("web_port", 8000, "Port of the web server.", "网页服务端口。"),
    Option("live_port", 8001, "Port of the live feed.", "实时推送端口。"),
    Option(
        "allowed_hosts",
        "127.0.0.1,localhost,[::1]",
        "Host names the web server answers to, with commas between.",
        "允许访问的主机名，以逗号分隔。",
    ),
    Option(
        "live_url",
        "",
        "Public address of the live feed; empty: same host, live port.",
        "实时推送的公开地址；留空则同主机。",
    ),
    Option("language", "zh-hans", "Language shown to a newcomer: zh-hans or en.", "默认界面语言。"),
    Option("time_zone", "Asia/Shanghai", "Time zone shown on pages.", "页面显示所用时区。"),
    Option(
        "drill",
        False,
        "This node runs a drill database under the drill clock.",
        "本节点运行演练库，使用演练时钟。",
    ),
    Option("node", "node", "Short code of this node, part of every journal entry.", "本节点代号，写入每条日志。"),
    Option(
        "role",
        "cli",
        "Which process this is: web, live, worker or cli.",
        "进程角色：web、live、worker 或 cli。",
    ),
    Option(
        "debug",
        False,
        "Show error details in the browser; never in service.",
        "在浏览器显示错误细节，正式运行禁用。",
    ),
    Option("https", False, "Cookies travel over HTTPS only.", "Cookie 仅通过 HTTPS 传输。"),
    Option(
        "allow_nondurable",
        False,
        "Accept a database that may lose data on power cut (tests only).",
        "允许非持久数据库设置（仅测试）。",
    ),
    Option("backup_keep", 14, "How many backups are kept.", "保留的备份份数。"),
    Option(
        "import_keep_days",
        30,
        "Days after which the file of an import that is over, and the values of its bad cells, are removed.",
        "导入结束后，其文件与错误单元格内容保留的天数。",
    ),
    Option(
        "import_memory_mb",
        2048,
        "Memory (address space, MB) that reading one import file may take; 0: no limit.",
        "读取一个导入文件可用的内存（地址空间，MB）；0 为不限。",
    ),
    Option("fonts", "", "Folder with the bureau's own licensed fonts for papers.", "公文所用自备字体目录。"),
)


class Options:
    """Reads each option once; attribute access gives the typed value."""

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        self._environ = dict(os.environ) if environ is None else environ
        self._spec = {option.name: option for option in SPEC}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._spec:
            raise AttributeError(name)
        value = self._read(self._spec[name])
        self.__dict__[name] = value
        return value

    def source(self, name: str) -> str:
        """Return where the value comes from: environment, file or default."""
        option = self._spec[name]
        if option.env in self._environ:
            return "environment"
        return "file" if name != "home" and name in self._file else "default"

    @cached_property
    def home_path(self) -> Path:
        """The home folder; made on first use."""
        path = Path(self.home).expanduser() if self.home else _default_home()
        path.mkdir(parents=True, exist_ok=True)
        return path.resolve()

    @cached_property
    def secret_key(self) -> str:
        """The node's secret, made once in keys/secret; signs sessions and scope tokens."""
        keys = self.home_path / "keys"
        keys.mkdir(mode=0o700, exist_ok=True)
        path = keys / "secret"
        if not path.exists():
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32))
            with contextlib.suppress(FileExistsError):  # another process of this start made it first
                os.link(fresh, path)
            fresh.unlink()
        return path.read_text().strip()

    @cached_property
    def _file(self) -> dict[str, Any]:
        path = self.home_path / "anlan.toml"
        return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}

    def _read(self, option: Option) -> str | int | bool:
        raw = self._environ.get(option.env)
        if raw is None:
            raw = None if option.name == "home" else self._file.get(option.name)
        return option.default if raw is None else _typed(option, raw)


def _typed(option: Option, raw: Any) -> str | int | bool:
    """Turn text into the option's type or say what is wrong with it."""
    if isinstance(option.default, bool):
        if str(raw).lower() in {"1", "true", "yes", "on"}:
            return True
        if str(raw).lower() in {"0", "false", "no", "off", ""}:
            return False
        raise _bad(option, raw, "是/否（1 或 0）", "yes or no (1 or 0)")
    if isinstance(option.default, int):
        try:
            return int(raw)
        except ValueError:
            raise _bad(option, raw, "整数", "a whole number") from None
    return str(raw)


def _bad(option: Option, raw: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="option.value",
        zh=f"选项 {option.name} 的值“{raw}”不对，应为{zh}；请改 anlan.toml 或环境变量 {option.env}。",
        en=f"Option {option.name} can't be “{raw}”: give {en} in anlan.toml or in {option.env}.",
        field=option.name,
        value=raw,
    )


def _default_home() -> Path:
    """Root gets a system folder (PostgreSQL may not run as root nor enter /root); a user gets the usual data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/anlan")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "anlan"


options = Options()
