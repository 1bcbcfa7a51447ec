"""REST routes of orders: written, checked, signed, issued, followed up; tasks sent by phones, verified; files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile
from pydantic import AwareDatetime

from anlan.response import services
from anlan.response.api.schemas import (
    LIST,
    READ,
    WRITE,
    After,
    Lat,
    Limit,
    Listed,
    Lon,
    Problem,
    ReasonIn,
    TaskOut,
    paged,
)
from anlan.response.api.schemas_orders import (
    AttachmentOut,
    JudgeIn,
    OrderIn,
    OrderOut,
    OrderWhole,
    RedoIn,
    SeenIn,
    SentIn,
    VerbalIn,
)
from anlan.response.engine.order import Receiver
from anlan.response.selectors import orders as found
from anlan.response.services.attachments import MOST
from anlan.territory.pages.access import actor as _actor
from anlan.warning.selectors.frames import stamp

router = Router(tags=["response"])


@router.get("/orders", response={200: Listed, **LIST})
def orders(request: HttpRequest, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the orders being written or in force that the reader may see, those that run over first, page by page."""
    return paged(lambda page: found.orders_board(_actor(request).scope, page=page), after, limit)


@router.post("/orders", response={201: OrderOut, **WRITE})
def order_draft(request: HttpRequest, body: OrderIn) -> Any:
    """Write an order down for checking. With `supersedes` it changes one in force."""
    row = services.order_draft(
        by=_actor(request), content=_content(body), supersedes=body.supersedes, reason=body.reason
    )
    return Status(201, row)


@router.get("/orders/{order}", response={200: OrderWhole, **READ})
def order(request: HttpRequest, order: UUID) -> dict[str, Any]:
    """Return one order with its receivers and its story."""
    scope = _actor(request).scope
    row = found.order_get(scope, order)
    receivers = found.order_receivers(scope, row)
    return {
        "id": row.pk, "kind": row.kind, "number": row.number, "state": row.state, "digest": row.digest,
        "stage": found.order_stage(row, receivers), "title": {"zh": row.title_zh, "en": row.title_en},
        "text": {"zh": row.text_zh, "en": row.text_en}, "basis": row.basis, "division": row.division,
        "issued_at": row.issued_at, "due_at": row.due_at, "receivers": [_receiver(one) for one in receivers],
        "story": [{**step, "at": stamp(step["at"])} for step in found.order_story(scope, order)],
    }  # fmt: skip


@router.post("/orders/{order}/check", response={200: OrderOut, **WRITE})
def check(request: HttpRequest, order: UUID, body: SeenIn) -> Any:
    """Check an order; another hand than its maker's."""
    return services.order_check(by=_actor(request), order=order, seen=body.seen)


@router.post("/orders/{order}/sign", response={200: OrderOut, **WRITE})
def sign(request: HttpRequest, order: UUID, body: SeenIn) -> Any:
    """Sign an order that was checked."""
    return services.order_sign(by=_actor(request), order=order, seen=body.seen)


@router.post("/orders/{order}/issue", response={200: OrderOut, **WRITE})
def issue(request: HttpRequest, order: UUID, body: SeenIn) -> Any:
    """Send a signed order out; every receiver gets its task."""
    return services.order_issue(by=_actor(request), order=order, seen=body.seen)


@router.post("/orders/{order}/verbal", response={200: OrderOut, **WRITE})
def verbal(request: HttpRequest, order: UUID, body: VerbalIn) -> Any:
    """Issue by word of mouth; the written form is owed within minutes."""
    return services.order_issue_verbal(by=_actor(request), order=order, seen=body.seen, way=body.way, why=body.reason)


@router.post("/orders/{order}/write", response={200: OrderOut, **WRITE})
def write(request: HttpRequest, order: UUID, body: SeenIn) -> Any:
    """Sign the written form of a verbal order."""
    return services.order_write(by=_actor(request), order=order, seen=body.seen)


@router.post("/orders/{order}/return", response={200: OrderOut, **WRITE})
def send_back(request: HttpRequest, order: UUID, body: ReasonIn) -> Any:
    """Send an order that has not gone out back to its maker."""
    return services.order_return(by=_actor(request), order=order, reason=body.reason)


@router.post("/orders/{order}/drop", response={200: OrderOut, **WRITE})
def drop(request: HttpRequest, order: UUID, body: ReasonIn) -> Any:
    """Drop an order that has not gone out."""
    return services.order_drop(by=_actor(request), order=order, reason=body.reason)


