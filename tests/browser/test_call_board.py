"""The call board with thousands called: live without stutter, and at the end what a refetch says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

import pytest

from tests.browser.chromium import put_away
from tests.browser.conftest import ROOT, Laid, Reader, Site, figure, until

pytestmark = pytest.mark.browser
CALLS = int(os.environ.get("ANLAN_CALLS", "12000"))  # as calls_seed; 77000 is the whole of the day
# Every gap between two pictures, and every task that held the page up, since the page began to look.
WATCH = """() => {
  window.seen = {gaps: [], long: []};
  new PerformanceObserver(list => window.seen.long.push(...list.getEntries().map(e => e.duration)))
    .observe({type: 'longtask'});
  let last = performance.now();
  const tick = now => { window.seen.gaps.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""
PAINTED = """() => { window.painted = 0; new MutationObserver(() => window.painted++).observe(
  document.querySelector('[data-row=total] [data-f=answered]'), {characterData: true, subtree: true, childList: true}); }"""
TAKE = "() => { const found = window.seen; window.seen = {gaps: [], long: []}; return found; }"
FIGURES = """() => Object.fromEntries([...document.querySelectorAll('[data-row]')].map(row => [row.dataset.row,
  Object.fromEntries([...row.querySelectorAll('[data-f]')].filter(cell => cell.dataset.f !== 'oldest')
    .map(cell => [cell.dataset.f, cell.textContent]))]))"""


@pytest.fixture(scope="module")
def crowd(storm: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node whose one warning has called ANLAN_CALLS people."""
    with storm.node(tmp_path_factory.mktemp("crowd"), "tests.browser.calls_seed") as node:
        yield node


@pytest.fixture
def watcher(crowd: Site, chromium: Any) -> Iterator[Reader]:
    """Somebody who looks at its board."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": "anlan_language", "value": "en", "url": crowd.url}])
    context.add_init_script("localStorage.getItem('anlan.tour') || localStorage.setItem('anlan.tour', 'done')")
    person = Reader(crowd, context)
    person.sign_in()
    yield person
    put_away(context)


def board(person: Reader) -> Any:
    page = person.open("/warnings")
    page.locator(".warning-item h3 a").first.click()
    page.wait_for_selector("#calls tr[data-call]")
    page.wait_for_selector("#live[data-state='live']")
    return page


def streaming(site: Site) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.browser.calls_answer"], cwd=ROOT, env=site.environment)


def held_up(seen: dict[str, list[float]]) -> tuple[float, float]:
    """The slow end of the gaps between pictures (95 in 100 are shorter), and the share of time in long tasks."""
    return quantiles(seen["gaps"], n=20)[-1], sum(seen["long"]) / max(1.0, sum(seen["gaps"]))


def test_many_calls_and_200_answers_a_second_without_stutter(watcher: Reader) -> None:
    """Against an idle page of the same browser while the same answers stream in: the machine is as busy for both."""
    idle = watcher.context.new_page()
    page = board(watcher)
    before = page.evaluate(figure("answered"))
    assert page.evaluate(figure("targeted")) == CALLS
    assert page.locator("[data-row=total] [data-f=targeted]").inner_text() == f"{CALLS:,}"
    idle.goto(f"{watcher.site.url}/healthz")
    shares = []
    page.evaluate(PAINTED)
    for looked in (idle, page):
        looked.bring_to_front()
        looked.evaluate(WATCH)
        looked.evaluate(TAKE)
        answers = streaming(watcher.site)
        looked.wait_for_timeout(11_000)
        shares.append(held_up(looked.evaluate(TAKE)))
        assert answers.wait(120) == 0
    (idle_gap, idle_long), (board_gap, board_long) = shares
    print(
        f"95% of gaps: idle {idle_gap:.0f} ms, board {board_gap:.0f} ms; long tasks {idle_long:.1%}, {board_long:.1%}"
    )
    assert board_gap < 3 * max(idle_gap, 17)
    assert board_long < idle_long + 0.1
    until(page, f"{figure('answered')} === {before + 4000}", 60)
    assert page.evaluate("window.painted") > 5  # it counted along, it didn't jump to the end
    page.wait_for_timeout(3500)
    live = page.evaluate(FIGURES)
    page.reload()
    page.wait_for_selector("#calls tr[data-call]")
    fresh = page.evaluate(FIGURES)
    assert live["channel:sms"]["answered"] == "2,000"
    assert live == fresh
    assert watcher.errors == []
