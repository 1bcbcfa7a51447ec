import '../css/console.css';
import { startAgain } from './again';
import { WorldClock } from './clock';
import { Feed, type FeedState } from './feed';
import { span } from './format';
import { ensureGlyphs } from './glyphs';
import { key, openDialog, startKeys } from './keys';
import { startParts } from './parts';
import { Store } from './store';
import { startTimers } from './timers';
import { startTour } from './tour';
import type { ClockItem, State } from './types';
import { t } from './words';

const meta = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';

export const clock = new WorldClock(JSON.parse(meta('anlan-clock') || `{"now":"${new Date().toISOString()}","drill":false}`) as ClockItem);
export const store = new Store();
const parts = startParts();
let feed: Feed | null = null;

/** Load the whole state: on the map at start, and anywhere after a gap. */
export async function refetch(): Promise<State | null> {
  const answer = await fetch('/console/state', { headers: { Accept: 'application/json' } });
  if (!answer.ok) return null;
  const state = (await answer.json()) as State;
  clock.set(state.clock);
  store.load(state);
  return state;
}

let ageTimer = 0;
function showFeed(state: FeedState, since: number): void {
  const badge = document.getElementById('live');
  if (!badge) return;
  badge.dataset['state'] = state;
  const age = (): string => t('live lost for {span}', { span: span(Date.now() - since) });
  badge.firstElementChild?.replaceChildren(state === 'lost' ? age() : state === 'live' ? t('live') : t('connecting'));
  clearInterval(ageTimer);
  if (state === 'lost') ageTimer = window.setInterval(() => badge.firstElementChild?.replaceChildren(age()), 1000);
}

function startFeed(): void {
  const url = meta('anlan-live');
  if (!url) return;
  feed = new Feed(url, {
    frame(frame) {
      clock.set(frame.clock);
      store.apply(frame);
      parts(frame);
    },
    refetch() {
      parts.all();
      document.dispatchEvent(new CustomEvent('anlan:refetch'));
      if (needsState) void refetch();
    },
    state: showFeed,
  });
  if (!needsState) feed.open(Number(meta('anlan-seq')) || 0);
  addEventListener('pagehide', () => feed?.close());
}

// Pages that draw from the state themselves (the map) load it first, then follow from its sequence.
const needsState = document.body.classList.contains('map-page') && !document.body.classList.contains('inside-page');
export async function follow(): Promise<State | null> {
  const state = await refetch();
  if (state) feed?.open(state.seq);
  return state;
}

document.addEventListener('click', (event) => {
  const button = (event.target as Element).closest<HTMLElement>('[data-act]');
  const act = button?.dataset['act'];
  if (act === 'help') openDialog('keys');
  if (act === 'close') button?.closest('dialog')?.close();
  if (act === 'print') print();
  if (act === 'decline') {
    document.querySelector<HTMLFormElement>('#decline form')?.setAttribute('action', button?.dataset['url'] ?? '');
    openDialog('decline');
  }
});
// A choice that only shows something else sends its form at once.
document.addEventListener('change', (event) => (event.target as Element).closest<HTMLSelectElement>('[data-submit]')?.form?.requestSubmit());
document.addEventListener('click', (event) => {
  for (const pop of document.querySelectorAll<HTMLDetailsElement>('details.pop[open]'))
    if (!pop.contains(event.target as Node)) pop.open = false;
});
key('Escape', () => document.querySelectorAll<HTMLDetailsElement>('details.pop[open]').forEach((pop) => (pop.open = false)));

/** A table that scrolls must be reachable by keyboard. */
function reachScrollers(): void {
  for (const box of document.querySelectorAll<HTMLElement>('.table-scroll:not(details *)')) box.tabIndex = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight ? 0 : -1;
}
new ResizeObserver(reachScrollers).observe(document.body);
/** On a narrow screen a row of tabs scrolls: the one open is brought into sight, and the page itself stays where it is. */
function showTabs(): void {
  for (const tab of document.querySelectorAll<HTMLElement>(':is(.tabs, .subtabs) > [aria-current]')) {
    const [strip, own] = [tab.parentElement!.getBoundingClientRect(), tab.getBoundingClientRect()];
    if (own.left < strip.left || own.right > strip.right) tab.parentElement!.scrollLeft += own.left - strip.left - (strip.width - own.width) / 2;
  }
}
showTabs();
void ensureGlyphs().then(() => document.fonts.ready).then(showTabs); // letters that come later move the tabs

startKeys();
startTimers(clock);
startFeed();
startTour();
startAgain();
Object.assign(window, { anlan: { store, clock } });
