import type { Frame, Items, State } from './types';

type Listener = (changed: Set<string>, frame: Frame | null) => void;

/** The page's copy of the state. State plus frames always equals a refetch: `merge` is all there is to it. */
export class Store {
  seq = 0;
  items: Items = {};
  private listeners: Listener[] = [];

  load(state: State): void {
    this.seq = state.seq;
    this.items = state.items;
    this.tell(new Set(Object.keys(state.items)), null);
  }

  apply(frame: Frame): void {
    if (frame.seq <= this.seq) return;
    for (const [name, changed] of Object.entries(frame.set)) merge(this.items, name, changed, frame.whole.includes(name));
    this.seq = frame.seq;
    this.tell(new Set(Object.keys(frame.set)), frame);
  }

  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  private tell(changed: Set<string>, frame: Frame | null): void {
    for (const listener of this.listeners) listener(changed, frame);
  }
}

function merge(items: Items, name: string, changed: Frame['set'][string], whole: boolean): void {
  const target = whole ? (items[name] = {}) : (items[name] ??= {});
  for (const [id, item] of Object.entries(changed)) {
    if (item === null) delete target[id];
    else target[id] = item;
  }
}
