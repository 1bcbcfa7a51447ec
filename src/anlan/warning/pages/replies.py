"""Replies to be read (待处理回复): texts and key presses that answered no call by themselves, one key each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import Invalid, Problem
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.warning import choices
from anlan.warning.selectors.replies import replies_open, replies_unread, reply_in
from anlan.warning.services.replies import reply_answer, reply_file

REPLIES = "/warning/replies"


@require_GET
@signed_in
def replies_page(request: HttpRequest) -> HttpResponse:
    """The replies nobody has read; asked for its part, the list alone."""
    who, now = actor(request), clock.now()
    total = replies_open(who.scope)
    context = {
        "nav": "warnings", "tab": "replies", "now": now, "may": anywhere(who, "call.log"), "unread": total, "total": total,
        "rows": replies_unread(who.scope),
        "answers": [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.ANSWERS.items()],
    }  # fmt: skip
    part = request.GET.get("part") == "list"
    return render(request, "warning/replies_rows.html" if part else "warning/replies.html", context)


@require_POST
@signed_in
def reply_take_as(request: HttpRequest, reply: UUID) -> HttpResponse:
    """Take a reply as an answer to the call chosen, or file it away with a word."""
    who, form = actor(request), request.POST
    became = form.get("became", "")
    try:
        row = reply_in(who.scope, reply)
        if became == "filed":
            reply_file(by=who, reply=row.id, note=form.get("note", ""))
        else:
            reply_answer(by=who, reply=row.id, call=_call(form.get("call", "")), content=became)
        messages.success(request, _("Done, and on record."))
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(REPLIES)


def _call(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(
            code="reply.call", field="call", value=text[:40], zh="请先选择叫应。", en="Choose the call first."
        ) from error


urlpatterns = [
    path("replies", replies_page, name="replies"),
    path("replies/<uuid:reply>", reply_take_as, name="reply-take"),
]
