"""My ways (我的接收方式): this browser subscribes to warnings, tries it, and answers from a notification."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel.problem import Invalid, NotFound, Problem
from anlan.territory.pages.access import actor, signed_in
from anlan.warning import choices
from anlan.warning.channels.trying import try_send
from anlan.warning.formats.channel_settings import settings_of
from anlan.warning.formats.web_push import b64, point
from anlan.warning.models import ChannelSetting
from anlan.warning.selectors.own_ways import own_address, push_way
from anlan.warning.selectors.pushed import pushed_words
from anlan.warning.services.pushing import push_answer, push_known
from anlan.warning.services.ways import contact_save
from anlan.warning.sources.vapid_key import vapid_key

MINE = "/warning/ways/mine"


@require_GET
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """How the reader is reached by this platform's own notifications."""
    who, way = actor(request), push_way()
    address = own_address(who.person, way.carries) if way is not None and who.person is not None else None
    context = {
        "nav": "warnings", "way": way, "person": who.person, "host": urlsplit(address.address).hostname if address else "",
        "key": b64(point(vapid_key(settings_of(way.kind, way.settings).secret).public_key())) if way is not None else "",  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "warning/own_ways.html", context)


@require_POST
@signed_in
def subscribe(request: HttpRequest) -> HttpResponse:
    """Keep what the browser's push service gave, or take it away."""
    who = actor(request)
    try:
        way = _way()
        given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
        if given["endpoint"] and (
            not all(given.values()) or len(given["endpoint"]) > 600 or "://" not in given["endpoint"]
        ):
            raise Invalid(
                code="push.subscription", field="endpoint", value=given["endpoint"][:80],
                zh="浏览器给出的订阅不完整；请重试，或换一个浏览器。",
                en="The browser's subscription is not complete; try again, or another browser.",
            )  # fmt: skip
        if who.person is None:
            raise NotFound(
                code="push.no_person", field="person", value=who.name,
                zh="此账号没有对应人员，无法接收；请管理员在账号上登记人员。",
                en="This account stands for no person; have the administrator enter one.",
            )  # fmt: skip
        keys = {"p256dh": given["p256dh"], "auth": given["auth"]}
        contact_save(by=who, person=who.person, division=who.scope.prefixes[0], channel=way.carries,
                     address=given["endpoint"], keys=keys)  # fmt: skip
        messages.success(request, _("This browser is subscribed.") if given["endpoint"] else _("Unsubscribed."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(MINE)


@require_POST
@signed_in
def try_it(request: HttpRequest) -> HttpResponse:
    """Send the reader a test message."""
    who = actor(request)
    try:
        way = _way()
        address = own_address(who.person, way.carries) if who.person is not None else None
        if address is None:
            raise NotFound(
                code="push.not_subscribed", field="address", value=who.name,
                zh="尚未订阅；请先点“在此浏览器接收预警”。", en="Not subscribed yet; subscribe this browser first.",
            )  # fmt: skip
        result = try_send(way, address=address.address, keys=address.keys, person=who.person)
        if result.state in ("handed", "delivered"):
            messages.success(request, _("The push service has taken the test message."))
        else:
            messages.error(request, _("The test message did not go out: %(error)s") % {"error": result.error})
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(MINE)


@csrf_exempt  # who holds the token is the person called; no session stands behind it
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Take the answer pressed on a notification, or show a page with all answers."""
    given = request.POST if request.method == "POST" else request.GET
    reference, token = given.get("reference", "")[:80], given.get("token", "")[:64]
    said, problem, status = "", "", 200
    try:
        if request.method == "POST":
            said = push_answer(reference=reference, token=token, content=given.get("content", ""))
    except Problem as refused:
        problem, status = refused.text(), refused.http
    known = push_known(reference, token)
    context = {
        "reference": reference, "token": token, "said": said, "problem": problem, "chosen": given.get("content", ""),
        "known": known, "words": pushed_words(reference) if known else None,
        "answers": [{"code": code, "name": choices.name(choices.ANSWERS, code)} for code in choices.ANSWERS],
    }  # fmt: skip
    return render(request, "warning/push_answer.html", context, status=status)


def _way() -> ChannelSetting:
    way = push_way()
    if way is None:
        raise NotFound(
            code="push.no_way", field="channel", value="web_push",
            zh="尚未设置网页推送渠道；请管理员先设置。", en="No way out by web push is set up; ask the administrator.",
        )  # fmt: skip
    return way


urlpatterns = [
    path("ways/mine", mine, name="own-ways"),
    path("ways/mine/subscribe", subscribe, name="own-ways-subscribe"),
    path("ways/mine/try", try_it, name="own-ways-try"),
    path("ways/answer", answer, name="push-answer"),
]
