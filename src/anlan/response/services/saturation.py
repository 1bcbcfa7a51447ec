"""The notice that enough help has come (力量饱和通告): drafted from the record, mended and released by a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.clock import BEIJING
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine.plan import Words
from anlan.response.engine.saturation import Scene, notice
from anlan.response.events import SaturationDrafted, SaturationReleased, SaturationWithdrawn
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import CommandPost, SaturationNotice, TeamIntake
from anlan.response.services.command_log import entry_put
from anlan.response.services.command_posts import incident_of, post_locked
from anlan.warning.services.moment import pinned

MAX_HOURS = 24 * 7


def saturation_draft(
    *, by: Actor, command_post: UUID, needs: str = "", contact: str = "", hours: int | None = None, at: datetime | None = None
) -> SaturationNotice:  # fmt: skip
    """Draft the notice from the teams accepted here. `needs`: what is still wanted; `contact`: whom to ask first."""
    at = at or clock.now()
    with pinned(at):
        post = post_locked(by, command_post, "command.decide")
        stands = hours or command_pack().limits.saturation_h
        if not 1 <= stands <= MAX_HOURS:
            raise Invalid(code="saturation.hours", zh=f"有效期应为1至{MAX_HOURS}小时。", field="hours", value=hours,
                          en=f"It can stand for 1 to {MAX_HOURS} hours.")  # fmt: skip
        until = at + timedelta(hours=stands)
        words = notice(_scene(post, until, needs.strip(), contact.strip()))
        row = SaturationNotice.objects.create(
            command_post=post, division=post.division, text_zh=words.zh, text_en=words.en, valid_until=until,
            drafted_at=at, drafted_by=by.name[:96],
        )  # fmt: skip
        event = SaturationDrafted(notice=str(row.pk), post=str(post.pk), incident=incident_of(post))
        record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
    return row


def _scene(post: CommandPost, until: datetime, needs: str, contact: str) -> Scene:
    teams = TeamIntake.objects.filter(command_post=post, decision="accept")
    event = post.incident
    zh = event.title_zh if event else post.name_zh.removesuffix("现场指挥部")
    en = event.title_en if event else post.name_en.removeprefix("On-site command: ")
    people = teams.aggregate(people=Sum("people"))["people"] or 0
    return Scene(Words(zh, en), post.place_words, teams.count(), people, until.astimezone(BEIJING), contact, needs)


def saturation_release(
    *, by: Actor, notice: UUID, text: dict[str, str] | None = None, at: datetime | None = None
) -> SaturationNotice:
    """Release a draft, with the words mended by the one who releases it; the notice before it is withdrawn.

    Raises Invalid without words in both languages, Conflict when it is no draft any more.
    """
    at = at or clock.now()
    with pinned(at):
        row, post = _locked(by, notice)
        if row.state != "draft":
            raise Conflict(code="saturation.no_draft", zh="该通告已发布或已撤回。", field="notice", value=notice,
                           en="The notice is released or withdrawn already.")  # fmt: skip
        words = text or {"zh": row.text_zh, "en": row.text_en}
        if not words.get("zh", "").strip() or not words.get("en", "").strip():
            raise Invalid(code="saturation.words", zh="中英文通告均须有内容。", field="text", value="",
                          en="The notice needs words in both languages.")  # fmt: skip
        for old in SaturationNotice.objects.filter(command_post=post, state="released").order_by("id"):
            _withdraw(by, post, old, at)
        row.text_zh, row.text_en = words["zh"].strip()[:4000], words["en"].strip()[:4000]
        row.state, row.released_at, row.released_by = "released", at, by.name[:96]
        row.save()
        told = SaturationReleased(notice=str(row.pk), post=str(post.pk), incident=incident_of(post),
                                  text={"zh": row.text_zh, "en": row.text_en})  # fmt: skip
        record(told, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
        entry_put(by=by, post=post, kind="decision", text="发布力量饱和通告 · Saturation notice released",
                  about=f"notice:{row.pk}", at=at, channel="system")  # fmt: skip
    return row


def saturation_withdraw(*, by: Actor, notice: UUID, at: datetime | None = None) -> SaturationNotice:
    """Take a notice back, a draft or a released one: help is wanted again."""
    at = at or clock.now()
    with pinned(at):
        row, post = _locked(by, notice)
        if row.state == "withdrawn":
            raise Conflict(code="saturation.withdrawn", zh="该通告已撤回。", en="The notice is withdrawn already.",
                           field="notice", value=notice)  # fmt: skip
        _withdraw(by, post, row, at)
    return row


def _withdraw(by: Actor, post: CommandPost, row: SaturationNotice, at: datetime) -> None:
    row.state, row.withdrawn_at = "withdrawn", at
    row.save(update_fields=["state", "withdrawn_at"])
    told = SaturationWithdrawn(notice=str(row.pk), post=str(post.pk), incident=incident_of(post))
    record(told, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)


def _locked(by: Actor, key: UUID) -> tuple[SaturationNotice, CommandPost]:
    seen = SaturationNotice.objects.filter(pk=key).first()
    if seen is None:
        raise NotFound(code="saturation.not_found", zh="没有这份通告。", en="There is no such notice.", field="notice",
                       value=key)  # fmt: skip
    post = post_locked(by, seen.command_post_id, "command.decide")
    return SaturationNotice.objects.get(pk=key), post
