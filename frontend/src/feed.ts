import type { Frame } from './types';

export type FeedState = 'connecting' | 'live' | 'lost';
const PATIENCE_MS = 20_000;
const QUIET_MS = 40_000;

interface Handlers {
  frame(frame: Frame): void;
  refetch(): void;
  state(state: FeedState, since: number): void;
}

/** The live feed with resume. The browser sends Last-Event-ID by itself; after a real gap the page refetches. */
export class Feed {
  private source: EventSource | null = null;
  private lostSince = 0;
  private retry = 0;
  private seq = 0;
  private heard = 0;
  private readonly url: string;
  private readonly handlers: Handlers;

  constructor(url: string, handlers: Handlers) {
    this.url = url;
    this.handlers = handlers;
    addEventListener('offline', () => this.cut());
    addEventListener('online', () => this.open(this.seq));
    window.setInterval(() => this.heard && performance.now() - this.heard > QUIET_MS && this.open(this.seq), 5000);
  }

  open(since: number): void {
    this.source?.close();
    this.seq = Math.max(this.seq, since);
    this.heard = 0;
    const url = new URL(this.url, location.href);
    url.searchParams.set('since', String(since));
    const source = (this.source = new EventSource(url, { withCredentials: true }));
    if (!this.lostSince) this.handlers.state('connecting', 0);
    source.onopen = () => this.opened();
    source.onmessage = (event) => {
      const frame = JSON.parse(event.data as string) as Frame;
      this.seq = frame.seq;
      this.heard &&= performance.now();
      this.handlers.frame(frame);
    };
    source.addEventListener('beat', () => (this.heard = performance.now()));
    source.addEventListener('refetch', () => this.handlers.refetch());
    source.onerror = () => this.failed(source);
  }

  close(): void {
    this.source?.close();
    this.source = null;
    clearTimeout(this.retry);
  }

  /** The machine itself says that it has no network: no need to wait for the line to time out. */
  private cut(): void {
    this.source?.close();
    this.lostSince ||= Date.now();
    this.handlers.state('lost', this.lostSince);
  }

  private opened(): void {
    const gap = this.lostSince ? Date.now() - this.lostSince : 0;
    this.lostSince = 0;
    this.handlers.state('live', 0);
    if (gap > PATIENCE_MS) this.handlers.refetch();
  }

  private failed(source: EventSource): void {
    this.lostSince ||= Date.now();
    this.handlers.state('lost', this.lostSince);
    // The browser retries by itself unless the server refused outright; then we do.
    if (source.readyState === EventSource.CLOSED && source === this.source) {
      clearTimeout(this.retry);
      this.retry = window.setTimeout(() => this.open(this.seq), 3000);
    }
  }
}
