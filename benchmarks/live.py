"""500 duty officers on live pages while 50 things change a second: how long from an act to the pages that show it.

    ./anlan bench live [--officers N] [--rate N] [--seconds N] [--write]

A node of its own (web, feed, worker) on a durable server: Zhengzhou under a level I response. Officers of province, city,
counties and townships listen to the feed as their pages do; tasks are signed for and done through the REST interface at a
steady pace. Counted for every officer in whose scope the change lies: from sending the request until the frame with the
changed item is there. A change that does not arrive fails the bench.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

OFFICERS, RATE, SECONDS, SENDERS, ROUNDS = 500, 50, 40, 4, 5
BAR_S = 1.0


def main(words: list[str]) -> None:
    """Measure on a server that is there (this file starts itself for that), else make one first."""
    from anlan.site.bench import own_server, parts_run, publish, rows_leave, table

    if words[:1] == ["parts"]:
        rows_leave(Path(words[1]), parts(Path(words[1]), *(int(word) for word in words[2:5])))
        return

    chosen = [
        _number(words, "--officers", OFFICERS),
        _number(words, "--rate", RATE),
        _number(words, "--seconds", SECONDS),
    ]
    with own_server() as (folder, env):
        rows = parts_run(__file__, folder, env, *chosen)
    note = (
        "The listeners, the senders of the acts, web, feed, worker and PostgreSQL (fsync on) share the machine. From the"
        " request of an act until the frame with it has been read, over all pairs of act and officer in whose scope it lies."
    )
    publish(table("live", "Live pages", ("what", "measured", "bar"), rows, note=note), "live", write="--write" in words)


def _number(words: list[str], name: str, default: int) -> str:
    return words[words.index(name) + 1] if name in words else str(default)


def parts(folder: Path, officers: int, rate: int, seconds: int) -> list[tuple[str, str, str]]:
    """Lay the city down, start the node, let the officers listen and the acts happen."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    listeners, tasks, token = scene(officers)
    need = rate * seconds
    acts = [(key, division, act) for act in ("receive", "done") for key, division in tasks][:need]
    if len(acts) < need:
        raise SystemExit(f"{len(tasks)} tasks are too few for {need} acts")
    node = subprocess.Popen(
        [sys.executable, "-c", "from anlan.site.cli import app; app()", "up"],
        env=os.environ | {"ANLAN_HOME": str(folder / "home")}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        web, live = _ports(folder / "home", node)
        seen, waits = asyncio.run(play(web, live, listeners, acts, token, rate))
    finally:
        node.send_signal(signal.SIGTERM)
        node.wait(60)
    return figures(listeners, acts, seen, waits, rate)


def scene(officers: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """Return the officers (division, session key), the open tasks (id, division), and a token that may act."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from anlan.kernel import tokens
    from anlan.kernel.accounts import account_save
    from anlan.kernel.actor import Actor
    from anlan.kernel.journal.reactor import run_until_quiet
    from anlan.response.engine.plan import Owner, TaskRule, Words
    from anlan.response.models import Task
    from anlan.response.services import level_adopt, plans_load_shipped
    from anlan.response.services.tasks import tasks_issue
    from anlan.territory.models import Post
    from anlan.territory.services import generate

    system, played = Actor.system("bench"), Actor.scenario("bench")
    generate("zhengzhou", 7)
    plans_load_shipped(by=system)
    level = level_adopt(by=played, plan="ZZ-FLOOD", level=1)
    rules = [
        TaskRule(f"B{n}", Words("逐户核实转移", "Check every household"), Owner("township_duty"), 600,
                 Words("名册", "list"), ("73(1)",), "G", 300)
        for n in range(ROUNDS)
    ]  # fmt: skip
    with transaction.atomic():
        tasks_issue(by=played, plan=level.plan, level=level, rules=rules, area="4101", track="main", at=level.since)
    run_until_quiet(strict=True)
    desks = list(Post.objects.filter(role__endswith="_duty").order_by("code").values_list("division", flat=True))
    divisions = sorted({d for d in desks if len(d) in (2, 4, 6, 9)}, key=lambda code: (len(code), code))
    sessions = []
    for number in range(officers):
        division = divisions[number % len(divisions)]
        account = account_save(
            by=system, username=f"bench-{number}", name="值班员", divisions=[division], roles=["duty"]
        )
        store = SessionStore()
        store["_auth_user_id"] = str(account.pk)
        store.save()
        sessions.append((division, str(store.session_key)))
    acting = account_save(by=system, username="bench-acts", name="任务终端", divisions=["4101"], roles=["duty"])
    _, token = tokens.token_make(
        by=system, account=acting, name="bench", divisions=["4101"], rights=["response.write"], rate_per_min=60_000,
    )  # fmt: skip
    found = Task.objects.filter(state="issued", track="main", division__startswith="4101").order_by("id")
    return sessions, [(str(key), division) for key, division in found.values_list("id", "division")], token


def _ports(home: Path, node: subprocess.Popen[bytes]) -> tuple[int, int]:
    from anlan.site.processes import responds
    from anlan.site.serve import read_run

    end = time.monotonic() + 120
    while time.monotonic() < end and node.poll() is None:
        found = read_run(home) or {}
        ports = [int(found.get(name) or 0) for name in ("web_port", "live_port")]
        if all(responds(port) for port in ports):
            return ports[0], ports[1]
        time.sleep(0.2)
    raise SystemExit("the node never came up")


Seen = dict[tuple[str, str], dict[int, float]]


async def play(
    web: int, live: int, listeners: list[tuple[str, str]], acts: list[tuple[str, str, str]], token: str, rate: int
) -> tuple[Seen, dict[tuple[str, str], float]]:
    """Listen and act; return when each officer saw each act (task, state) and when each act was sent."""
    seen: Seen = defaultdict(dict)
    known: dict[bytes, list[tuple[str, str]]] = {}
    hearing = [asyncio.create_task(_listen(live, n, key, seen, known)) for n, (_, key) in enumerate(listeners)]
    await asyncio.sleep(30)
    sent: dict[tuple[str, str], float] = {}
    began = time.perf_counter()
    await asyncio.gather(*(_send(web, token, acts[n::SENDERS], n, rate, began, sent) for n in range(SENDERS)))
    await asyncio.sleep(5)
    for task in hearing:
        task.cancel()
    await asyncio.gather(*hearing, return_exceptions=True)
    return seen, sent


async def _listen(port: int, number: int, session: str, seen: Seen, known: dict[bytes, list[tuple[str, str]]]) -> None:
    from django.conf import settings

    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.write(
        f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {settings.SESSION_COOKIE_NAME}={session}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0], head
    try:
        while True:
            line = await reader.readuntil(b"\n")
            if not line.startswith(b'data: {"'):
                continue
            now = time.perf_counter()
            if line not in known:
                known[line] = _acts_in(line)
            for act in known[line]:
                seen[act].setdefault(number, now)
    finally:
        writer.close()


def _acts_in(line: bytes) -> list[tuple[str, str]]:
    tasks = json.loads(line[6:])["set"].get("task", {})
    found = []
    for key, item in tasks.items():
        found += [(key, "receive")] * bool(item and item["receipt_at"]) + [(key, "done")] * bool(
            item and item["done_at"]
        )
    return found


async def _send(
    port: int, token: str, acts: list[tuple[str, str, str]], number: int, rate: int, began: float,
    sent: dict[tuple[str, str], float],
) -> None:  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for place, (key, _, act) in enumerate(acts):
        await asyncio.sleep(max(0.0, began + (place * SENDERS + number) / rate - time.perf_counter()))
        body = json.dumps({"text": "已落实，回报"}).encode() if act == "done" else b""
        sent[key, act] = time.perf_counter()
        writer.write(
            f"POST /api/response/tasks/{key}/{act} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        answer = await reader.readexactly(length)
        if " 200 " not in head.split("\r\n")[0]:
            raise SystemExit(f"{act}: {head.splitlines()[0]} {answer[:300]!r}")
    writer.close()


def figures(
    listeners: list[tuple[str, str]], acts: list[tuple[str, str, str]], seen: Seen, sent: dict[tuple[str, str], float],
    rate: int,
) -> list[tuple[str, str, str]]:  # fmt: skip
    """Count the waits; an act an officer should have seen and did not is a failure."""
    from anlan.kernel.scope import Scope
    from anlan.site.bench import percentile

    scopes = [Scope((division,)) for division, _ in listeners]
    inside = {division: [n for n, scope in enumerate(scopes) if scope.covers(division)] for _, division, _ in acts}
    waits, lost = [], 0
    for key, division, act in acts:
        for number in inside[division]:
            at = seen.get((key, act), {}).get(number)
            lost += at is None
            waits += [] if at is None else [at - sent[key, act]]
    if lost:
        raise SystemExit(
            f"{lost:,} of {lost + len(waits):,} changes never reached the page of an officer in whose scope they lie"
        )
    times = list(sent.values())
    pace = (len(times) - 1) / (max(times) - min(times))
    return [
        ("officers listening, in scopes", f"{len(listeners):,} in {len({d for d, _ in listeners})}", ""),
        ("changes a second", f"{pace:.1f}", f"{rate}"),
        ("changes seen by officers", f"{len(waits):,}, none lost", "none lost"),
        ("act → page p50, seconds", f"{percentile(waits, 0.5):.2f}", ""),
        ("act → page p95, seconds", f"{percentile(waits, 0.95):.2f}", f"≤ {BAR_S:g}"),
        ("act → page p99, seconds", f"{percentile(waits, 0.99):.2f}", ""),
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
