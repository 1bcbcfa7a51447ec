"""`anlan monitor`: decode frames and replay readings, without a database; `anlan rules`: a bureau's own rule tests."""

from __future__ import annotations

import typer

monitor = typer.Typer(no_args_is_help=True, help="Decode frames, replay readings. 解码报文、重放读数")
rules = typer.Typer(no_args_is_help=True, help="Check and test rules. 检查与测试规则")
