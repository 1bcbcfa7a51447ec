"""The board of orders, one order with its steps and receivers, and the acts each hand takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import head
from anlan.monitoring.pages.files import local, table_file
from anlan.response import choices, choices_orders
from anlan.response.engine.numerals import plain
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import Incident, Order
from anlan.response.pages.answering import answered, no_act
from anlan.response.selectors import order_items
from anlan.response.selectors.orders import (
    attachments_of,
    order_get,
    order_receivers,
    order_stage,
    order_story,
    orders_over,
)
from anlan.response.selectors.orders_groups import group_names, tasks_by_group
from anlan.response.selectors.orders_live import order_rows, receivers_of
from anlan.response.selectors.reports import titles_of
from anlan.response.services.orders import met, order_check, order_drop, order_return, order_sign
from anlan.response.services.orders_issue import order_issue, order_issue_verbal, order_write
from anlan.response.services.orders_over import close_refusal, order_cancel, order_close, order_progress
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.warning.selectors.frames import unpacked

COLUMNS = tuple(
    (name, pa.string())
    for name in (
        "编号 Number", "种类 Kind", "标题 Title (zh)", "标题 Title (en)", "状态 State", "下达 Issued by", "下达时间 Issued at",
        "时限 Due", "接收单位 Receiver", "牵头配合 Part", "任务状态 Task state", "签收 Signed for", "办结 Done", "核实 Verified",
        "反馈 Evidence",
    )
)  # fmt: skip


@require_GET
@signed_in
def orders_page(request: HttpRequest) -> HttpResponse:
    """All orders in reach, by state, by working group, by order and by who has not; it follows by itself."""
    who = actor(request)
    data = board_data(who)
    context = {
        "nav": "response", "data": data, "seq": data["seq"], "over": orders_over(who.scope),
        "states": choices_orders.ORDER_STATES, "may_draft": anywhere(who, "order.draft"), "now": clock.now(),
    }  # fmt: skip
    return render(request, "response/orders.html", context)


@require_GET
@signed_in
def orders_data(request: HttpRequest) -> JsonResponse:
    """What the board goes on from after a gap."""
    return JsonResponse(board_data(actor(request)), headers={"Cache-Control": "no-store"})


def board_data(who: Actor) -> dict[str, Any]:
    """The board's state: the sequence it stands at, its items, and the names of what they speak of."""
    with transaction.atomic():
        seq, items = head()[0], order_items(who.scope, None, None)
    wanted = {item["incident"] for item in items.values() if item["incident"]}
    return {
        "seq": seq,
        "items": items,
        "incidents": titles_of(Incident, wanted),
        "groups": group_names(who.scope),
        "tasks": tasks_by_group(who.scope),
        "kinds": {one.code: {"zh": one.zh, "en": one.en} for one in choices_orders.ORDER_KINDS.values()},
        "stages": {one.code: {"zh": one.zh, "en": one.en} for one in choices_orders.STAGES.values()},
    }


@require_GET
@signed_in
def orders_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every order in reach and each of its receivers, as CSV or Excel with headings in both languages."""
    who = actor(request)
    found = order_rows(who.scope, None, None, list(choices_orders.ORDER_STATES))
    parts = receivers_of(who.scope, found, None)
    rows = [line for row in found for line in _lines(row, parts.get(row["id"], []))]
    return table_file(who, form, "指令清单", COLUMNS, rows)


def _lines(row: dict[str, Any], receivers: list[dict[str, Any]]) -> list[list[Any]]:
    kind, state = choices_orders.ORDER_KINDS[row["kind"]], choices_orders.ORDER_STATES[row["state"]]
    own = [row["number"], f"{kind.zh} {kind.en}", row["title_zh"], row["title_en"], f"{state.zh} {state.en}",
           row["given_by"] or row["issuer_zh"], local(row["issued_at"]), local(row["due_at"])]  # fmt: skip
    if not receivers:
        return [[*own, *[None] * 7]]
    return [[*own, *_receiver(one)] for one in receivers]


def _receiver(one: dict[str, Any]) -> list[Any]:
    part = "知会 Told" if one["receipt_only"] else "配合 Co-operates" if one["cooperating"] else "牵头 Leads"
    state, evidence = choices.TASK_STATES[one["state"]], evidence_of(one["evidence"])
    number = f"{plain(evidence['number'])}{evidence.get('unit', '')}" if evidence.get("number") is not None else ""
    return [one["name_zh"], part, f"{state.zh} {state.en}", local(one["receipt_at"]), local(one["done_at"]),
            local(one["verified_at"]), " ".join(filter(None, (evidence.get("text"), number)))]  # fmt: skip


def evidence_of(value: Any) -> dict[str, Any]:
    """Evidence as a row of plain SQL gives it: JSON text, or a value already."""
    found = unpacked(value)
    return found if isinstance(found, dict) else {}


@require_GET
@signed_in
def order_page(request: HttpRequest, order: UUID) -> HttpResponse:
    """One order: what it says, whom it reached, what they did, and the step that is this reader's."""
    who = actor(request)
    row = order_get(who.scope, order)
    seq, receivers = head()[0], order_receivers(who.scope, row)
    ours = who.scope.covers(row.division)
    for one in receivers:
        one["evidence"] = evidence_of(one["evidence"])
        one["photos"] = attachments_of(who.scope, f"task:{one['id']}") if one["evidence"].get("files") else []
        one["may_verify"] = (
            ours and one["state"] == "done" and not one["receipt_only"] and who.may("task.verify", row.division)
            and one["owner_post_id"] != who.post
        )  # fmt: skip
    stage = order_stage(row, receivers)
    context = {
        "nav": "response", "seq": seq, "order": row, "receivers": receivers, "story": order_story(who.scope, order), "now": clock.now(),
        "kind": choices_orders.ORDER_KINDS[row.kind], "state": choices_orders.ORDER_STATES[row.state], "ours": ours,
        "stage": choices_orders.STAGES[stage], "step": next_step(who, row), "files": attachments_of(who.scope, f"order:{order}"),
        "group": next((g.name.as_dict() for g in command_pack().groups if g.code == row.working_group), None),
        "ways": choices_orders.VERBAL_WAYS, "draft": row.state in choices_orders.DRAFTS, "dialogs": _dialogs(),
        "way": choices.name(choices_orders.VERBAL_WAYS, row.verbal) if row.verbal else None, "may": _may(who, row, stage),
        "successors": list(row.successors.exclude(state="dropped").order_by("made_at")) if ours else [],
    }  # fmt: skip
    return render(request, "response/order.html", context)


