"""Answers pressed on a pushed notification. The token came sealed into the one browser of the person called, so that who
holds it needs no session; a receipt of the push service is never an answer, the pressed button is."""

from __future__ import annotations

import hashlib
import hmac

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, Invalid, NotFound
from anlan.warning import choices
from anlan.warning.channels.gateway import Reply
from anlan.warning.engine.replies import CODES
from anlan.warning.models import ChannelSetting, OutboxMessage
from anlan.warning.services.inbox import reply_take
from anlan.warning.services.moment import whole_reach


def answer_token(reference: str) -> str:
    """What proves that a push was read: follows from its reference and the node's secret."""
    return hmac.new(options.secret_key.encode(), f"push-answer|{reference}".encode(), hashlib.sha256).hexdigest()[:32]


def push_known(reference: str, token: str) -> bool:
    """Does the token belong to the reference?"""
    return hmac.compare_digest(answer_token(reference), token)


def push_answer(*, reference: str, token: str, content: str) -> str:
    """Take an answer; returns what `reply_take` says. Raises Forbidden for a token that is not of this message."""
    if not push_known(reference, token):
        raise Forbidden(
            code="push.token", field="token", value=reference,
            zh="凭证与消息不符；请从收到的通知重新打开。",
            en="The token does not belong to this message; open it again from the notification.",
        )  # fmt: skip
    if content not in choices.ANSWERS:
        raise Invalid(
            code="push.answer", field="content", value=content,
            zh=f"没有这种回复；可用：{'、'.join(choices.ANSWERS)}。",
            en=f"There is no such answer; there are {', '.join(choices.ANSWERS)}.",
        )  # fmt: skip
    with transaction.atomic(), whole_reach():
        tail = reference.rpartition("-")[2]
        message = OutboxMessage.objects.filter(id=int(tail, 16)).first()
        setting = ChannelSetting.objects.filter(id=message.setting).first() if message is not None else None
        if setting is None:
            raise NotFound(
                code="push.gone", field="reference", value=reference,
                zh="这条消息已不在库中（超过三十天）；请直接联系值班室。",
                en="This message is no longer kept (over thirty days); call the duty desk instead.",
            )  # fmt: skip
        code = next(code for code, means in CODES.items() if means == content)
        reply = Reply(code, clock.now(), key=f"push:{reference}:{content}", reference=reference)
        return reply_take(setting=setting, reply=reply)
