import { dayTime, monthName, span } from '../format';
import { t } from '../words';
import { draw, type Frame, holes } from './chart';
import { type Chart, doubted, figure, inStep } from './data';

const HOURS: Record<string, number> = { day: 24, '3d': 72, week: 168, month: 744, year: 8784 };
const HOUR = 3_600_000;
const LISTED = 300;
const safe = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const iso = (at: number): string => new Date(at).toISOString();
/** The station's own address; limits that were refused are shown at the address they were sent to. */
const here = (): string => location.pathname.replace(/\/limits$/, '');

/** One series: its panel, what is drawn in it, and where the cursor stands. */
class Panel {
  readonly host: HTMLElement;
  readonly element: string;
  private chart: Chart | null = null;
  private frame: Frame | null = null;
  private cursor = -1;
  private turn = 0;
  private readonly page: Page;
  private readonly root: HTMLElement;

  constructor(page: Page, root: HTMLElement) {
    this.page = page;
    this.root = root;
    this.element = root.dataset['element'] ?? '';
    this.host = root.querySelector<HTMLElement>('.chart') as HTMLElement;
    new ResizeObserver(() => this.redraw()).observe(this.host);
    root.querySelector('[data-sum]')?.addEventListener('change', () => void this.load());
    root.querySelector('.chart-table')?.addEventListener('toggle', () => this.table());
    this.pointer();
    this.host.addEventListener('keydown', (event) => this.pressed(event));
  }

