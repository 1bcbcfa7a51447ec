"""A warning to 100,000 people: queued, rendered, deduplicated, sent and told in the journal, on a durable server of its own.

    ./anlan bench fanout [--people N] [--write]

The calls of 110,000 posts held by 100,000 people are put into the outbox block by block, as issuing does, and sent by the
node's own sender process: by the loop-back way, and as text messages by SMPP to a centre in a process of its own. Then a
warning to all of them is issued: people found, calls placed with their ladders, messages sent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

PEOPLE, TWICE = 100_000, 0.1
BAR_RATE, BAR_SMPP, BAR_FIRST_S = 20_000, 3_000, 1.0


def main(words: list[str]) -> None:
    """Measure on a server that is there (this file starts itself for that), else make one first."""
    from anlan.site.bench import rows_leave

    if words[:1] == ["parts"]:
        rows_leave(Path(words[1]), parts(int(words[2])))
    else:
        whole(words)


def whole(words: list[str]) -> None:
    """Make a server and a database, measure, print and publish the table."""
    from anlan.site.bench import own_server, parts_run, publish, table

    people = words[words.index("--people") + 1] if "--people" in words else str(PEOPLE)
    with own_server() as (folder, env):
        rows = parts_run(__file__, folder, env, people)
    note = (
        f"{int(people):,} people, {TWICE:.0%} of them called for two posts; PostgreSQL with fsync on. Messages a second:"
        " all of them, from the beginning of the first act that queues them until the last result is written. First out:"
        " from the beginning of the act (of issuing) until a result is written. The issue: people of 110,000 posts found,"
        " calls with their ladders placed by the sweeper once a second."
    )
    heads = ("what", "measured", "bar")
    publish(table("fanout", "A warning to 100,000 people", heads, rows, note=note), "fanout", write="--write" in words)


def parts(count: int) -> list[tuple[str, str, str]]:
    """Measure both ways."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from anlan.warning.services import WaySpec, way_save

    people = persons(count)
    port = 20_000 + os.getpid() % 20_000
    centre = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("_fanout_centre.py")), str(port)], stdout=subprocess.PIPE
    )
    assert centre.stdout is not None
    centre.stdout.readline()
    smpp = {"host": "127.0.0.1", "port": port, "system_id": "anlan", "source": "10639", "receipts": False}
    ways = {"voice": ("loopback", {}, 100_000.0, 10_000), "sms": ("smpp", smpp, 50_000.0, 500)}
    for carries, (kind, settings, rate, window) in ways.items():
        way_save(by=_by(), spec=WaySpec(kind, carries, kind, kind, kind, settings=settings, rate_per_s=rate,
                                        window=window))  # fmt: skip
    sender = subprocess.Popen([sys.executable, "-m", "anlan.site.senders"], env={**os.environ, "ANLAN_ROLE": "senders"})
    try:
        _until_up(len(ways))
        loop = [one(people, n, "voice") for n in range(3)]
        text = one(people, 3, "sms")
        issued = issue(people)
    finally:
        for process in (sender, centre):
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    best = sorted(loop, key=lambda run: run["rate"])[1]
    return [
        ("loop-back, messages a second (median of three)", f"{best['rate']:,.0f}", f"≥ {BAR_RATE:,}"),
        ("of it: until the last is queued, seconds", f"{best['queued']:.2f}", ""),
        ("of it: until the last result is written, seconds", f"{best['sent']:.2f}", ""),
        (
            "first out after the beginning of the act, seconds",
            f"{max(run['first'] for run in loop):.2f}",
            f"≤ {BAR_FIRST_S:g}",
        ),
        ("SMPP to a local centre, people a second", f"{text['rate']:,.0f}", f"≥ {BAR_SMPP:,}"),
        ("of it: submit_sm a second (long texts go in parts)", f"{text['parts'] / text['sent']:,.0f}", ""),
        ("SMPP first out after the beginning of the act, seconds", f"{text['first']:.2f}", f"≤ {BAR_FIRST_S:g}"),
        ("a warning issued to all: the act of issuing, seconds", f"{issued['act']:.2f}", ""),
        ("of it: first out after the beginning of the act, seconds", f"{issued['first']:.2f}", f"≤ {BAR_FIRST_S:g}"),
        ("of it: until everybody is called, seconds", f"{issued['sent']:.2f}", ""),
        ("sealed journal entries of one warning", f"{best['entries']:,}", ""),
    ]


def persons(count: int) -> list[Any]:
    """Lay down so many people with telephones."""
    from anlan.kernel import ids
    from anlan.territory.models import Person

    rows = [
        Person(
            id=ids.new_id(), division=f"4101811{n % 90 + 10:02d}", code=f"P{n:06d}", name="值班员", phone=f"139{n:08d}"
        )
        for n in range(count)
    ]
    Person.objects.bulk_create(rows, batch_size=5_000)
    return [row.id for row in rows]


def _by() -> Any:
    from anlan.kernel.actor import Actor

    return Actor.system("bench")


def _until_up(count: int) -> None:
    from anlan.warning.models import ChannelHealth

    end = time.monotonic() + 60
    while ChannelHealth.objects.filter(state="up").count() < count:
        if time.monotonic() > end:
            raise SystemExit("the senders never came up")
        time.sleep(0.05)


def _handed(channel: str) -> int:
    """How many messages the channel's way has handed over so far."""
    from anlan.warning.models import ChannelHealth

    return int(ChannelHealth.objects.values_list("handed", flat=True).get(setting__carries=channel))