def _dialogs() -> list[dict[str, str]]:
    """The steps that need a reason, with the words of their dialogs."""
    return [
        {"code": "return", "title": _("Send back"), "text": _("It goes back to its maker.")},
        {"code": "drop", "title": _("Drop"), "text": _("It will not go out. It stays on record.")},
        {"code": "verbal", "title": _("Send out now"),
         "text": _("It goes out now. The written form is owed within minutes and is a red item when late.")},
        {"code": "cancel", "title": _("Call off"), "text": _("Open tasks end, and every receiver must sign for that.")},
    ]  # fmt: skip


def _may(who: Actor, row: Order, stage: str) -> dict[str, bool]:
    draft, issued = row.state in choices_orders.DRAFTS, row.state == "issued"

    def can(act: str) -> bool:
        return who.may(act, row.division)

    return {
        "paper": row.state != "dropped" and can("paper.draft"),
        "edit": draft and can("order.draft"), "back": row.state in ("checked", "signed") and can("order.check"),
        "drop": draft and can("order.draft"), "verbal": draft and can("order.issue"),
        "change": issued and can("order.draft"), "cancel": issued and can("order.sign"),
        "progress": issued and can("order.draft"),
        "close": issued and stage == "closing" and can("order.close") and close_refusal(who, row) is None,
        "write": bool(row.verbal) and row.written_at is None and can("order.sign") and met(who, row, "sign") is None,
    }  # fmt: skip


def next_step(who: Actor, row: Order) -> dict[str, str]:
    """The step of the flow that comes next, in words, and why it is not this reader's if it is not."""
    steps = {"drafted": ("check", _("Check: it is right"), "order.check"), "checked": ("sign", _("Sign and send out"), "order.sign"),
             "signed": ("issue", _("Send out"), "order.issue")}  # fmt: skip
    if row.state not in steps:
        return {"act": "", "text": "", "why": ""}
    act, text, right = steps[row.state]
    if not who.may(right, row.division):
        return {"act": "", "text": text, "why": _("Your post may read it, not take the next step.")}
    hand = met(who, row, act) if act != "issue" else None
    reasons = {
        "maker": _("You wrote it; another person takes the next step."),
        "checker": _("You checked it; another person signs."),
    }
    return {"act": "" if hand else act, "text": text, "why": reasons[hand] if hand else ""}


@require_POST
@signed_in
def order_act(request: HttpRequest, order: UUID, act: str) -> HttpResponse:
    """Take a step: check, sign (and send out), issue, verbal, write, return, drop, cancel, progress or close."""
    who, form = actor(request), request.POST
    seen, reason = form.get("seen", ""), form.get("reason", "")[:2000]
    acts: dict[str, tuple[Callable[[], Order], str]] = {
        "check": (lambda: order_check(by=who, order=order, seen=seen), _("Checked; it can be signed.")),
        "sign": (lambda: _sign(who, order, seen), _("Signed and sent out.")),
        "issue": (lambda: order_issue(by=who, order=order, seen=seen), _("Sent out.")),
        "verbal": (lambda: order_issue_verbal(by=who, order=order, seen=seen, way=form.get("way", ""), why=reason),
                   _("Issued by word of mouth; its written form is owed.")),
        "write": (lambda: order_write(by=who, order=order, seen=seen), _("The written form is signed.")),
        "return": (lambda: order_return(by=who, order=order, reason=reason), _("Sent back to its maker.")),
        "drop": (lambda: order_drop(by=who, order=order, reason=reason), _("Dropped, with your reason on record.")),
        "cancel": (lambda: order_cancel(by=who, order=order, reason=reason), _("Called off; every receiver must sign for that.")),
        "progress": (lambda: order_progress(by=who, order=order, text=reason), _("On record.")),
        "close": (lambda: order_close(by=who, order=order, reason=reason), _("Closed.")),
    }  # fmt: skip
    if act not in acts:
        raise no_act(act)
    return answered(request, *acts[act], f"/response/orders/{order}")


def _sign(who: Actor, order: UUID, seen: str) -> Order:
    row = order_sign(by=who, order=order, seen=seen)
    return order_issue(by=who, order=row.pk, seen=seen)


urlpatterns = [
    path("orders", orders_page, name="orders"),
    path("orders.json", orders_data, name="orders-data"),
    path("orders.<str:form>", orders_file, name="orders-file"),
    path("orders/<uuid:order>", order_page, name="order"),
    path("orders/<uuid:order>/<str:act>", order_act, name="order-act"),
]
