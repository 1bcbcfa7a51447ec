"""The failures of the real event, and what the journal shows of the behaviour that answers each (结论).

A finding is never asserted: it quotes journal entries (sequence, time, sentence), or says that nothing shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from anlan.review.engine.rows import HISTORY, RED, Entry, minutes
from anlan.review.engine.wording import Names, sentence

Json = dict[str, Any]
Pick = Callable[[Sequence[Entry]], list[Entry]]
QUOTES = 5
PROMPT = timedelta(minutes=1)


@dataclass(frozen=True)
class Failure:
    """One named failure, the behaviour that answers it, and how to find it in the journal. `later`: it came after the
    hours a drill usually plays, so it is left out of a report as long as nothing in the journal speaks of it."""

    id: str
    zh: str
    en: str
    answer_zh: str
    answer_en: str
    pick: Pick
    later: bool = False


def _of(*kinds: str) -> Pick:
    return lambda entries: [entry for entry in entries if entry.kind in kinds]


def _main(entries: Sequence[Entry], *kinds: str) -> list[Entry]:
    return [e for e in entries if e.kind in kinds and e.data.get("track") != HISTORY]


def _joined(entries: Sequence[Entry]) -> list[Entry]:
    """Proposals opened within a minute after a red warning, and each time that nobody decided, on either track."""
    reds = [e.at for e in entries if e.kind == "warning.issued" and e.data.get("colour") == RED]
    if not reds:
        return []
    prompt = [e for e in _main(entries, "level.proposed") if any(red <= e.at <= red + PROMPT for red in reds)]
    undecided = [e for e in entries if e.kind in {"level.undecided", "level.escalated"} and e.at >= min(reds)]
    return prompt + undecided if prompt else []


def _unpushed(entries: Sequence[Entry]) -> list[Entry]:
    """Required channels not used: the push to every phone where that is among them."""
    missing = [e for e in entries if e.kind == "channel.missing"]
    return [e for e in missing if e.data.get("channel") == "mass_sms"] or missing


def _mandatory(entries: Sequence[Entry]) -> list[Entry]:
    """Orders given since the house's own track stood at level I or II, and the alarms for those not done."""
    high = [e.at for e in _main(entries, "level.started", "level.raised") if e.data.get("level") in (1, 2)]
    since = [e for e in entries if high and e.at >= min(high)]
    issued = _main(since, "tasks.issued")
    return issued + _main(since, "task.overdue", "task.escalated") if issued else []


def _stopped(entries: Sequence[Entry]) -> list[Entry]:
    """Stop-lines reached, acts reported, and the calls to the superior where a stop-line got no receipt."""
    called = [e for e in entries if e.kind == "task.escalated" and e.data.get("call")]
    return [e for e in entries if e.kind in {"stopline.crossed", "stopline.acted"}] + called


def _lost(entries: Sequence[Entry]) -> list[Entry]:
    lost = [e for e in entries if e.kind == "contact.lost"]
    divisions = {e.division for e in lost}
    recon = [e for e in entries if e.kind == "incident.opened" and e.division in divisions]
    return lost + recon


