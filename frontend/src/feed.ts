import type { Frame } from './types';

export type FeedState = 'connecting' | 'live' | 'lost';
const PATIENCE_MS = 20_000;

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
  private readonly url: string;
  private readonly handlers: Handlers;

  constructor(url: string, handlers: Handlers) {
    this.url = url;
    this.handlers = handlers;
  }

  open(since: number): void {
    this.source?.close();
    const url = new URL(this.url, location.href);
    url.searchParams.set('since', String(since));
    const source = (this.source = new EventSource(url, { withCredentials: true }));
    this.handlers.state('connecting', 0);
    source.onopen = () => this.opened();
    source.onmessage = (event) => this.handlers.frame(JSON.parse(event.data as string) as Frame);
    source.addEventListener('refetch', () => this.handlers.refetch());
    source.onerror = () => this.failed(source, since);
  }

  close(): void {
    this.source?.close();
    this.source = null;
    clearTimeout(this.retry);
  }

  private opened(): void {
    const gap = this.lostSince ? Date.now() - this.lostSince : 0;
    this.lostSince = 0;
    this.handlers.state('live', 0);
    if (gap > PATIENCE_MS) this.handlers.refetch();
  }

  private failed(source: EventSource, since: number): void {
    this.lostSince ||= Date.now();
    this.handlers.state('lost', this.lostSince);
    // The browser retries by itself unless the server refused outright; then we do.
    if (source.readyState === EventSource.CLOSED && source === this.source) {
      clearTimeout(this.retry);
      this.retry = window.setTimeout(() => this.open(since), 3000);
    }
  }
}
