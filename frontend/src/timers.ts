import type { WorldClock } from './clock';
import { clockTime, dayName, dayTime, running, span } from './format';
import { t } from './words';

const LADDER_MS = 30 * 60_000;
const SOON_MS = 15 * 60_000;
const DAY_MS = 86_400_000;

/** Keep every clock on the page running by the world's time. */
export function startTimers(clock: WorldClock): void {
  const tick = (): void => {
    const now = clock.now();
    for (const node of document.querySelectorAll<HTMLElement>('[data-now]')) put(node, nowText(node.dataset['now'] ?? '', now));
    for (const node of document.querySelectorAll<HTMLElement>('[data-since]')) {
      const age = now - Date.parse(node.dataset['since'] ?? '');
      put(node, node.closest('[data-clock]') ? running(age) : span(age));
    }
    document.querySelectorAll<HTMLElement>('[data-due]').forEach((node) => countDown(node, now));
    document.querySelectorAll<HTMLElement>('[data-opened]').forEach((node) => climb(node, now));
  };
  tick();
  window.setInterval(tick, 500);
}

const put = (node: HTMLElement, text: string): void => {
  if (node.textContent !== text) node.textContent = text;
};

const nowText = (kind: string, now: number): string =>
  kind === 'time' ? clockTime(now) : kind === 'day' ? dayName(now) : dayTime(now);

/** Time left until something is due, or by how much it is over; the last quarter of an hour stands out. */
function countDown(node: HTMLElement, now: number): void {
  const left = Date.parse(node.dataset['due'] ?? '') - now;
  put(node, left < 0 ? t('over by {span}', { span: long(-left) }) : t('{span} left', { span: long(left) }));
  node.className = `countdown s-${left < 0 ? 'overdue' : left < SOON_MS ? 'attention' : 'plain'}`;
}

const long = (milliseconds: number): string =>
  milliseconds >= 3 * DAY_MS ? t('{d} days', { d: Math.floor(milliseconds / DAY_MS) }) : span(milliseconds);

function climb(node: HTMLElement, now: number): void {
  const share = Math.min(1, Math.max(0, (now - Date.parse(node.dataset['opened'] ?? '')) / LADDER_MS));
  const late = share >= 1 ? '2' : share >= 0.5 ? '1' : '0';
  node.dataset['late'] = late;
  const ladder = node.querySelector<HTMLElement>('.ladder');
  if (ladder) ladder.dataset['late'] = late;
  node.querySelector('[data-fill]')?.setAttribute('width', String(Math.round(share * 300)));
}
