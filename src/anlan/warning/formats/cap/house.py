"""What Anlan asks of its own messages beyond the standard: somebody must be able to act on each of them. Pure."""

from __future__ import annotations

from anlan.warning.formats.cap import instants
from anlan.warning.formats.cap.values import Alert, Finding, Info
from anlan.warning.formats.cap.wording import finding


def check(alert: Alert) -> tuple[Finding, ...]:
    """Every rule of the house that `alert` breaks. Times must be readable (`rules.check` says when they are not)."""
    found: list[Finding] = []
    if alert.status == "Exercise" and not (alert.note or "").strip():
        found.append(finding("house_exercise", "/alert/note"))
    if not alert.infos:
        found.append(finding("house_info", "/alert/info"))
    for number, info in enumerate(alert.infos, 1):
        _info(info, alert, f"/alert/info[{number}]", found)
    return tuple(found)


def _info(info: Info, alert: Alert, path: str, found: list[Finding]) -> None:
    for name in ("event", "headline", "description"):
        if not (getattr(info, name) or "").strip():
            found.append(finding("house_text", f"{path}/{name}", name))
    if alert.msg_type != "Cancel" and not (info.instruction or "").strip():
        found.append(finding("house_instruction", f"{path}/instruction"))
    if not _lasts(info, alert):
        found.append(finding("house_expires", f"{path}/expires"))
    bare = any(not (area.polygons or area.circles or area.geocodes) for area in info.areas)
    if bare or (not info.areas and alert.status in {"Actual", "Exercise"}):
        found.append(finding("house_area", f"{path}/area"))


def _lasts(info: Info, alert: Alert) -> bool:
    try:
        return instants.instant(info.expires or "") >= instants.instant(info.effective or alert.sent)
    except ValueError:
        return False
