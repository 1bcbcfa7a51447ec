import htmx from 'htmx.org';
import { key } from './keys';
import type { Frame } from './types';

const FRESH_MS = 1500;
let chosen = -1;
const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('#calls tr[data-call]')];

function choose(step: number): void {
  const all = rows();
  all[chosen]?.setAttribute('aria-selected', 'false');
  chosen = Math.max(0, Math.min(all.length - 1, chosen + step));
  const row = all[chosen];
  row?.setAttribute('aria-selected', 'true');
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}

function log(button: HTMLElement, table: HTMLElement): void {
  const row = button.closest<HTMLElement>('tr[data-call]');
  if (!row) return;
  const values = { content: button.dataset['answer'] ?? '' };
  void htmx.ajax('POST', `${table.dataset['url'] ?? ''}${row.dataset['call'] ?? ''}/answer`, { source: row, target: row, swap: 'outerHTML', values });
}

/** The call board by keyboard: j and k choose a post, 1 to 4 log its answer. The funnel follows the feed. */
export function startCallBoard(): ((frame: Frame) => void) | null {
  const table = document.getElementById('calls');
  if (!table) return null;
  table.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-answer]');
    if (button) log(button, table);
  });
  key('j', () => choose(1));
  key('k', () => choose(-1));
  for (const n of [1, 2, 3, 4])
    key(String(n), () => {
      rows()[chosen]?.querySelectorAll<HTMLElement>('[data-answer]')[n - 1]?.click();
      chosen -= 1; // the answered row gives up its place; j goes on with the next
    });
  let last = 0;
  return (frame) => {
    if (performance.now() - last < FRESH_MS || !frame.events.some((entry) => entry.kind.startsWith('call'))) return;
    last = performance.now();
    document.body.dispatchEvent(new CustomEvent('anlan:calls'));
  };
}
