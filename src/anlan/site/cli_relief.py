"""`anlan grade --type relief`: the level the nation's relief table asks for on a province's figures, without a database."""

from __future__ import annotations

import json as codec

import typer

from anlan.site.words import pick

NEIGHBOUR = "neighbour_level"


def show(deaths: int | None, missing: int | None, figures: list[str], *, weak: bool, json: bool) -> None:
    """Print the level, the criterion met and its citation. Exit 2 for an unknown figure."""
    from anlan.response.engine.relief import METRICS, relief_level
    from anlan.response.formats.relief_table import relief_table

    table = relief_table()
    told = _told(figures, (*METRICS, NEIGHBOUR))
    if deaths is not None or missing is not None:
        told.setdefault("dead_missing", (deaths or 0) + (missing or 0))
    factor = table.weak_factor if weak else 1.0
    found = relief_level(table, told, neighbour=int(told.pop(NEIGHBOUR, 0)), factor=factor)
    body = {
        "level": found.level if found else 0, "table": table.code, "version": table.version, "factor": factor,
        "criterion": found.trigger.text.as_dict() if found else None, "item": found.trigger.id if found else "",
        "mark": found.trigger.mark if found else "", "decider": found.decider.as_dict() if found else None,
        "citation": {"zh": f"《{table.name.zh}》（{table.source.zh}）", "en": f"{table.name.en} ({table.source.en})"},
    }  # fmt: skip
    if json:
        typer.echo(codec.dumps(body, ensure_ascii=False))
        return
    if found is None:
        typer.echo("未达到国家救助响应条件  No level of the nation's relief response is asked for")
    else:
        typer.echo(f"国家救助{'一二三四'[found.level - 1]}级响应  National relief response, level {found.level}")
        typer.echo(f"{found.trigger.text.zh}  {found.trigger.text.en}")
        typer.echo(f"由{found.decider.zh}决定  Decided by {found.decider.en}")
    typer.echo(
        f"依据：{table.name.zh}（{table.source.zh}）{body['item']}  Source: {table.name.en} ({table.source.en}) {body['item']}"
    )
    if weak:
        typer.echo(
            f"薄弱地区：人数和间数门槛×{factor:g}（默认值，可修改）  Weak area: counts × {factor:g}, an editable default"
        )
    if body["mark"] == "G":
        typer.echo("默认值，待核  An editable default, to be confirmed")


def _told(pairs: list[str], known: tuple[str, ...]) -> dict[str, float]:
    told: dict[str, float] = {}
    for pair in pairs:
        metric, _, value = pair.partition("=")
        if metric not in known:
            raise typer.BadParameter(f"{metric}: {', '.join(known)}")
        try:
            told[metric] = float(value)
        except ValueError:
            raise typer.BadParameter(pick(f"{pair}：请写成 指标=数", f"{pair}: write metric=number")) from None
    return told
