import { key } from '../keys';

let chosen = -1;
const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('#review > .change')];

function choose(step: number): void {
  const all = rows();
  all[chosen]?.removeAttribute('aria-selected');
  chosen = Math.max(0, Math.min(all.length - 1, chosen + step));
  const row = all[chosen];
  row?.setAttribute('aria-selected', 'true');
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}

/** Accept the chosen change and go on to the next one. */
function accept(): void {
  rows()[chosen]?.querySelector<HTMLElement>('[data-key=a]:not([disabled])')?.click();
  choose(1);
}

function otherwise(): void {
  const pop = rows()[chosen]?.querySelector<HTMLDetailsElement>('details.pop');
  if (!pop) return;
  pop.open = true;
  pop.querySelector<HTMLInputElement>('input:not([type=hidden])')?.focus();
}

/** The review of a code list: changes by j and k, a accepts, r opens what else may be done. */
export function startReview(): void {
  if (!document.getElementById('review')) return;
  key('j', () => choose(1));
  key('k', () => choose(-1));
  key('a', accept);
  key('r', otherwise);
}