FAILURES: tuple[Failure, ...] = (
    Failure(
        "F1", "预警与响应脱节，第五次红色预警之后才启动Ⅰ级响应",
        "Warning and response were not joined: level I came only after the fifth red signal",
        "红色预警一分钟内向指定决策人提出响应建议；不作决定会被记录并逐级上报",
        "A red warning opens a level proposal to a named decider within a minute; not deciding is recorded and climbs",
        _joined,
    ),
    Failure(
        "F2", "五次红色预警，只有一次全网短信",
        "Five red warnings, only one pushed to every phone",
        "每次预警规定必用渠道，未使用的渠道列为红项",
        "Each warning has required channels; one that was not used is a red item",
        _unpushed,
    ),
    Failure(
        "F3", "没有停工停课停运的命令",
        "No order to stop work, schools or trains",
        "响应级别自带强制任务：责任岗位、时限、逾期报警",
        "A level carries mandatory tasks with owner, time limit and alarm",
        _mandatory,
    ),
    Failure(
        "F4", "领导都在一座水库，指挥部无人坐镇",
        "The leaders were all at one reservoir; nobody was at the command post",
        "领导位置上板，指挥部无主即报警",
        "The board shows who is where; an empty command post raises an alarm",
        _of("command.unattended", "command.attended"),
    ),
    Failure(
        "F5", "同一城市两个指挥机构，级别相差三十分钟",
        "Two command bodies of one city stood at different levels for thirty minutes",
        "一处启动，关联机构显示不一致，直到采纳或说明理由拒绝",
        "When one body starts a level, the linked body shows a mismatch until it adopts it or says why not",
        _of("command.mismatch", "command.matched"),
    ),
    Failure(
        "F6", "地铁运行到挡水墙冲垮，隧道未及时封闭",
        "The metro ran until the wall broke; the tunnel was not shut in time",
        "站点停止线：到线即由现场岗位先处置后报告，无回执即叫上级",
        "Stop-lines at posts: act at the line, report after; no receipt calls the superior",
        _stopped,
    ),
    Failure(
        "F7", "村庄成为孤岛，救援来迟",
        "A village became an island and help came late",
        "红雨区失联超过时限，自动开启最高优先级侦察",
        "No contact from a village under red rain opens reconnaissance at the highest priority",
        _lost,
    ),
    Failure(
        "F8", "死亡人数迟报瞒报",
        "Deaths were reported late and concealed",
        "身份不明也可登记；二十四小时零报告缺报即留痕，上级可见",
        "An unknown identity may be entered; a missing 24-hour report leaves a mark the upper levels see",
        _of("report.breach", "casualty.entered"),
    ),
    Failure(
        "F9", "一说溃坝，一说未溃坝",
        "One message said the dam had broken, another that it had not",
        "说法连同来源和可信度并列保存，下达核实任务；对外稿两种都不用",
        "Both statements are kept with source and confidence and somebody is told to verify; public drafts use neither",
        _of("incident.contradicted"), later=True,
    ),
)  # fmt: skip


def findings(entries: Iterable[Entry], names: Names | None = None) -> list[Json]:
    """Return one finding per failure F1–F9: id, failure, behaviour, shown, count, and the first entries that show it.

    A quoted entry has seq, at (ISO, UTC), kind, zh, en; `shown` is false and `facts` empty when nothing shows it.
    """
    ordered = sorted(entries, key=lambda entry: entry.seq)
    found = [(failure, failure.pick(ordered)) for failure in FAILURES]
    return [_finding(failure, shown, names) for failure, shown in found if shown or not failure.later]


def _finding(failure: Failure, shown: list[Entry], names: Names | None) -> Json:
    return {
        "id": failure.id,
        "failure": {"zh": failure.zh, "en": failure.en},
        "behaviour": {"zh": failure.answer_zh, "en": failure.answer_en},
        "shown": bool(shown),
        "count": len(shown),
        "facts": [_quote(entry, names) for entry in _spread(shown)],
    }


def _spread(entries: list[Entry]) -> list[Entry]:
    """Return the first entries of every kind in turn, so that what followed is quoted beside what began it."""
    by_kind: dict[str, list[Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append(entry)
    rounds = [group[i] for i in range(QUOTES) for group in by_kind.values() if i < len(group)]
    return sorted(rounds[:QUOTES], key=lambda entry: entry.seq)


def _quote(entry: Entry, names: Names | None) -> Json:
    return {"seq": entry.seq, "at": entry.at.isoformat(), "kind": entry.kind, **sentence(entry, names)}


def latency_sentence(first_red_at: Any, since: Any) -> dict[str, str]:
    """Say how long the response came after the first red warning; both moments aware.

    >>> from datetime import datetime, timedelta, UTC
    >>> t = datetime(2021, 7, 19, 13, 59, tzinfo=UTC)
    >>> latency_sentence(t, t + timedelta(minutes=1111))["en"]
    '18 h 31 min'
    """
    whole = round(minutes(first_red_at, since))
    return {"zh": f"{whole // 60} 小时 {whole % 60} 分", "en": f"{whole // 60} h {whole % 60} min"}