  async load(): Promise<void> {
    const turn = ++this.turn;
    const sum = this.root.querySelector<HTMLSelectElement>('[data-sum]')?.value ?? '0';
    const query = new URLSearchParams({ element: this.element, from: iso(this.page.start), to: iso(this.page.end), sum });
    this.host.dataset['busy'] = '1';
    try {
      const answer = await fetch(`${here()}/chart.json?${query}`, { headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const chart = (await answer.json()) as Chart;
      if (turn !== this.turn) return;
      this.chart = chart;
      this.cursor = -1;
      this.redraw();
    } catch (failure) {
      console.warn(failure);
      if (turn === this.turn) this.failed();
    }
    if (turn === this.turn) delete this.host.dataset['busy'];
  }

  private failed(): void {
    this.host.innerHTML = `<p class="empty fault">${t('The chart could not be loaded.')} <button class="btn small" type="button">${t('Try again')}</button></p>`;
    this.host.querySelector('button')?.addEventListener('click', () => void this.load());
  }

  private redraw(): void {
    if (!this.chart) return;
    this.frame = draw(this.host, this.chart);
    this.notes();
    this.table();
    this.read(this.cursor);
  }

  /** What the drawing alone doesn't say: doubtful values and why, silences, lines out of the picture. */
  private notes(): void {
    const chart = this.chart as Chart;
    const lines: string[] = [];
    const odd = chart.at.flatMap((at, i) => (doubted(chart, i) ? [`${dayTime(at)} <b>${figure(chart.value[i], chart.decimals)} ${safe(chart.unit)}</b> ${safe(chart.words[String(chart.doubt[i])] ?? '')}`] : []));
    const steps = chart.at.reduce((sum, _, i) => sum + inStep(chart, i), 0);
    if (odd.length) lines.push(`<p><span class="c-attention">◇ ${t('{n} doubtful, shown and not counted:', { n: odd.length })}</span> ${odd.slice(-3).join(' · ')}${odd.length > 3 ? ' …' : ''}</p>`);
    else if (steps) lines.push(`<p><span class="c-attention">◇ ${t('{n} doubtful, shown and not counted:', { n: steps })}</span> ${t('come closer to see each')}</p>`);
    const gaps = holes(chart);
    const lost = gaps.reduce((sum, [a, b]) => sum + b - a, 0);
    if (gaps.length && chart.at.length) lines.push(`<p><i class="swatch-hole" aria-hidden="true"></i>${t('Silent {n} ×, {span} in all', { n: gaps.length, span: span(lost) })}</p>`);
    if (!chart.at.length) lines.push(`<p class="c-overdue">${t('No reading in this span.')}</p>`);
    const out = chart.lines.filter((line) => this.frame && (this.frame.y(line.value) < this.frame.top - 1 || this.frame.y(line.value) > this.frame.bottom + 1));
    if (out.length) lines.push(`<p class="muted">${t('Outside the picture:')} ${out.map((line) => `${safe(line.text)} ${figure(line.value, chart.decimals)} ${safe(chart.unit)}`).join(' · ')}</p>`);
    if (chart.kind === 'increment' && chart.at.length) {
      const total = chart.value.reduce((sum: number, value, i) => sum + (doubted(chart, i) ? 0 : value ?? 0), 0);
      const most = chart.sums.reduce((a, b) => Math.max(a, b), 0);
      const line = chart.sums.length ? ` · <i class="swatch-line" aria-hidden="true"></i>${t('sum of {n} h, highest {v}', { n: chart.window, v: `<b>${figure(most, chart.decimals)} ${safe(chart.unit)}</b>` })}` : '';
      lines.unshift(`<p>${t('{n} in the span', { n: `<b>${figure(total, chart.decimals)} ${safe(chart.unit)}</b>` })}${line}</p>`);
    }
    (this.root.querySelector('.chart-notes') as HTMLElement).innerHTML = lines.join('');
  }

  private table(): void {
    const box = this.root.querySelector<HTMLDetailsElement>('.chart-table');
    const chart = this.chart;
    if (!box?.open || !chart) return;
    const amounts = chart.kind === 'increment';
    const rolled = chart.step !== 'raw' && !amounts;
    const head = [t('Until'), amounts ? t('Amount') : rolled ? t('Mean') : t('Value'), ...(rolled ? [t('Lowest'), t('Highest')] : []), ...(chart.sums.length ? [t('{n} h', { n: chart.window })] : []), t('Quality')];
    const row = (i: number): string => {
      const cells = [figure(chart.value[i], chart.decimals), ...(rolled ? [figure(chart.low[i], chart.decimals), figure(chart.high[i], chart.decimals)] : []), ...(chart.sums.length ? [figure(chart.sums[i], chart.decimals)] : [])];
      const bad = doubted(chart, i) ? `<span class="c-attention">◇ ${safe(chart.words[String(chart.doubt[i])] ?? '')}</span>` : inStep(chart, i) ? `<span class="c-attention">◇ ${t('{n} doubtful', { n: inStep(chart, i) })}</span>` : '';
      return `<tr><td>${dayTime(chart.at[i] as number)}</td>${cells.map((cell) => `<td class="num">${cell}</td>`).join('')}<td>${bad}</td></tr>`;
    };
    const order = chart.at.map((_, i) => i).reverse();
    const rows = order.slice(0, LISTED).map(row).join('') || `<tr><td colspan="${head.length}">${t('No reading in this span.')}</td></tr>`;
    const more = order.length > LISTED ? `<p class="muted small">${t('The newest {n}; the file holds all {all}.', { n: LISTED, all: order.length })}</p>` : '';
    (box.querySelector('.table-scroll') as HTMLElement).innerHTML = `<table class="table"><thead><tr>${head.map((each, i) => `<th${i && i < head.length - 1 ? ' class="num"' : ''}>${each}</th>`).join('')}</tr></thead><tbody>${rows}</tbody></table>${more}`;
  }

  /** Put the cursor on a reading and say it. */
  private read(i: number): void {
    const [chart, frame] = [this.chart, this.frame];
    const group = this.host.querySelector<SVGGElement>('.cursor');
    const said = this.root.querySelector<HTMLElement>('.chart-read');
    if (!chart || !frame || !group || !said) return;
    this.cursor = i;
    const at = chart.at[i];
    if (at === undefined) {
      group.setAttribute('visibility', 'hidden');
      said.textContent = '';
      return;
    }
    const x = String(frame.x(chart.step === 'raw' || chart.kind === 'increment' ? at : at - chart.width / 2));
    const y = Math.min(frame.bottom, Math.max(frame.top, frame.y(chart.value[i] ?? 0)));
    const [line, dot] = [group.querySelector('line'), group.querySelector('circle')];
    for (const [name, value] of [['x1', x], ['x2', x], ['y1', String(frame.top)], ['y2', String(frame.bottom)]] as const) line?.setAttribute(name, value);
    dot?.setAttribute('cx', x);
    dot?.setAttribute('cy', String(y));
    group.setAttribute('visibility', 'visible');
    const parts = [dayTime(at), `${figure(chart.value[i], chart.decimals)} ${chart.unit}`];
    if (chart.low[i] !== undefined && chart.low[i] !== null) parts.push(`${figure(chart.low[i], chart.decimals)}–${figure(chart.high[i], chart.decimals)}`);
    if (chart.sums.length) parts.push(t('{v} mm in {n} h', { v: figure(chart.sums[i], chart.decimals), n: chart.window }));
    if (doubted(chart, i)) parts.push(`◇ ${chart.words[String(chart.doubt[i])] ?? ''}`);
    if (inStep(chart, i)) parts.push(`◇ ${t('{n} doubtful', { n: inStep(chart, i) })}`);
    for (const band of chart.signals) if (band.from <= at && band.to >= at) parts.push(band.why);
    said.textContent = parts.join(' · ');
  }

  private nearest(x: number): number {
    const [chart, frame] = [this.chart, this.frame];
    if (!chart?.at.length || !frame) return -1;
    const at = frame.at(x) + (chart.step === 'raw' ? 0 : chart.width / 2);
    let [low, high] = [0, chart.at.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((chart.at[middle] as number) < at) low = middle;
      else high = middle;
    }
    return at - (chart.at[low] as number) < (chart.at[high] as number) - at ? low : high;
  }

  private pointer(): void {
    let from: number | null = null;
    const place = (event: PointerEvent): number => event.clientX - this.host.getBoundingClientRect().left;
    const mark = (a: number, b: number | null): void => {
      const [rect, frame] = [this.host.querySelector('.drag'), this.frame];
      if (!rect || !frame) return;
      rect.setAttribute('visibility', b === null ? 'hidden' : 'visible');
      if (b === null) return;
      const cut = (x: number): number => Math.min(frame.right, Math.max(frame.left, x));
      for (const [name, value] of [['x', Math.min(cut(a), cut(b))], ['width', Math.abs(cut(b) - cut(a))], ['y', frame.top], ['height', frame.bottom - frame.top]] as const) rect.setAttribute(name, String(value));
    };
    this.host.addEventListener('pointerdown', (event) => {
      if (event.button || event.pointerType === 'touch' || (event.target as Element).closest('button')) return;
      from = place(event);
      this.host.setPointerCapture(event.pointerId);
    });
    this.host.addEventListener('pointermove', (event) => {
      if (from === null) this.read(this.nearest(place(event)));
      else mark(from, place(event));
    });
    this.host.addEventListener('pointerup', (event) => {
      const [a, b, frame] = [from, place(event), this.frame];
      from = null;
      mark(0, null);
      if (a === null || !frame) return void this.read(this.nearest(b));
      if (Math.abs(b - a) > 8) this.page.zoom(frame.at(Math.max(frame.left, Math.min(a, b))), frame.at(Math.min(frame.right, Math.max(a, b))));
    });
    this.host.addEventListener('pointercancel', () => ((from = null), mark(0, null)));
    this.host.addEventListener('dblclick', () => this.page.whole());
  }

  private pressed(event: KeyboardEvent): void {
    const last = (this.chart?.at.length ?? 0) - 1;
    const now = this.cursor < 0 ? last : this.cursor;
    const step = event.shiftKey ? 10 : 1;
    const middle = this.chart?.at[now] ?? (this.page.start + this.page.end) / 2;
    const acts: Record<string, () => void> = {
      ArrowLeft: () => this.read(Math.max(0, this.cursor < 0 ? last : now - step)), ArrowRight: () => this.read(Math.min(last, now + step)),
      Home: () => this.read(0), End: () => this.read(last), '+': () => this.page.scale(0.5, middle), '=': () => this.page.scale(0.5, middle),
      '-': () => this.page.scale(2, middle), '0': () => this.page.whole(), PageUp: () => this.page.move(-1), PageDown: () => this.page.move(1),
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}

/** All charts of a station share one span. */
class Page {
  start: number;
  end: number;
  private name: string;
  private home: [number, number];
  private readonly root: HTMLElement;
  private readonly panels: Panel[];

  constructor(root: HTMLElement) {
    this.root = root;
    this.start = Date.parse(root.dataset['start'] ?? '');
    this.end = Date.parse(root.dataset['end'] ?? '');
    this.name = root.dataset['span'] ?? '3d';
    this.home = [this.start, this.end];
    this.panels = [...root.querySelectorAll<HTMLElement>('.chart-panel')].map((panel) => new Panel(this, panel));
    root.querySelectorAll<HTMLAnchorElement>('.chart-bar a[data-span]').forEach((link) => link.addEventListener('click', (event) => {
      event.preventDefault();
      this.choose(link.dataset['span'] ?? '3d');
    }));
    root.querySelectorAll<HTMLElement>('[data-move]').forEach((button) => button.addEventListener('click', () => this.move(Number(button.dataset['move']))));
    root.querySelector('[data-whole]')?.addEventListener('click', () => this.whole());
    this.show(false);
  }

  choose(name: string): void {
    this.name = name;
    const end = Date.parse(this.root.dataset['upto'] ?? '');
    this.set(end - (HOURS[name] ?? 72) * HOUR, end);
    this.home = [this.start, this.end];
    this.show();
  }

  move(direction: number): void {
    const by = (this.end - this.start) * direction;
    const most = Date.parse(this.root.dataset['upto'] ?? '') + 6 * HOUR;
    if (this.end >= most - 6 * HOUR && direction > 0) return;
    this.set(this.start + by, this.end + by);
    this.home = [this.start, this.end];
    this.show();
  }

  zoom(start: number, end: number): void {
    const least = HOUR / 2;
    const middle = (start + end) / 2;
    this.set(Math.min(start, middle - least), Math.max(end, middle + least));
    this.show();
  }

  scale(by: number, middle: number): void {
    const half = Math.min(((this.end - this.start) * by) / 2, 3650 * 12 * HOUR);
    this.zoom(middle - half, middle + half);
  }

  whole(): void {
    this.set(...this.home);
    this.show();
  }

  private set(start: number, end: number): void {
    this.start = Math.round(start / 1000) * 1000;
    this.end = Math.round(end / 1000) * 1000;
  }

  private show(keep = true): void {
    const whole = this.start === this.home[0] && this.end === this.home[1];
    (this.root.querySelector('[data-whole]') as HTMLElement).hidden = whole;
    (this.root.querySelector('[data-said]') as HTMLElement).textContent = this.end - this.start > 300 * 24 * HOUR ? `${monthName(this.start)} – ${monthName(this.end)}` : `${dayTime(this.start)} – ${dayTime(this.end)}`;
    for (const link of this.root.querySelectorAll<HTMLElement>('.chart-bar a[data-span]')) {
      if (link.dataset['span'] === this.name && whole) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    const query = new URLSearchParams({ from: iso(this.start), to: iso(this.end) });
    for (const link of this.root.querySelectorAll<HTMLAnchorElement>('a[data-file]')) link.href = `${here()}/readings.${link.dataset['file'] ?? 'csv'}?${query}`;
    const now = Date.parse(this.root.dataset['upto'] ?? '');
    const newest = whole && Math.abs(this.end - now) < HOUR / 60;
    if (keep) history.replaceState(null, '', newest ? `?span=${this.name}` : `?${query}`);
    for (const panel of this.panels) void panel.load();
  }
}

/** The page of one station: all its charts, one span. */
export function startStation(): void {
  const root = document.querySelector<HTMLElement>('.station[data-station]');
  if (root) new Page(root);
}
