import type { WorldClock } from './clock';
import { clockTime, dayName, dayTime, running, span } from './format';

const LADDER_MS = 30 * 60_000;

/** Keep every clock on the page running by the world's time. */
export function startTimers(clock: WorldClock): void {
  const tick = (): void => {
    const now = clock.now();
    for (const node of document.querySelectorAll<HTMLElement>('[data-now]')) put(node, nowText(node.dataset['now'] ?? '', now));
    for (const node of document.querySelectorAll<HTMLElement>('[data-since]')) {
      const age = now - Date.parse(node.dataset['since'] ?? '');
      put(node, node.closest('[data-clock]') ? running(age) : span(age));
    }
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

function climb(node: HTMLElement, now: number): void {
  const share = Math.min(1, Math.max(0, (now - Date.parse(node.dataset['opened'] ?? '')) / LADDER_MS));
  const late = share >= 1 ? '2' : share >= 0.5 ? '1' : '0';
  node.dataset['late'] = late;
  const ladder = node.querySelector<HTMLElement>('.ladder');
  if (ladder) ladder.dataset['late'] = late;
  node.querySelector('[data-fill]')?.setAttribute('width', String(Math.round(share * 300)));
}
