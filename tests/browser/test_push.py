"""Web push in a real browser: subscribe, be warned, answer on the notification; and the page with all answers.

Chromium's own push service can't be reached from here, so the subscription the page asks for is one of a push endpoint
of this test. That endpoint takes what the node sends, opens it with the browser's keys as RFC 8291 says, and hands it to
the service worker as the browser would.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from anlan.warning.formats.web_push import b64, point
from tests.browser.chromium import put_away
from tests.browser.conftest import Laid, Reader, Site, until
from tests.browser.test_pages import serious
from tests.warning.channels.posting import WebGateway
from tests.warning.channels.test_kinds import opened

pytestmark = pytest.mark.browser
AUTH = b"0123456789abcdef"
SUBSCRIBE = """
PushManager.prototype.subscribe = async (options) => {
  window.asked = [...new Uint8Array(options.applicationServerKey)].length;
  return { toJSON: () => (%s) };
};
"""


@pytest.fixture(scope="module")
def node(county: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node that is no drill, with its senders."""
    with county.node(tmp_path_factory.mktemp("push"), "tests.browser.push_seed", drill=False, senders=True) as found:
        yield found


@pytest.fixture
def endpoint() -> Iterator[WebGateway]:
    """The push service."""
    found = WebGateway()
    found.answer = lambda *_: (201, {})
    yield found
    found.close()


def test_a_person_subscribes_is_warned_and_answers_on_the_notification(
    node: Site, endpoint: WebGateway, whole_chromium: Any, tmp_path: Path
) -> None:
    browser = ec.generate_private_key(ec.SECP256R1())
    keys = {"p256dh": b64(point(browser.public_key())), "auth": b64(AUTH)}
    context = whole_chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.grant_permissions(["notifications"], origin=node.url)
    context.add_cookies([{"name": "anlan_language", "value": "en", "url": node.url}])
    context.add_init_script("localStorage.setItem('anlan.tour', 'done')")
    context.add_init_script(SUBSCRIBE % json.dumps({"endpoint": endpoint.url("/push/one"), "keys": keys}))
    person = Reader(node, context)
    page = person.page
    page.goto(f"{node.url}/sign-in")
    page.fill("#username", "head")
    page.fill("#password", "storm-duty-1")
    page.click("main .btn.primary")
    page.wait_for_url(f"{node.url}/")
    person.open("/warning/ways/mine")
    page.click("#subscribe")
    page.wait_for_selector("#unsubscribe", timeout=20_000)
    assert "127.0.0.1" in page.inner_text("main") and serious(page) == []

    page.click("#try")
    told = page.locator(".notice", has_text="test message")
    told.wait_for()
    assert "has taken" in told.inner_text()
    within(page, lambda: endpoint.requests, "the test message")
    assert opened(endpoint.requests[0][3], browser, AUTH)["answer"] == "", "a test asks for no answer"

    node.run("tests.browser.push_seed", "issue")
    within(page, lambda: len(endpoint.requests) > 1, "the warning")
    said = opened(endpoint.requests[1][3], browser, AUTH)
    worker = context.service_workers[0]
    cdp = context.new_cdp_session(page)
    versions: list[Any] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda told: versions.extend(told["registrations"]))
    cdp.send("ServiceWorker.enable")
    within(page, lambda: versions, "the registration")
    cdp.send("ServiceWorker.deliverPushMessage", {
        "origin": node.url, "registrationId": versions[0]["registrationId"], "data": json.dumps(said)})  # fmt: skip
    shown = "self.registration.getNotifications().then((all) => all.map((one) => [one.title, one.body, one.actions.length]))"
    within(page, lambda: worker.evaluate(shown), "the notification")
    ((title, body, actions),) = worker.evaluate(shown)
    assert title == said["title"] and body == said["body"] and actions >= 2
    worker.evaluate("""self.registration.getNotifications().then(([one]) =>
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification: one, action: 'acting' })))""")
    within(page, lambda: answers(node) == ["acting"], "the answer")
    within(page, lambda: worker.evaluate(shown) == [], "the notification closed")

    page.goto(f"{node.url}/warning/ways/answer?reference={said['reference']}&token={said['answer']}")
    assert "Orange rainstorm warning" in page.inner_text("main"), "it says what is answered"
    page.click("button[value=need_help]")
    assert "taken" in page.inner_text("main")
    assert answers(node) == ["need_help"] and serious(page) == []
    page.goto(f"{node.url}/warning/ways/answer?reference={said['reference']}&token={'0' * 32}")
    assert page.locator("button[value=acting]").count() == 0, "a forged token answers nothing"

    person.open("/warning/ways/mine")
    page.click("#unsubscribe")
    until(page, "!document.querySelector('#unsubscribe')")
    assert person.own_errors() == []
    put_away(context)


def within(page: Any, found: Callable[[], Any], what: str, seconds: float = 60) -> None:
    """Wait until `found` gives something true, while the page goes on."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f"never came: {what}"
        page.wait_for_timeout(100)


def answers(node: Site) -> list[str]:
    """The answers of calls that have one."""
    with psycopg.connect(node.environment["ANLAN_DATABASE_URL"]) as database:
        return [row[0] for row in database.execute("SELECT answer FROM warning_call WHERE answer IS NOT NULL")]
