"""The live feed: what a listener is sent equals what a refetch shows, and nobody hears another county's events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from anlan.kernel import journal, live
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account
from anlan.kernel.scope import Scope
from anlan.territory.models import Organisation
from tests.kernel.events import Made

pytestmark = pytest.mark.django_db(transaction=True)


def project(scope: Scope, ids: list[str] | None, at: datetime | None) -> live.Items:
    rows = scope.filter(Organisation.objects.filter(kind="test"))
    if ids is not None:
        rows = rows.filter(id__in=ids)
    return {str(row.id): {"name": row.name_zh, "division": row.division} for row in rows}


@pytest.fixture(autouse=True)
def one_collection(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(live, "projections", lambda: {"thing": live.Projection(project, live._about("thing"))})
    yield


def put(name: str, division: str, row: Organisation | None = None) -> Organisation:
    with transaction.atomic():
        row = row or Organisation(code=name, kind="test", name_en="", division=division)
        row.name_zh = name
        row.save()
        journal.record(Made(name=name), by=Actor.system("t"), about=f"thing:{row.id}", division=division)
    return row


def test_state_plus_frames_equals_a_refetch_at_every_scope() -> None:
    scopes = [Scope(("4101",)), Scope(("410181",)), Scope(("410182",))]
    first = put("a", "410181")
    journal.seal()
    states = {scope: live.state(scope) for scope in scopes}
    put("b", "410182")
    put("renamed", "410181", first)
    with transaction.atomic():
        gone = put("gone", "410181")
        Organisation.objects.filter(id=gone.id).update(kind="other")
    journal.seal()
    for scope in scopes:
        frame = live.frame(scope, states[scope]["seq"], journal.head()[0])
        assert frame is not None
        live.merge(states[scope]["items"], frame)
        assert states[scope]["items"] == live.state(scope)["items"]
    assert {e["division"] for e in live.frame(scopes[2], 0, journal.head()[0])["events"]} == {"410182"}  # type: ignore[index]


def test_too_much_at_once_asks_for_a_refetch() -> None:
    assert live.frame(Scope.whole(), 0, live.MAX_FRAME + 1) is None


def session(divisions: list[str]) -> str:
    account = Account.objects.create_user(f"u{'-'.join(divisions)}", name="值班员", divisions=divisions)
    store = SessionStore()
    store["_auth_user_id"] = str(account.pk)
    store.save()
    return str(store.session_key)


class Listener:
    """A browser's side of the stream."""

    def __init__(self, cookie: str, since: int | None = None) -> None:
        headers = [(b"host", b"127.0.0.1:8001"), (b"origin", b"http://127.0.0.1:8000")]
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()))
        if since is not None:
            headers.append((b"last-event-id", str(since).encode()))
        self.scope = {"type": "http", "path": "/live", "query_string": b"", "headers": headers}
        self.sent: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    def frames(self) -> list[dict[str, Any]]:
        bodies = [m["body"].decode() for m in self.sent if m["type"] == "http.response.body"]
        return [json.loads(b.split("data: ", 1)[1]) for b in bodies if b.startswith("id:")]


async def serve(listeners: list[Listener], act: Any) -> None:
    from anlan.site.live import app

    stopped = asyncio.Event()
    begun = asyncio.Event()

    async def lifespan_receive() -> dict[str, Any]:
        if not begun.is_set():
            begun.set()
            return {"type": "lifespan.startup"}
        await stopped.wait()
        return {"type": "lifespan.shutdown"}

    async def nothing(message: dict[str, Any]) -> None: ...

    server = asyncio.create_task(app({"type": "lifespan"}, lifespan_receive, nothing))
    await asyncio.sleep(0.5)
    streams = [asyncio.create_task(app(one.scope, one.receive, one.send)) for one in listeners]
    await asyncio.sleep(0.5)
    await asyncio.to_thread(act)
    await asyncio.sleep(1.5)
    for one in listeners:
        one.left.set()
    await asyncio.wait(streams, timeout=3)
    for stream in streams:
        stream.cancel()
    stopped.set()
    await asyncio.wait_for(server, 5)


def test_listeners_hear_their_own_county_and_resume_where_they_left() -> None:
    put("before", "410181")
    journal.seal()
    north, south = Listener(session(["410181"]), since=0), Listener(session(["410182"]))
    stranger = Listener("no-such-session")

    def act() -> None:
        put("now", "410181")
        journal.seal()
        from django.db import connection

        connection.close()

    asyncio.run(serve([north, south, stranger], act))
    heard = [item["name"] for frame in north.frames() for item in frame["set"].get("thing", {}).values()]
    assert heard == ["before", "now"], "what was missed, then what is new"
    assert all(not frame["set"].get("thing") and not frame["events"] for frame in south.frames())
    assert stranger.sent[0]["status"] == 403
    headers = dict(north.sent[0]["headers"])
    assert headers[b"access-control-allow-origin"] == b"http://127.0.0.1:8000"


def test_many_notices_in_one_packet_are_gathered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from anlan.site import live as feed

    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    class Ear:
        def __init__(self, many: int) -> None:
            self.many = many

        async def notifies(self, **_: Any) -> AsyncIterator[str]:
            for number in range(self.many):
                yield str(number)

    monkeypatch.setattr("anlan.site.live.asyncio.sleep", rest)
    asyncio.run(feed._heard(Ear(40)))  # type: ignore[arg-type]
    assert rests == [feed.GATHER_S], "a rest for each notice held the pages back by seconds"
    asyncio.run(feed._heard(Ear(0)))  # type: ignore[arg-type]
    assert len(rests) == 1, "nothing sealed, nothing to gather"


def test_another_sites_page_cannot_read_the_feed() -> None:
    one = Listener(session(["410181"]))
    one.scope["headers"] = [h for h in one.scope["headers"] if h[0] != b"origin"] + [(b"origin", b"http://evil.test")]
    asyncio.run(serve([one], lambda: None))
    assert b"access-control-allow-origin" not in dict(one.sent[0]["headers"])
