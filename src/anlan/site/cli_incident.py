"""`anlan grade` and `anlan incident`: an event's grade by the tables, without a database; an incident's timeline."""

from __future__ import annotations

import json as codec
from datetime import date, datetime
from typing import Annotated, Any

import typer

from anlan.site import cli_relief
from anlan.site.words import pick

incident = typer.Typer(no_args_is_help=True, help="Incidents and their course. 事件")
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output. 输出 JSON")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands into the `anlan` command."""
    app.command()(grade)
    app.add_typer(incident, name="incident")


def grade(
    type: Annotated[str, typer.Option(help="work_safety, geological, forest_fire, earthquake, chemical, relief … or a class such as 12D00. 类别")],
    deaths: Annotated[int | None, typer.Option(min=0, help="Dead. 死亡")] = None,
    injured: Annotated[int | None, typer.Option(min=0, help="Seriously injured, acute poisoning included. 重伤（含急性中毒）")] = None,
    loss: Annotated[float | None, typer.Option(min=0, help="Direct loss in 10,000 yuan. 直接经济损失（万元）")] = None,
    missing: Annotated[int | None, typer.Option(min=0, help="Missing. 失踪")] = None,
    area_ha: Annotated[float | None, typer.Option("--area_ha", "--area-ha", min=0, help="Burnt forest, ha. 受害森林面积（公顷）")] = None,
    magnitude: Annotated[float | None, typer.Option(help="Of an earthquake. 震级")] = None,
    density: Annotated[str, typer.Option(help="populous (较密集) or dense (密集). 震中人口密度")] = "",
    gdp: Annotated[float | None, typer.Option(min=0, help="The province's GDP of last year, 10,000 yuan. 全省上年生产总值（万元）")] = None,
    figure: Annotated[list[str] | None, typer.Option(help="Another figure, metric=value; may be given again. 其他数据")] = None,
    area: Annotated[str, typer.Option(help="Division code where it happened. 区划代码")] = "",
    at: Annotated[str, typer.Option(help="The day it happened, YYYY-MM-DD; today if not told. 发生日期")] = "",
    weak: Annotated[bool, typer.Option("--weak", help="relief: thresholds lowered for a weak area. 薄弱地区降低启动条件")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Print an event's grade and the text it stands in; for relief, the level the nation's table asks for. 事件分级"""
    if type == "relief":
        cli_relief.show(deaths, missing, figure or [], weak=weak, json=json)
        return
    if weak:
        raise typer.BadParameter(pick("--weak 只用于 --type relief", "--weak goes with --type relief"))
    values: dict[str, float | str | None] = {
        "deaths": deaths, "seriously_injured": injured, "loss_wan": loss, "missing": missing, "area_ha": area_ha,
        "magnitude": magnitude, "density": density or None, "gdp_wan": gdp, **_others(figure or []),
    }  # fmt: skip
    told = graded(type, {k: v for k, v in values.items() if v is not None}, area, _day(at))
    typer.echo(codec.dumps(told, ensure_ascii=False) if json else "\n".join(lines(told)))


def graded(kind: str, values: dict[str, float | str], area: str, on: date) -> dict[str, Any]:
    """Return {type, on, grade, name, criterion, citation, table, version, mark, first_guess, possible, handled_by}; `grade`
    "" where no table holds or what is known reaches none. Exit 2 for an unknown type or word."""
    from anlan.response import choices
    from anlan.response.choices_incidents import FIGURES
    from anlan.response.engine.grading import Inputs, grade_by, table_for
    from anlan.response.engine.grading_words import criterion_words
    from anlan.response.formats.grades import event_types, grade_tables

    tables = grade_tables()
    codes = sorted({table.code for table in tables})
    if kind not in codes and event_types().find(kind) is None:
        raise typer.BadParameter(f"--type: {', '.join(codes)} | 12D00 …")
    for metric, value in values.items():
        rule = FIGURES.get(metric)
        words = rule.words if rule else None
        if words is not None and value not in words:
            raise typer.BadParameter(f"{metric}: {' | '.join(words)}")
    inputs = Inputs(kind, on, values, area)
    table = table_for(tables, inputs)
    found = grade_by(table, values) if table is not None else None
    body: dict[str, Any] = {"type": kind, "on": on.isoformat(), "grade": found.grade if found else ""}
    if table is not None:
        body |= {"table": table.code, "version": table.version, "issuer": table.issuer.as_dict(), "doc_no": table.doc_no,
                 "citation": table.citation.as_dict(), "mark": table.mark}  # fmt: skip
    if table is None or found is None:
        return body
    general = choices.GRADES[found.grade]
    name = table.grade_names.get(found.grade)
    handled = table.handled_by.get(found.grade)
    return body | {
        "name": name.as_dict() if name else {"zh": general.zh, "en": general.en},
        "criterion": criterion_words(found), "first_guess": found.first_guess, "possible": found.possible,
        "mark": (found.criterion.mark if found.criterion else "") or table.mark,
        "handled_by": handled.as_dict() if handled else None,
    }  # fmt: skip


def lines(told: dict[str, Any]) -> list[str]:
    """The answer as a person reads it, in both languages."""
    if not told["grade"]:
        cited = told.get("citation")
        why = ("没有适用的分级表", "no table holds for this type on this day") if cited is None else (
            "现有数据未达到表中任何一级", "what is known reaches no row of the table")  # fmt: skip
        return [f"未定级：{why[0]}  Not graded: {why[1]}", *([f"{cited['zh']}  {cited['en']}"] if cited else [])]
    from anlan.response.choices import GRADES

    found = [f"{told['name']['zh']}  {told['name']['en']} ({told['grade']})"]
    one = told["criterion"]
    if one:
        guess = ("初判：", "First guess: ") if told["first_guess"] else ("", "")
        found.append(f"{guess[0]}{one['zh']}  {guess[1]}{one['en']}")
    else:
        found.append("尚无数据达到更高等级，按最低一级  No figure reaches more: the least grade")
    found.append(f"依据：{told['citation']['zh']}  Source: {told['citation']['en']}")
    if told["mark"] == "G":
        found.append("默认值，待核  An editable default, to be confirmed")
    if told["handled_by"]:
        found.append(f"{told['handled_by']['zh']}  {told['handled_by']['en']}")
    if told["possible"]:
        worse = GRADES[told["possible"]]
        found.append(
            f"失踪、受伤人员情况恶化时可达：{worse.zh}  Should the missing be dead, the injured gravely hurt: {worse.en}"
        )
    return found


def _others(pairs: list[str]) -> dict[str, float | str]:
    from anlan.response.choices_incidents import FIGURES

    found: dict[str, float | str] = {}
    for pair in pairs:
        metric, _, value = pair.partition("=")
        rule = FIGURES.get(metric)
        if rule is None:
            raise typer.BadParameter(f"{metric}: {', '.join(FIGURES)}")
        try:
            found[metric] = value if rule.words is not None else float(value)
        except ValueError:
            raise typer.BadParameter(pick(f"{pair}：请写成 指标=数", f"{pair}: write metric=number")) from None
    return found


def _day(text: str) -> date:
    from anlan.kernel import clock

    if not text:
        return datetime.now(clock.BEIJING).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(pick("日期写成 2026-07-01", "write the day as 2026-07-01")) from None


@incident.command()
def timeline(
    key: Annotated[str, typer.Argument(metavar="ID", help="The incident's id. 事件编号")], json: Json = False
) -> None:
    """Print everything the journal says of an incident and what was merged into it, in order of time. 事件时间线"""
    from uuid import UUID

    from anlan.kernel import clock
    from anlan.kernel.scope import Scope
    from anlan.site.cli import ready

    try:
        asked = UUID(key)
    except ValueError:
        raise typer.BadParameter(
            pick("编号是一个 UUID，见事件页面地址", "the id is a UUID, see the address of its page")
        ) from None
    with ready():
        from anlan.response.selectors.timeline import incident_timeline

        rows = incident_timeline(Scope.whole(), asked)
    if json:
        typer.echo(codec.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    for row in rows:
        at = datetime.fromisoformat(row["at"]).astimezone(clock.BEIJING)
        typer.echo(f"{at:%Y-%m-%d %H:%M:%S}  {pick(row['text']['zh'], row['text']['en'])}  [{row['by']['name']}]")
