import { key } from './keys';
import type { Frame } from './types';

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

/** The call board by keyboard: j and k choose a post, 1 to 4 log its answer. The funnel follows the feed. */
export function startCallBoard(): ((frame: Frame) => void) | null {
  if (!document.getElementById('calls')) return null;
  key('j', () => choose(1));
  key('k', () => choose(-1));
  for (const n of [1, 2, 3, 4])
    key(String(n), () => {
      const row = rows()[chosen];
      row?.querySelector<HTMLElement>(`[data-answer="${n}"]`)?.click();
      chosen -= 1; // the answered row gives up its place; j goes on with the next
    });
  let last = 0;
  return (frame) => {
    if (performance.now() - last < 1500 || !frame.events.some((entry) => entry.kind.startsWith('call'))) return;
    last = performance.now();
    document.body.dispatchEvent(new CustomEvent('anlan:calls'));
  };
}
