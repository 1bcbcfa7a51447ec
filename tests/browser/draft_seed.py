"""Lays accounts of three hands and a red signal into the node, once. Run as a program, like `seed`."""

from __future__ import annotations

from datetime import datetime, timedelta

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.monitoring.models import Area, AreaMember, Signal, Station
from anlan.territory.models import Post
from anlan.warning.models import FeedPoll
from anlan.warning.services import stop_order_start
from anlan.warning.services.door import alert_take
from anlan.warning.services.feed_sources import feed_source_set
from anlan.warning.services.pins import pin_set
from tests.monitoring.rule_rows import series, signal, station
from tests.warning.keys import pair
from tests.warning.signing import sign_by

SYSTEM, GATE = Actor.scenario("scenario"), Actor.system("warning")
HANDS = {"maker": ["duty"], "checker": ["duty"], "signer": ["issuer"], "issuer": ["issuer"], "second": ["issuer"]}
ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{name}</identifier><sender>41010041600000</sender>
<sent>{sent}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><language>zh-CN</language>
<category>Met</category><event>暴雨</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty>
<expires>{ends}</expires><senderName>示例市气象台</senderName><headline>{name} 暴雨预警</headline>
<description>未来三小时有暴雨。</description><instruction>请立即转移。</instruction><area><areaDesc>示例片区</areaDesc>
<polygon>34.70,113.00 34.70,113.06 34.74,113.06 34.70,113.00</polygon></area></info></alert>"""


def main() -> None:
    """Fill in what the tests of writing warnings need."""
    follow_clock()
    if Station.objects.filter(code="D000").exists():
        return
    now = clock.now()
    post = Post.objects.get(code="410181.duty").pk
    for name, roles in HANDS.items():
        account_save(by=SYSTEM, username=name, name=name, divisions=["410181"], roles=roles,
                     post=post if name == "issuer" else None, password="storm-duty-1")  # fmt: skip
    of = station("D000", now, "410181100", name_zh="示例雨量站", name_en="Draft gauge", lon=113.02, lat=34.75)
    Station.objects.bulk_create([of])
    basin(now)
    Signal.objects.bulk_create([signal(of, now, "red", value=112.0)])
    account_save(by=SYSTEM, username="superior", name="superior", divisions=["4101"], roles=["duty"],
                 post=Post.objects.get(pk=post).superior_id, password="storm-duty-1")  # fmt: skip
    account_save(by=SYSTEM, username="admin1", name="admin1", divisions=["410181"], roles=["admin", "duty"], post=None,
                 password="storm-duty-1")  # fmt: skip
    stop_order_start(
        by=SYSTEM, kind="metro", division="4101", source_zh="地铁停运令", source_en="Metro stop order", at=now
    )
    others(now)


def basin(now: datetime) -> None:
    """A basin of three gauges inside the county."""
    made = Area.objects.create(code="BASIN", division="410181", name_zh="示例流域", name_en="Sample basin")
    for n, (lon, lat) in enumerate(((112.98, 34.72), (113.04, 34.72), (113.0, 34.77))):
        of = station(
            f"D10{n}", now, "410181100", name_zh=f"流域雨量站{n}", name_en=f"Basin gauge {n}", lon=lon, lat=lat
        )
        of.save()
        row = series(9100 + n, of, now)
        row.save()
        AreaMember.objects.create(area=made, series=row, division="410181")


def others(now: datetime) -> None:
    """Messages, feeds and certificates of others, in every state a page can show."""
    own = pair()
    at = {
        "sent": now.replace(microsecond=0).isoformat(),
        "ends": (now + timedelta(hours=6)).replace(microsecond=0).isoformat(),
    }
    bodies = [ALERT.format(name=name, **at).encode() for name in ("EX-1", "EX-2", "EX-3")]
    pin_set(by=GATE, division="410181", sender="41010041600000", certificate=pair("rsa", "former").certificate,
            reason="电话核对指纹", at=now)  # fmt: skip
    for body, policy in ((bodies[0], "tell"), (sign_by(bodies[1], own), "hold_unproved"), (b"<alert>broken", "tell"),
                         (sign_by(bodies[2], own).replace("三小时".encode(), "六小时".encode()), "hold_bad")):  # fmt: skip
        alert_take(by=GATE, body=body, source="示例市气象台", division="410181", policy=policy, at=now)
    for number, (name, state) in enumerate(
        (("示例省气象台", "ok"), ("示例国家平台", "failing"), ("示例流域机构", "new"))
    ):
        source = feed_source_set(by=GATE, name=name, url=f"https://feed{number}.example/cap/atom.xml", division="410181", at=now,
                                 enabled=state != "new")  # fmt: skip
        wrong = {
            "code": "feed.status",
            "zh": "对方答复状态码500；将自动重试。",
            "en": "It answers with status 500. It is tried again.",
        }
        FeedPoll.objects.filter(source=source).update(
            state=state, polled_at=now, due_at=now + timedelta(hours=9), taken=1200 * number,
            failures=4 * (state == "failing"), error=wrong if state == "failing" else {},
        )  # fmt: skip


if __name__ == "__main__":
    main()
