import { key } from '../keys';

/** Whatever says `data-key` is done by that key: deciding on pairs by 1, 2, 3, on by n. */
export function startCare(): void {
  for (const thing of document.querySelectorAll<HTMLElement>('[data-key]')) key(thing.dataset['key'] ?? '', () => thing.click());
}
