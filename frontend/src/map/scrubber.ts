import type { WorldClock } from '../clock';
import { dayTime, span } from '../format';
import { key } from '../keys';
import type { Items, State } from '../types';
import { t } from '../words';
import { drawLine, type Line, type Mark } from './timeline';

const MINUTE = 60_000;
const STEP = 10 * MINUTE;
const BEAT_MS = 650;

interface Hooks { past(items: Items, at: number): void; now(): void }
const byId = <T extends Element>(id: string): T => document.getElementById(id) as unknown as T;

/** Any moment again: drag, step or play; the past is asked of the server, the present follows the feed. */
export class Scrubber {
  at: number | null = null;
  private line: Line = { start: 0, end: 1, now: 1, marks: [] };
  private request: AbortController | null = null;
  private wanted: number | null = null;
  private playing = false;
  private readonly range = byId<HTMLInputElement>('scrub');
  private readonly svg = byId<SVGSVGElement>('rail');
  private readonly clock: WorldClock;
  private readonly hooks: Hooks;

  constructor(clock: WorldClock, hooks: Hooks) {
    this.clock = clock;
    this.hooks = hooks;
    this.range.addEventListener('input', () => this.go(this.line.start + Number(this.range.value) * MINUTE));
    byId('to-now').addEventListener('click', () => this.toNow());
    byId('play').addEventListener('click', () => this.play(!this.playing));
    new ResizeObserver(() => drawLine(this.svg, this.line)).observe(this.svg);
    const step = (direction: number) => (event: KeyboardEvent) => this.go((this.at ?? this.clock.now()) + direction * (event.shiftKey ? 6 : 1) * STEP);
    key('ArrowLeft', step(-1));
    key('ArrowRight', step(1));
    key(' ', () => this.play(!this.playing));
    key('n', () => this.toNow());
    window.setInterval(() => this.tick(), 500);
  }

  async load(): Promise<Mark[]> {
    const answer = await fetch('/console/timeline');
    if (!answer.ok) return [];
    const body = (await answer.json()) as { start: string; end: string; marks: Mark[]; recent: Mark[] };
    this.line = { start: Date.parse(body.start), end: Date.parse(body.end), now: this.clock.now(), marks: body.marks };
    this.tick();
    drawLine(this.svg, this.line);
    return body.recent;
  }

  go(at: number): void {
    const now = this.clock.now();
    if (at >= now - MINUTE) return this.toNow();
    // Whole ten minutes: the same moments come up again when playing, and the server keeps those.
    this.at = Math.max(this.line.start, this.playing || Math.abs(at - (this.at ?? now)) > STEP / 2 ? Math.round(at / STEP) * STEP : at);
    this.show();
    void this.fetchPast();
  }

  toNow(): void {
    this.play(false);
    this.at = null;
    this.wanted = null;
    this.request?.abort();
    this.show();
    this.hooks.now();
  }

  private play(on: boolean): void {
    if (on && this.at === null) this.at = this.line.start;
    this.playing = on;
    byId('play').setAttribute('aria-pressed', String(on));
    if (on) this.go(this.at ?? this.line.start);
  }

  /** One request at a time, always for the latest moment wanted; a drag never queues up. */
  private async fetchPast(): Promise<void> {
    this.wanted = this.at;
    if (this.request) return;
    while (this.wanted !== null) {
      const at = this.wanted;
      this.wanted = null;
      this.request = new AbortController();
      const begun = performance.now();
      try {
        const answer = await fetch(`/console/state?at=${new Date(at).toISOString()}`, { signal: this.request.signal });
        if (answer.ok && this.at !== null) this.hooks.past(((await answer.json()) as State).items, at);
      } catch {
        // Aborted by "back to now", or the line is down: the badge in the bar says so.
      }
      this.request = null;
      if (this.playing && this.wanted === null && this.at === at) this.beat(performance.now() - begun);
    }
  }

  private beat(spent: number): void {
    window.setTimeout(() => this.playing && this.at !== null && this.go(this.at + STEP), Math.max(60, BEAT_MS - spent));
  }

  private tick(): void {
    const now = this.clock.now();
    if (!this.clock.item.drill) this.line.end = Math.max(this.line.end, now);
    this.range.max = String(Math.floor((this.line.end - this.line.start) / MINUTE));
    if (Math.abs(now - this.line.now) > 2 * MINUTE) {
      this.line.now = now;
      drawLine(this.svg, this.line);
    }
    this.show();
  }

  private show(): void {
    const now = this.clock.now();
    const at = this.at ?? now;
    const value = String(Math.round((at - this.line.start) / MINUTE));
    if (this.range.value !== value) this.range.value = value;
    this.range.setAttribute('aria-valuetext', dayTime(at));
    byId('moment').textContent = dayTime(at);
    byId('behind').textContent = this.at === null ? t('now') : t('{span} before now', { span: span(now - at) });
    byId<HTMLElement>('to-now').hidden = this.at === null;
    document.querySelector<HTMLElement>('.scrub')?.setAttribute('data-past', this.at === null ? '0' : '1');
  }
}
