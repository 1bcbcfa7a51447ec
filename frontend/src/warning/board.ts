import '../../css/board.css';
import { clock, store } from '../console';
import { grouped, running } from '../format';
import { ask } from '../lane';
import type { Frame } from '../types';
import { markChosen, startDesk } from './desk';
import { Figures, type Reach, type Row, type Town } from './figures';

interface Data { seq: number; warning: string; items: Record<string, Town>; reach: Reach }
const REACH_MS = 2500;
const LIST_MS = 5000;
const figures = new Figures();
const cells = new Map<string, Map<string, HTMLElement>>();
const bars = new Map<string, SVGRectElement[]>();
const hidden = new Map<string, HTMLElement>();
let painting = 0;

/** Where each figure stands on the page, looked up once. */
function find(): void {
  for (const row of document.querySelectorAll<HTMLElement>('[data-row]')) {
    const name = row.dataset['row'] ?? '';
    cells.set(name, new Map([...row.querySelectorAll<HTMLElement>('[data-f]')].map((cell) => [cell.dataset['f'] ?? '', cell])));
    if (row.hidden) hidden.set(name, row);
    bars.set(name, [...row.querySelectorAll<SVGRectElement>('.funnel rect')]);
  }
}

/** All that changed since the last picture, written in one go before the next. */
function paint(): void {
  painting = 0;
  for (const name of figures.dirty) {
    const row = figures.rows.get(name);
    if (row) write(name, row);
  }
  figures.dirty.clear();
}

function write(name: string, row: Row): void {
  if (row['answered'] && hidden.has(name)) hidden.get(name)?.removeAttribute('hidden');
  for (const [key, cell] of cells.get(name) ?? []) {
    if (key === 'oldest') since(cell, figures.oldest(name.slice(5)));
    else put(cell, grouped(row[key] ?? 0));
    if (key === 'silent') cell.classList.toggle('c-overdue', Boolean(row[key]));
  }
  const [, gap, acting, answered, help] = bars.get(name) ?? [];
  if (!gap || !acting || !answered || !help) return;
  const share = (count: number | undefined): number => Math.round((1e4 * (count ?? 0)) / Math.max(1, row['targeted'] ?? 0)) / 100;
  const [a, h] = [share(row['acting']), share(row['need_help'])];
  const rest = Math.max(0, share(row['answered']) - a - h);
  wide(acting, 0, a);
  wide(answered, a, rest);
  wide(help, a + rest, h);
  gap.setAttribute('x', `${a + rest + h}%`);
}

function wide(rect: SVGRectElement, x: number, width: number): void {
  rect.setAttribute('x', `${x}%`);
  rect.setAttribute('width', `${width}%`);
}

function put(cell: HTMLElement, text: string): void {
  const node = cell.firstChild;
  if (node instanceof Text) {
    if (node.data !== text) node.data = text;
  } else cell.textContent = text;
}

function since(cell: HTMLElement, at: string | null): void {
  const time = cell.querySelector<HTMLTimeElement>('time');
  if (!at) cell.replaceChildren();
  else if (time) time.dataset['since'] = at;
  else cell.append(Object.assign(document.createElement('time'), { dateTime: at }));
  const made = cell.querySelector<HTMLTimeElement>('time');
  if (at && made) made.dataset['since'] = at;
}

function soon(): void {
  if (!painting) painting = requestAnimationFrame(paint);
}

/** Something to be asked for again when told, never more often than `every`. */
function again(every: number, act: () => Promise<void>): () => void {
  let timer = 0;
  let last = -Infinity;
  return () => {
    if (timer) return;
    timer = window.setTimeout(async () => {
      last = performance.now();
      await act().catch(() => undefined);
      timer = 0;
    }, Math.max(300, every - (performance.now() - last)));
  };
}

async function refetch(warning: string): Promise<void> {
  const answer = await fetch(`/warnings/${warning}/board.json`, { headers: { Accept: 'application/json' } });
  if (!answer.ok) return;
  const data = (await answer.json()) as Data;
  figures.reached(data.reach);
  if (data.seq >= store.seq) figures.load(data.items); // an older picture must not undo frames that came meanwhile
  soon();
}

async function list(): Promise<void> {
  const target = document.getElementById('board-waiting');
  if (!target || document.querySelector('dialog[open]') || document.hidden) return;
  const url = new URL(target.dataset['address'] ?? '', location.href);
  url.searchParams.set('part', 'waiting');
  await ask('waiting', 'GET', url.pathname + url.search, { target, swap: 'outerMorph' });
  markChosen();
}

function follow({ warning, items, reach }: Data): void {
  figures.load(items);
  figures.reached(reach);
  figures.dirty.clear(); // as the server drew it
  const renew = again(REACH_MS, () => refetch(warning));
  const relist = again(LIST_MS, list);
  const heard = (frame: Frame): void => {
    const changed = Object.entries(frame.set['tally'] ?? {}).filter(([key]) => key.startsWith(warning));
    if (frame.whole.includes('tally') && changed.length) figures.load(Object.fromEntries(changed) as unknown as Record<string, Town>);
    else for (const [key, item] of changed) if (item) figures.put(key, item as unknown as Town);
    if (changed.length) {
      soon();
      relist();
    }
    for (const { kind, about } of frame.events) {
      if (kind === 'call.answered') document.getElementById(about.replace(':', '-'))?.classList.add('gone');
      if (/^(messages|channel|way|calls)\./.test(kind)) renew();
    }
  };
  store.subscribe((_, frame) => frame && heard(frame));
  document.addEventListener('anlan:refetch', () => void refetch(warning));
}

/** Times until a call climbs, by the world's clock. */
function countdown(): void {
  const now = clock.now();
  for (const node of document.querySelectorAll<HTMLElement>('[data-until]')) {
    const left = Date.parse(node.dataset['until'] ?? '') - now;
    put(node, left > 0 ? running(left) : '0:00');
  }
}

find();
startDesk(() => void list());
countdown();
window.setInterval(countdown, 500);
const block = document.getElementById('board-data');
if (block?.textContent) follow(JSON.parse(block.textContent) as Data);
Object.assign(window, { anlanBoard: figures });
