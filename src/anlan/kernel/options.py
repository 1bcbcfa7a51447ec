"""Typed options: default, then `anlan.toml` in the home folder, then the environment (`ANLAN_…`).

`anlan options` prints them all. Nothing outside the composition root and the kernel reads the environment.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

from anlan.kernel.option import Option as Option
from anlan.kernel.options_papers import PAPERS
from anlan.kernel.options_warning import WARNING
from anlan.kernel.options_web import WEB
from anlan.kernel.problem import Invalid

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
    Option("gateway_port", 8002, "Port on which the gateway takes readings over HTTP.", "接入网关 HTTP 端口。"),
    Option(
        "gateway_host",
        "",
        "Address the gateway and its field protocols listen on; empty: as `host`.",
        "接入网关及各现场协议的监听地址；留空则同 host。",
    ),
    Option(
        "gateway_body_mb",
        32,
        "Largest body of one batch of readings, unpacked (MB).",
        "单批读数解压后的最大字节数（MB）。",
    ),
    Option(
        "gateway_waiting",
        400_000,
        "Readings that may wait in the gateway for the durable write; beyond it senders are told to wait.",
        "网关中等待落盘的读数上限，超过后让发送方稍候。",
    ),
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
    Option(
        "log",
        "postgres",
        "Log between gateway and worker: postgres, or jetstream (needs the extra `mesh`).",
        "接入与评判之间的日志：postgres 或 jetstream（需安装 mesh 附加组件）。",
    ),
    Option("log_keep_h", 24, "Hours that judged messages stay in the log.", "已评判消息在日志中保留的小时数。"),
    Option(
        "monitoring_shards",
        1,
        "Parts the stations are judged in, each by one core; stations keep theirs until registered again.",
        "测站评判分片数，每片占一个核；已登记测站重新登记后生效。",
    ),
    Option(
        "storm_signals",
        20,
        "New signals of one level, hazard and county within storm_minutes that are passed on one by one; more form a group.",
        "同县同灾种同级别的新信号在 storm_minutes 内逐条传递的条数；更多的并为一组。",
    ),
    Option(
        "storm_minutes", 10, "Span that the storm limiter and the grouping look at.", "信号限流与归组所看的分钟数。"
    ),
    Option(
        "readings_keep_days",
        30,
        "Days that readings stay in the database; older ones are archived to Parquet files.",
        "读数在数据库中保留的天数；更早的归档为 Parquet 文件。",
    ),
    Option("frames_keep_days", 14, "Days that raw frames are kept as evidence.", "原始报文留证天数。"),
    Option(
        "ten_keep_days",
        400,
        "Days that ten-minute figures are kept; hours and days stay.",
        "十分钟统计值保留天数；小时值和日值长期保留。",
    ),
    Option("fonts", "", "Folder with the bureau's own licensed fonts for papers.", "公文所用自备字体目录。"),
    Option(
        "nats_url",
        "",
        "NATS servers for log = jetstream, with commas between; empty starts our own.",
        "log = jetstream 时的 NATS 地址，以逗号分隔；留空则自行启动。",
        secret=True,
    ),
    Option(
        "nats_monitor",
        "",
        "Monitoring addresses (http://host:8222) of all the servers of nats_url, with commas between.",
        "nats_url 中全部 NATS 服务器的监控地址（http://主机:8222），以逗号分隔。",
    ),
    Option(
        "nats_replicas",
        1,
        "Copies JetStream keeps of each reading: 1, or 3 (our own: three servers on this machine).",
        "JetStream 为每条读数保留的副本数：1 或 3（自行启动时即在本机启动三个服务器）。",
    ),
    Option(
        "nats_stream_gb",
        10,
        "Disk (GB) that the unjudged readings of one shard may take in JetStream; then no more are taken.",
        "每个分片未评判读数在 JetStream 中可占的磁盘（GB），满后不再接收。",
    ),
    Option(
        "nats_prefix",
        "read",
        "Subject the readings travel under; nodes that share servers need different ones.",
        "读数所用的 NATS 主题前缀；共用服务器的节点应各不相同。",
    ),
    Option("warning_hands", 3, "Hands a warning needs: 3, or 2 (maker signs).", "预警经手人数：3，或 2（制作可签）。"),
    Option(
        "order_hands", 3, "Hands an order needs: 3, or 2 (its maker may sign).", "指令经手人数：3，或 2（拟稿可签）。"
    ),
    Option(
        "order_written_min",
        30,
        "Minutes within which a spoken order must have its written form.",
        "口头指令补办书面的时限（分钟）。",
    ),
    Option("nats_port", 4222, "First port tried for our own NATS servers.", "自行启动的 NATS 从此端口起选用。"),
    Option(
        "nats_server",
        "",
        "Program of our own NATS server; empty: the one installed with ./anlan mesh.",
        "自备的 nats-server 程序；留空则用 ./anlan mesh 安装的。",
    ),
    *WARNING,
    *PAPERS,
    *WEB,
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

    def secret(self, name: str) -> str:
        """Return a secret that a connection names: ANLAN_SECRET_<NAME>, or `name` in [secrets] of anlan.toml."""
        variable = "ANLAN_SECRET_" + name.upper().replace("-", "_")
        found = self._environ.get(variable) or self._file.get("secrets", {}).get(name)
        if not found:
            raise Invalid(
                code="option.secret",
                zh=f"没有密钥“{name}”；请写入 anlan.toml 的 [secrets]，或设环境变量 {variable}。",
                en=f"There is no secret “{name}”: put it under [secrets] in anlan.toml, or into {variable}.",
                field="secret",
                value=name,
            )
        return str(found)

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