class Watch(threading.Thread):
    """Looks on from a connection of its own: seconds from `begun` to the first and to the last message handed over."""

    def __init__(self, channel: str, until: int, begun: float) -> None:
        super().__init__(daemon=True)
        self.channel, self.until, self.begun, self.before = channel, until, begun, _handed(channel)
        self.first = self.all = 0.0
        self.start()

    def run(self) -> None:
        while (gone := _handed(self.channel)) < self.until:
            if gone > self.before and not self.first:
                self.first = time.perf_counter() - self.begun
            time.sleep(0.02)
        self.all = time.perf_counter() - self.begun
        self.first = self.first or self.all


def issue(people: list[Any]) -> dict[str, float]:
    """Issue a red warning to the holders of 110,000 posts, and sweep once a second as the worker does."""
    from anlan.kernel import clock
    from anlan.warning import rules, tasks
    from anlan.warning.models import OutboxMessage
    from anlan.warning.services import warning_issue

    posts(people)
    rules.packs_read()  # as web and worker do at their start
    before, begun = _handed("voice"), time.perf_counter()
    watch = Watch("voice", before + len(people), begun)
    warning = warning_issue(by=_by(), hazard="11B03", colour="red", area=["410181"], channels=["voice"])
    act = time.perf_counter() - begun
    while watch.is_alive():
        time.sleep(1.0)
        tasks.sweep(clock.now())
    if (count := OutboxMessage.objects.filter(warning=warning.id, channel="voice").count()) != len(people):
        raise SystemExit(f"{count} of {len(people)} people were called")
    run = {"act": act, "first": watch.first, "sent": watch.all}
    print("issue", {name: round(value, 2) for name, value in run.items()}, file=sys.stderr)
    return run


def posts(people: list[Any]) -> None:
    """Lay down a county with a post for everybody, and a second one for some."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territory_division (code, name_zh, name_en, level, kind, functional_zone, coord_src,"
            " population_src, valid_from) VALUES ('410181', '巩义市', 'Gongyi', 3, 'city', false, '', '', '2020-01-01')"
        )
        cursor.execute(
            "INSERT INTO territory_organisation (id, division, code, name_zh, name_en, kind)"
            " VALUES (gen_random_uuid(), '410181', 'o', 'o', 'o', 'village') RETURNING id"
        )
        organisation = cursor.fetchone()[0]
        cursor.execute(
            "CREATE TEMP TABLE laid AS SELECT gen_random_uuid() AS id, n, p.id AS person FROM generate_series(1, %s) AS n"
            " JOIN (SELECT id, row_number() OVER (ORDER BY code) AS o FROM territory_person) p ON p.o = (n - 1) %% %s + 1",
            [int(len(people) * (1 + TWICE)), len(people)],
        )
        cursor.execute(
            "INSERT INTO territory_post (id, division, code, name_zh, name_en, role, organisation_id)"
            " SELECT id, '410181' || (n %% 90 + 100)::text || '201', 'post' || n, '村干部', 'Village officer',"
            " 'village_officer', %s FROM laid",
            [organisation],
        )
        cursor.execute(
            "INSERT INTO territory_appointment (id, division, post_id, person_id, holder, valid_from)"
            " SELECT gen_random_uuid(), '410181', id, person, 'A', '2020-01-01' FROM laid"
        )
        cursor.execute("ANALYZE territory_post, territory_appointment, territory_person")


def one(people: list[Any], number: int, channel: str) -> dict[str, float]:
    """Call everybody once by one channel; return rates and seconds."""
    from django.db import transaction

    from anlan.kernel import clock, ids
    from anlan.kernel.models import Entry
    from anlan.warning.engine.ladder import Contact
    from anlan.warning.models import OutboxMessage, Warning
    from anlan.warning.services.placing import BLOCK, FIRST
    from anlan.warning.services.sending import Ring, calls_send

    at = clock.now()
    warning = Warning.objects.create(
        division="410181", number=f"41018141600000_20210720060000_{number}", hazard="11B03", colour="red",
        issuer_kind="weather", sender="41018141600000", headline_zh="巩义市气象台发布暴雨红色预警", headline_en="Red rainstorm",
        description_zh="雨", description_en="rain", instruction_zh="立即转移", instruction_en="Leave now", area=["410181"],
        issued_at=at, effective=at, expires=at.replace(year=at.year + 1), state_at=at, cap_xml="<alert/>", ladder="x",
        ladder_version="1",
    )  # fmt: skip
    twice = people[: int(len(people) * TWICE)]
    held = sorted([*people, *twice])
    rings = [
        Ring(warning.id, ids.new_id(), "410181100", Contact(ids.new_id(), f"post{n}", "village_officer", person), 0,
             (channel,), at)
        for n, person in enumerate(held)
    ]  # fmt: skip
    before, begun = _handed(channel), time.perf_counter()
    watch = Watch(channel, before + len(people), begun)
    start = 0
    for end in (FIRST, *range(FIRST + BLOCK, len(rings) + BLOCK, BLOCK)):
        while end < len(held) and held[end] == held[end - 1]:
            end += 1  # all posts of a person make one message
        with transaction.atomic():
            calls_send(rings[start:end], {warning.id: warning})
        start = max(start, end)
    queued = time.perf_counter()
    watch.join()
    done = OutboxMessage.objects.filter(warning=warning.id, state__in=("handed", "delivered"))
    if done.count() != len(people):
        raise SystemExit(f"{done.count()} of {len(people)} messages were sent")
    found = sum(done.values_list("parts", flat=True))
    entries = Entry.objects.filter(about=f"warning:{warning.id}").count()
    run = {"rate": len(people) / watch.all, "queued": queued - begun, "sent": watch.all, "first": watch.first,
           "parts": found, "entries": entries}  # fmt: skip
    print(channel, {name: round(value, 2) for name, value in run.items()}, file=sys.stderr)
    return run


if __name__ == "__main__":
    main(sys.argv[1:])
