import { ask } from './lane';
import type { Frame } from './types';

const EVERY_MS = 1500;

/** Server-drawn panels that go stale when something happens: gathered, then asked for again in one request. */
export function startParts(): ((frame: Frame) => void) & { all(): void } {
  const host = document.querySelector<HTMLElement>('[data-parts]');
  const stale = new Set<string>();
  let timer = 0;
  let last = 0;

  const renew = async (): Promise<void> => {
    timer = 0;
    if (!host || !stale.size || document.hidden) return;
    for (const name of [...stale]) if (edited(name)) stale.delete(name), later.add(name);
    const names = [...stale].join(',');
    if (!names) return;
    const folds = [...stale].flatMap((name) => foldsOf(name).flatMap((fold, place) => (fold.open ? [{ name, place }] : [])));
    stale.clear();
    last = performance.now();
    await ask('parts', 'GET', `${host.dataset['parts']}?p=${names}`, { target: host, swap: 'none', sync: 'queue all' });
    for (const { name, place } of folds) foldsOf(name)[place]?.setAttribute('open', '');
  };
  // A panel somebody types or ticks in waits until they are done; what they had unfolded stays unfolded.
  const foldsOf = (name: string): HTMLDetailsElement[] => [...document.querySelectorAll<HTMLDetailsElement>(`#part-${name} details`)];
  const edited = (name: string): boolean =>
    !!document.activeElement?.matches(`#part-${name} :is(input, textarea, select)`) ||
    [...document.querySelectorAll<HTMLInputElement>(`#part-${name} [type=checkbox]`)].some((box) => box.checked !== box.defaultChecked);
  const later = new Set<string>();
  document.addEventListener('focusout', () => {
    if (!later.size) return;
    later.forEach((name) => stale.add(name));
    later.clear();
    soon();
  });
  const soon = (): void => {
    if (!timer) timer = window.setTimeout(() => void renew(), Math.max(250, EVERY_MS - (performance.now() - last)));
  };
  const mark = (wanted: (kinds: string[]) => boolean): void => {
    for (const panel of document.querySelectorAll<HTMLElement>('[data-on]'))
      if (wanted((panel.dataset['on'] ?? '').split(' '))) stale.add(panel.id.replace('part-', ''));
    if (stale.size) soon();
  };
  document.addEventListener('visibilitychange', () => !document.hidden && stale.size && soon());
  const onFrame = (frame: Frame): void => {
    const kinds = new Set(frame.events.map((entry) => entry.kind.split('.')[0] ?? ''));
    const told = (kind: string): boolean => kinds.has(kind) || kinds.has(`${kind}s`) || kind in frame.set || `${kind}s` in frame.set;
    mark((on) => on.some(told));
  };
  return Object.assign(onFrame, { all: () => mark(() => true) });
}
