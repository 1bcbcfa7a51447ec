"""What a decision on a level says, in both languages. It is kept as it was decided, in Chinese where nobody wrote it
otherwise; what the plan itself said is said again in English, what a person wrote stays as written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from anlan.response.engine.plan import LEVELS, NUMERALS, NUMERALS_EN, Plan
from anlan.response.engine.text import Words

WATCH = Words(
    "继续监测预警，防范次生、衍生事件，防止反复。",
    "Monitoring and warning go on; secondary events and a relapse are guarded against.",
)
RECORDED = Words("演练场景所载的决定", "A decision the drill's scenario records")


def plan_cited(rules: Plan) -> Words:
    """The plan as a ground: 《郑州市防汛应急预案》第2版 · Zhengzhou flood plan, version 2."""
    return Words(f"《{rules.name.zh}》第{rules.version}版", f"{rules.name.en}, version {rules.version}")


def end_announced(rules: Plan, level: int) -> Words:
    """The words that announce the end of a level."""
    return Words(
        f"终止《{rules.name.zh}》{NUMERALS[level]}级应急响应，解除相关应急处置措施。",
        f"The level {NUMERALS_EN[level]} response under the {rules.name.en} ends, and its measures are lifted.",
    )


def plan_words(rules: Plan) -> dict[str, str]:
    """Return all a decision takes from the plan: Chinese → English."""
    texts = [
        WATCH,
        RECORDED,
        plan_cited(rules),
        *(end_announced(rules, level) for level in LEVELS),
        *rules.end.conditions,
    ]
    texts += [one for rule in rules.levels for one in (rule.matter, *(task.text for task in rule.tasks))]
    texts += [rules.end.watch] if rules.end.watch is not None else []
    return {one.zh: one.en for one in texts}


def trigger_words(trigger: Mapping[str, object]) -> dict[str, str]:
    """Return what a proposal says of itself, its reason and its citation: Chinese → English."""
    cited = trigger.get("citation")
    pairs = [trigger, *([cited] if isinstance(cited, Mapping) else [])]
    return {str(one["zh"]): str(one["en"]) for one in pairs if one.get("zh") and one.get("en")}


def said(text: str, known: Mapping[str, str]) -> Words:
    """Return a kept text in both languages; what nobody knows in English stays as it was written."""
    return Words(text, known.get(text.strip(), text))


def as_kept(text: str, own: Iterable[Words]) -> str:
    """Return a text as it is kept: where it is the English of one of `own`, its Chinese, else as it was typed."""
    plain = " ".join(text.split())
    return next((one.zh for one in own if one.en != one.zh and " ".join(one.en.split()) == plain), text)
