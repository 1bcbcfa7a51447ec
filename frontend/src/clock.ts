import type { ClockItem } from './types';

/** The world's time as the server tells it, carried on between frames at the drill's speed. */
export class WorldClock {
  private base = Date.now();
  private told = performance.now();
  private rate = 1;
  item: ClockItem;

  constructor(item: ClockItem) {
    this.item = item;
    this.set(item);
  }

  set(item: ClockItem): void {
    this.item = item;
    this.base = Date.parse(item.now);
    this.told = performance.now();
    // Speed 0 is "flat out": no rate to carry on with, the frames alone move the clock.
    this.rate = !item.drill ? 1 : item.state === 'running' ? (item.speed ?? 0) : 0;
  }

  /** Milliseconds since 1970 in the world; never runs past a drill's end. */
  now(): number {
    const guess = this.base + (performance.now() - this.told) * this.rate;
    return this.item.end ? Math.min(guess, Date.parse(this.item.end)) : guess;
  }
}
