"""What an order must hold before it is written down; every refusal says the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, NotFound
from anlan.response import choices_orders
from anlan.response.engine.order import leads_fault
from anlan.response.engine.plan import law_known, law_text
from anlan.response.models import Incident
from anlan.response.services.bounds import LONGEST_DAYS, soon
from anlan.response.services.values_orders import OrderContent
from anlan.territory.models import Post

LONGEST_MIN = LONGEST_DAYS * 24 * 60
LONGEST_ANSWER_MIN = 60 * 24 * 7
"""How long signing for an order and verifying it may be given: what comes later than in a week is no answer."""

_LEADS = {
    "none": ("没有接收单位；请至少选择一个。", "Nobody receives it; choose at least one post."),
    "twice": ("同一岗位被选了两次；请去掉一个。", "One post was chosen twice; take one of them away."),
    "no_lead": ("没有牵头单位；请指定一个牵头，其余为配合。", "Nobody leads; name one post that leads, the others co-operate."),
    "two_leads": (
        "一件事只能有一个牵头单位，否则两家都等对方；请留一个牵头，其余改为配合，或分成两条指令。",
        "One matter has exactly one lead, or each waits for the other: keep one, let the others co-operate, or give two orders.",
    ),
}  # fmt: skip


def checked(by: Actor, content: OrderContent, at: datetime) -> tuple[str, dict[UUID, Post]]:
    """Return the division that keeps the order and its posts by id. Raises Invalid with the first thing wrong, NotFound
    for a post or incident that is none or out of sight."""
    _words(content)
    fault = leads_fault(content.kind, content.receivers)
    if fault:
        zh, en = _LEADS[fault]
        raise Invalid(code=f"order.{fault}", zh=zh, en=en, field="receivers",
                      value=",".join(receiver.post for receiver in content.receivers))  # fmt: skip
    _limits(content, at)
    posts = _posts(content)
    home = _home(by, content, posts)
    if content.kind != "request":
        _below(home, [posts[UUID(receiver.post)] for receiver in content.receivers])
    _incident(by, content)
    return home, posts


def basis_of(content: OrderContent) -> dict[str, Any]:
    """The basis of an order as it is kept and shown: law items with their citation, the plan's task. Invalid for an item
    the law does not have."""
    unknown = [item for item in content.law if not law_known(item)]
    if unknown:
        raise Invalid(code="order.law", zh=f"没有“{unknown[0]}”这一项；请写成“73(2)”即第七十三条第二项。",
                      en=f"The law has no item {unknown[0]}; write it as 73(2): article 73, item 2.", field="law",
                      value=unknown[0])  # fmt: skip
    said = law_text(content.law).as_dict() if content.law else {"zh": "", "en": ""}
    if content.plan:
        task = f" {content.plan_task}" if content.plan_task else ""
        said = {"zh": "；".join(filter(None, (f"预案 {content.plan}{task}", said["zh"]))),
                "en": "; ".join(filter(None, (f"plan {content.plan}{task}", said["en"])))}  # fmt: skip
    return {**said, "items": list(content.law), "plan": content.plan, "task": content.plan_task}


def _words(content: OrderContent) -> None:
    if content.kind not in choices_orders.ORDER_KINDS:
        raise Invalid(code="order.kind", zh=f"“{content.kind}”不是指令种类；可用：{'、'.join(choices_orders.ORDER_KINDS)}。",
                      en=f"“{content.kind}” is no kind of order; choose from {', '.join(choices_orders.ORDER_KINDS)}.",
                      field="kind", value=content.kind)  # fmt: skip
    for name, zh, en, words in (
        ("title", "标题", "a title", content.title),
        ("text", "内容", "its text", content.text),
    ):
        if not words.get("zh", "").strip():
            raise Invalid(code=f"order.no_{name}", zh=f"请填写{zh}。", en=f"Give it {en} (in Chinese; English may follow).",
                          field=f"{name}_zh", value="")  # fmt: skip
    if len(content.title["zh"]) > 200 or len(content.title.get("en", "")) > 300:
        raise Invalid(code="order.title_long", zh="标题太长；请压到200字以内，细节写入内容。", field="title_zh",
                      en="The title is too long; keep it under 200 characters and put details into the text.",
                      value=content.title["zh"])  # fmt: skip
    if content.issuer is None and not (content.kind == "instruction" and content.given_by.strip()):
        raise Invalid(code="order.no_issuer", zh="请选择下达岗位；上级批示可写明批示人。", field="issuer", value="",
                      en="Say which post gives it; for an instruction from outside, say in words who gave it.")  # fmt: skip


def _limits(content: OrderContent, at: datetime) -> None:
    if content.kind != "notice" and (content.within_min is None) == (content.limit_at is None):
        raise Invalid(code="order.no_limit", zh="请给出一个办结时限：多少分钟内，或截止时刻。", field="within_min",
                      en="Give one limit: within how many minutes, or until when.", value=content.within_min)  # fmt: skip
    for name, value, most in (
        ("within_min", content.within_min, LONGEST_MIN), ("receipt_min", content.receipt_min, LONGEST_ANSWER_MIN),
        ("verify_min", content.verify_min, LONGEST_ANSWER_MIN),
    ):  # fmt: skip
        if value is not None and not 1 <= value <= most:
            days = most // (24 * 60)
            raise Invalid(code=f"order.{name}", zh=f"时限应为1分钟至{days}天。", field=name, value=value,
                          en=f"A limit is from 1 minute to {days} days.")  # fmt: skip
    if content.limit_at is not None and content.limit_at <= at:
        raise Invalid(code="order.limit_past", zh="截止时刻已过；请另定时限。", en="That moment has passed; set another limit.",
                      field="limit_at", value=content.limit_at)  # fmt: skip
    if content.limit_at is not None:
        soon(content.limit_at, at, "limit_at")


def _posts(content: OrderContent) -> dict[UUID, Post]:
    wanted: set[UUID] = set()
    for receiver in content.receivers:
        try:
            wanted.add(UUID(receiver.post))
        except ValueError:
            raise _no_post(receiver.post) from None
    if content.issuer is not None:
        wanted.add(content.issuer)
    found = {post.pk: post for post in Post.objects.filter(pk__in=wanted)}
    missing = sorted(str(key) for key in wanted - found.keys())
    if missing:
        raise _no_post(missing[0])
    return found


def _no_post(value: str) -> NotFound:
    return NotFound(code="order.no_post", zh="没有这个岗位，或不在您的范围内；请从名册中选择。",
                    en="There is no such post, or it is not in your scope; choose from the register.", field="receivers",
                    value=value)  # fmt: skip


def _home(by: Actor, content: OrderContent, posts: dict[UUID, Post]) -> str:
    """The division that keeps it: the issuer's where the writer reaches it, else the writer's own."""
    issuer = posts[content.issuer].division if content.issuer is not None else None
    if issuer is not None and by.scope.covers(issuer) and by.scope.prefixes != ("",):
        return issuer
    if by.scope.prefixes and by.scope.prefixes[0]:
        return by.scope.prefixes[0]
    return issuer or min(posts[UUID(receiver.post)].division for receiver in content.receivers)


def _below(home: str, receivers: Sequence[Post]) -> None:
    for post in receivers:
        if not post.division.startswith(home):
            raise Invalid(
                code="order.not_below", field="receivers", value=post.code,
                zh=f"{post.name_zh}不属本级及下级，不能对其下达；向上级或平级请用协助函。",
                en=f"{post.name_en} does not stand below; ask upward or across with a request instead.",
            )  # fmt: skip


def _incident(by: Actor, content: OrderContent) -> None:
    if content.incident is None:
        return
    row = Incident.objects.filter(pk=content.incident).values_list("division", flat=True).first()
    if row is None or not by.scope.sees(row):
        raise NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。", field="incident",
                       en="There is no such incident, or it is not in your scope.", value=content.incident)  # fmt: skip
