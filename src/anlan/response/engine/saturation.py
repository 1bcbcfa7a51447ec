"""The notice that enough help has come (力量饱和通告): what the public and teams on their way are told."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from anlan.response.engine.plan import Words


class Scene(NamedTuple):
    """What the notice speaks of: the event and place in both languages, teams and people on site, how long it stands.

    `contact`: whom to ask before setting out; "" leaves the line out. `until`: local time. `needs`: what is still wanted.
    """

    event: Words
    place: str
    teams: int
    people: int
    until: datetime
    contact: str = ""
    needs: str = ""


def notice(scene: Scene) -> Words:
    """Return the notice as a draft in both languages. Nothing in it is more than the figures given."""
    until_zh = f"{scene.until.month}月{scene.until.day}日{scene.until:%H:%M}"
    until_en = f"{scene.until:%H:%M} on {scene.until.day} {scene.until:%B}"
    place_zh, place_en = (f"（{scene.place}）", f" ({scene.place})") if scene.place else ("", "")
    here_zh = f"目前现场已有救援队伍{scene.teams}支、{scene.people}人，" if scene.teams else ""
    here_en = f"{scene.teams} teams with {scene.people} people are on site. " if scene.teams else ""
    zh = [
        f"关于{scene.event.zh}{place_zh}现场救援力量的通告",
        f"{here_zh}现场救援力量已能满足需要。未接到现场指挥部同意的队伍、志愿者和车辆，请不要自行前往，把道路留给救援和伤员转运。",
    ]
    en = [
        f"Notice on rescue teams at {scene.event.en}{place_en}",
        f"{here_en}There are enough teams on site. Without the consent of the on-site command post, please do not set out: "
        "keep the roads free for rescuers and the injured.",
    ]
    if scene.needs:
        zh.append(f"仍需要：{scene.needs}。")
        en.append(f"Still needed: {scene.needs}.")
    if scene.contact:
        zh.append(f"愿意参加的队伍请先登记报备：{scene.contact}，等候通知。")
        en.append(f"Teams that want to help: register first ({scene.contact}) and wait to be called.")
    zh.append(f"本通告有效至{until_zh}，如需增援将另行通知。")
    en.append(f"Valid until {until_en}; should more help be needed, a new notice will say so.")
    return Words("\n".join(zh), "\n".join(en))
