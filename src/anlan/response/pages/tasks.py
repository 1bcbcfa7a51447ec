"""One task on a phone: receive, done, need help, with photos; what is sent may come late or twice. And its verification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.journal import head
from anlan.kernel.problem import Invalid, Problem
from anlan.response.choices_rings import TASK
from anlan.response.models import Task
from anlan.response.pages.answering import answered, refused
from anlan.response.pages.forms import moment_given, number_given, whole_given
from anlan.response.selectors.mine import mine
from anlan.response.selectors.orders import attachment_get, attachments_of, task_get, task_story
from anlan.response.selectors.rings import rings_of
from anlan.response.services.attachments import MOST, attachment_add
from anlan.response.services.sent import task_sent
from anlan.response.services.verification import task_help_answer, task_send_back, task_verify, verify_refusal
from anlan.territory.pages.access import actor, signed_in

OPEN = ("issued", "received", "overdue")


@require_GET
@signed_in
def mine_page(request: HttpRequest) -> HttpResponse:
    """Everything that waits for this reader, the most urgent first."""
    who = actor(request)
    found = mine(who)
    context = {
        "nav": "response",
        **found,
        "now": clock.now(),
        "post": who.post,
        "total": sum(len(rows) for rows in found.values()),
        "seq": head()[0],
    }
    return render(request, "response/mine.html", context)


@require_GET
@signed_in
def task_page(request: HttpRequest, task: UUID) -> HttpResponse:
    """One task: what, by when, on what ground, what proof is asked for; three large buttons within reach of a thumb."""
    who = actor(request)
    row = task_get(who.scope, task)
    opened, mine_to_do = row.state in OPEN, who.scope.covers(row.division) and who.may("task.done", row.division)
    home = row.order.division if row.order is not None else row.division
    judge = who.scope.covers(home) and who.may("task.verify", home)
    context = {
        "nav": "response", "task": row, "order": row.order, "now": clock.now(), "files": attachments_of(who.scope, f"task:{task}"),
        "story": task_story(who.scope, row), "open": opened, "may": mine_to_do and opened,
        "may_verify": judge and row.state == "done" and not row.receipt_only and verify_refusal(who, row) is None,
        "may_answer": judge and opened and row.help_at is not None, "evidence": row.evidence or {},
        "late": opened and row.due_at < clock.now(), "seq": head()[0],
        "rings": rings_of([f"{TASK}{row.pk}"])[f"{TASK}{row.pk}"] if row.stop_line else [],
    }  # fmt: skip
    return render(request, "response/task.html", context)


@require_POST
@signed_in
def task_send(request: HttpRequest, task: UUID) -> JsonResponse:
    """What a phone sends: {act, key, at, evidence}; answers with the task's state. A refusal is a problem document."""
    who = actor(request)
    try:
        body = orjson.loads(request.body)
        key, act = UUID(str(body["key"])), str(body["act"])
        at = moment_given("at", str(body.get("at") or ""))
    except (ValueError, KeyError, TypeError, Invalid):
        unread = Invalid(code="task.sent", zh="发送内容格式不对；请刷新页面后再发。", field="body",
                          en="What was sent can't be read; reload the page and send again.")  # fmt: skip
        return refused(unread)
    evidence = body.get("evidence")
    try:
        with transaction.atomic():
            row = task_sent(
                by=who, task=task, act=act, key=key, done_at=at, evidence=evidence if isinstance(evidence, dict) else {}
            )
    except Problem as problem:
        return refused(problem)
    return JsonResponse({"id": str(row.pk), "state": row.state, "receipt_at": row.receipt_at, "done_at": row.done_at})


@require_POST
@signed_in
def photo_add(request: HttpRequest, task: UUID) -> JsonResponse:
    """Take a photo for a task: `photo` as a file, with `taken_at`, `lon`, `lat` where the camera wrote them."""
    who = actor(request)
    file = request.FILES.get("photo")
    try:
        if file is None:
            raise Invalid(code="attachment.none", zh="没有收到照片；请重拍或重选。", field="photo",
                          en="No photo came; take or choose it again.")  # fmt: skip
        content = file.read(MOST + 1)
        with transaction.atomic():
            row = attachment_add(
                by=who, about=f"task:{task}", name=file.name or "photo.jpg", content=content,
                **_of_camera(request.POST),
            )  # fmt: skip
    except Problem as problem:
        return refused(problem)
    return JsonResponse({"id": str(row.pk), "sha256": row.sha256, "bytes": row.bytes}, status=201)


@require_GET
@signed_in
def file_get(request: HttpRequest, attachment: UUID) -> HttpResponse:
    """The bytes of a file the reader may see; a picture, and nothing the browser could run."""
    row, content = attachment_get(actor(request).scope, attachment)
    answer = HttpResponse(content, content_type=row.media_type)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    answer["Content-Disposition"] = f'inline; filename="{row.sha256[:12]}.{row.media_type.partition("/")[2]}"'
    return answer


@require_POST
@signed_in
def task_judge(request: HttpRequest, task: UUID, act: str) -> HttpResponse:
    """Verify what was reported done, send it back, or answer a request for help; then back to where one came from."""
    who, reason = actor(request), request.POST.get("reason", "")[:2000]

    def send_back() -> Task:
        minutes = whole_given("within_min", request.POST.get("within_min", ""), least=1, most=86_400)
        return task_send_back(by=who, task=task, reason=reason, within_min=minutes or 30)

    acts: dict[str, tuple[Callable[[], Task], str]] = {
        "verify": (lambda: task_verify(by=who, task=task, note=reason), _("Verified.")),
        "redo": (send_back, _("Sent back, with your reason.")),
        "answer": (lambda: task_help_answer(by=who, task=task, text=reason), _("Answered.")),
    }
    return answered(request, *acts[act], f"/response/tasks/{task}")


def _of_camera(form: QueryDict) -> dict[str, Any]:
    """When and where a photo was taken, as the camera wrote it; what can't be read says nothing, the photo is taken."""
    read: dict[str, Callable[[str], Any]] = {
        "taken_at": lambda text: moment_given("taken_at", text),
        "lon": lambda text: number_given("lon", text, least=-180, most=180),
        "lat": lambda text: number_given("lat", text, least=-90, most=90),
    }
    told: dict[str, Any] = {}
    for name, reader in read.items():
        try:
            told[name] = reader(form.get(name, ""))
        except Invalid:
            told[name] = None
    return told


urlpatterns = [
    path("mine", mine_page, name="mine"),
    path("tasks/<uuid:task>", task_page, name="task"),
    path("tasks/<uuid:task>/send", task_send, name="task-send"),
    path("tasks/<uuid:task>/photo", photo_add, name="task-photo"),
    path("tasks/<uuid:task>/verify", task_judge, {"act": "verify"}, name="task-verify"),
    path("tasks/<uuid:task>/redo", task_judge, {"act": "redo"}, name="task-redo"),
    path("tasks/<uuid:task>/answer", task_judge, {"act": "answer"}, name="task-help-answer"),
    path("files/<uuid:attachment>", file_get, name="response-file"),
]