@router.post("/orders/{order}/cancel", response={200: OrderOut, **WRITE})
def cancel(request: HttpRequest, order: UUID, body: ReasonIn) -> Any:
    """Call an order in force off; every receiver must sign for that."""
    return services.order_cancel(by=_actor(request), order=order, reason=body.reason)


@router.post("/orders/{order}/progress", response={200: OrderOut, **WRITE})
def progress(request: HttpRequest, order: UUID, body: ReasonIn) -> Any:
    """Tell how an order is going, as the desk that keeps it."""
    return services.order_progress(by=_actor(request), order=order, text=body.reason)


@router.post("/orders/{order}/close", response={200: OrderOut, **WRITE})
def close(request: HttpRequest, order: UUID, body: ReasonIn) -> Any:
    """Close an instruction; who gave it does."""
    return services.order_close(by=_actor(request), order=order, reason=body.reason)


@router.post("/tasks/{task}/sent", response={200: TaskOut, **WRITE})
def sent(request: HttpRequest, task: UUID, body: SentIn) -> Any:
    """Take an act of a phone, once by its key, counted from when it was done."""
    evidence = {**body.dict(exclude={"act", "key", "at"}), "files": [str(key) for key in body.files]}
    return services.task_sent(
        by=_actor(request), task=task, act=body.act, key=body.key, done_at=body.at, evidence=evidence
    )


@router.post("/tasks/{task}/verify", response={200: TaskOut, **WRITE})
def verify(request: HttpRequest, task: UUID, body: JudgeIn) -> Any:
    """Verify that a task is really done; nobody verifies their own."""
    return services.task_verify(by=_actor(request), task=task, note=body.note)


@router.post("/tasks/{task}/redo", response={200: TaskOut, **WRITE})
def redo(request: HttpRequest, task: UUID, body: RedoIn) -> Any:
    """Send a task reported done back to be done again."""
    return services.task_send_back(by=_actor(request), task=task, reason=body.reason, within_min=body.within_min)


@router.post("/tasks/{task}/help", response={200: TaskOut, **WRITE})
def help_answer(request: HttpRequest, task: UUID, body: ReasonIn) -> Any:
    """Answer a request for help."""
    return services.task_help_answer(by=_actor(request), task=task, text=body.reason)


@router.post("/attachments", response={201: AttachmentOut, 413: Problem, **WRITE})
def attach(
    request: HttpRequest, about: Form[str], file: File[UploadedFile], taken_at: Form[AwareDatetime | None] = None,
    lon: Form[Lon | None] = None, lat: Form[Lat | None] = None,
) -> Any:  # fmt: skip
    """Take a picture about a task, an order or an incident (`task:id` …), checked by its content, up to 5 MB."""
    row = services.attachment_add(by=_actor(request), about=about[:64], name=file.name or "photo", content=file.read(MOST + 1),
                                  taken_at=taken_at, lon=lon, lat=lat)  # fmt: skip
    return Status(201, row)


@router.get("/attachments/{attachment}", response={200: None, **READ})
def attachment(request: HttpRequest, attachment: UUID) -> HttpResponse:
    """Return the bytes of a file the reader may see."""
    row, content = found.attachment_get(_actor(request).scope, attachment)
    return HttpResponse(content, content_type=row.media_type, headers={"X-Content-Type-Options": "nosniff"})


def _content(body: OrderIn) -> services.OrderContent:
    asked = {key: value for key, value in body.evidence.dict().items() if value}
    return services.OrderContent(
        kind=body.kind, title={"zh": body.title_zh, "en": body.title_en}, text={"zh": body.text_zh, "en": body.text_en},
        receivers=tuple(Receiver(str(one.post), one.lead) for one in body.receivers), issuer=body.issuer,
        given_by=body.given_by, given_at=body.given_at, law=tuple(body.law), plan=body.plan, plan_task=body.plan_task,
        incident=body.incident, working_group=body.working_group, within_min=body.within_min, limit_at=body.limit_at,
        receipt_min=body.receipt_min, verify_min=body.verify_min, evidence=asked,
    )  # fmt: skip


def _receiver(one: dict[str, Any]) -> dict[str, Any]:
    plain = ("state", "cooperating", "receipt_only", "returned")
    times = ("receipt_due_at", "due_at", "receipt_at", "done_at", "verified_at", "help_at")
    return {
        "task": str(one["id"]), "post": one["post_code"], "name": {"zh": one["name_zh"], "en": one["name_en"]},
        "division": one["division"], **{key: one[key] for key in plain}, **{key: stamp(one[key]) for key in times},
    }  # fmt: skip
