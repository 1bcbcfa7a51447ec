import '../../css/orders.css';
import { clock, store } from '../console';
import { clockTime, dayTime, grouped, span } from '../format';
import { key } from '../keys';
import type { Item, Items, Names } from '../types';
import { say, t } from '../words';
import { planTasks, type GroupTasks, type Narrowed } from './groupTasks';

interface Waiting { name: Names; state: string; task: string; lead: boolean }
interface Order extends Item {
  id: string; kind: string; number: string; title: Names; state: string; stage: string; incident: string | null; group: string;
  issuer: Names | null; lead: Names | null; issued_at: string | null; due_at: string | null; verbal: string; made_at: string;
  written_due_at: string | null; written_late: boolean; counts: Record<string, number>; waiting: Waiting[];
}
interface Data { seq: number; items: Items[string]; incidents: Record<string, Names>; groups: Record<string, Names>; kinds: Record<string, Names>; stages: Record<string, Names>; tasks: Record<string, GroupTasks> }

const STAGES = ['draft', 'issued', 'receipted', 'done', 'closing'];
const box = document.getElementById('orders') as HTMLElement;
let data = JSON.parse(document.getElementById('orders-data')?.textContent ?? '{}') as Data;
let view = new URLSearchParams(location.search).get('view') ?? 'state';
let chosen = '';

const make = <K extends keyof HTMLElementTagNameMap>(tag: K, name = '', ...inside: (Node | string)[]): HTMLElementTagNameMap[K] => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...inside);
  return node;
};
/** The row the keyboard stands on. */
const mark = (row: HTMLElement, on: boolean): void => void row.toggleAttribute('data-chosen', on);
const status = (tone: string, text: string): HTMLElement => make('span', `status s-${tone}`, text);
const orders = (): Order[] => Object.entries(store.items['order'] ?? {}).map(([id, item]) => ({ id, ...item }) as Order);
const late = (o: Order): boolean => (o.counts['late'] ?? 0) > 0 || o.written_late;
const calls = (o: Order): boolean => late(o) || (o.counts['help'] ?? 0) > 0;

const narrowed = (): Narrowed => ({
  words: (document.querySelector<HTMLInputElement>('#find')?.value ?? '').trim().toLowerCase().split(/\s+/).filter(Boolean),
  incident: document.querySelector<HTMLSelectElement>('#of')?.value ?? '',
  red: document.querySelector<HTMLInputElement>('#red')?.checked ?? false,
});

/** Late and calling ones first, then by limit. */
function wanted(): Order[] {
  const { words, incident: of, red } = narrowed();
  const text = (o: Order): string =>
    [o.number, o.title.zh, o.title.en, o.lead?.zh, o.lead?.en, o.issuer?.zh, o.issuer?.en, ...o.waiting.flatMap((w) => [w.name.zh, w.name.en])].join(' ').toLowerCase();
  return orders()
    .filter((o) => (!of || o.incident === of) && (!red || calls(o)) && words.every((word) => text(o).includes(word)))
    .sort((a, b) => Number(calls(b)) - Number(calls(a)) || (a.due_at ?? '9').localeCompare(b.due_at ?? '9') || a.id.localeCompare(b.id));
}

/** How the limit stands: how long it still runs, or since when it is over. */
function limit(o: Order): HTMLElement {
  if (!o.due_at) return make('span', 'muted', t('not sent out'));
  const left = Date.parse(o.due_at) - clock.now();
  const open = o.stage === 'issued' || o.stage === 'receipted';
  const node = make('time', open && left < 0 ? 'c-overdue' : '', open ? (left < 0 ? t('over by {span}', { span: span(-left) }) : t('{span} left', { span: span(left) })) : clockTime(o.due_at));
  node.dateTime = o.due_at;
  node.title = dayTime(o.due_at);
  return node;
}

function flags(o: Order): HTMLElement[] {
  const found: HTMLElement[] = [];
  if (o.counts['help']) found.push(status('overdue', t('{n} asking for help', { n: o.counts['help'] })));
  if (o.counts['late']) found.push(status('overdue', t('{n} overdue', { n: o.counts['late'] })));
  if (o.written_late) found.push(status('overdue', t('written form late')));
  else if (o.written_due_at) found.push(status('attention', t('written form owed by {at}', { at: clockTime(o.written_due_at) })));
  return found;
}

function progress(o: Order): HTMLElement {
  const c = o.counts;
  const node = make('span', 'counts muted', `${t('signed for')} ${c['received'] ?? 0}/${c['total'] ?? 0} · ${t('done')} ${c['done'] ?? 0} · ${t('verified')} ${c['through'] ?? 0}`);
  return node;
}

function link(o: Order): HTMLAnchorElement {
  const node = make('a', '', say(o.title));
  node.href = `/response/orders/${o.id}`;
  return node;
}

function card(o: Order): HTMLElement {
  const row = make('li', calls(o) ? 'red' : '');
  row.dataset['order'] = o.id;
  const top = make('div', 'card-top', make('span', 'label', o.number || say(data.kinds[o.kind])), limit(o));
  row.append(top, make('b', '', link(o)), make('div', 'sub', [o.lead ? say(o.lead) : '', say(data.groups[o.group])].filter(Boolean).join(' · ')));
  if (o.stage !== 'draft') row.append(progress(o));
  const marks = flags(o);
  if (marks.length) row.append(make('div', 'marks', ...marks));
  mark(row, o.id === chosen);
  return row;
}

function panel(name: string, found: Order[], below: HTMLElement | null = null): HTMLElement {
  const head = make('header', 'panel-head', make('h2', '', name), make('span', 'count', grouped(found.length)));
  const list = make('ul', 'rows cards', ...found.map(card));
  if (!found.length) list.append(make('li', 'empty', below ? t('No order.') : t('None.')));
  return make('section', 'panel', head, list, ...(below ? [below] : []));
}

const views: Record<string, (found: Order[]) => HTMLElement> = {
  state: (found) => make('div', 'order-kanban', ...STAGES.map((stage) => panel(say(data.stages[stage]), found.filter((o) => o.stage === stage)))),
  group: (found) => {
    const by = narrowed();
    const below = new Map(Object.entries(data.tasks).map(([name, tasks]) => [name, planTasks(tasks, by)]));
    const names = [...new Set([...found.map((o) => o.group), ...[...below].filter(([, part]) => part).map(([name]) => name)])];
    names.sort((a, b) => Number(!a) - Number(!b) || order(a) - order(b));
    if (!names.length) return make('p', 'empty', t('None.'));
    return make('div', 'order-groups', ...names.map((name) => panel(say(data.groups[name]) || t('No working group'), found.filter((o) => o.group === name), below.get(name))));
  },
  order: table,
  who: (found) => {
    const people = new Map<string, { name: Names; rows: [Order, Waiting][] }>();
    for (const o of found) for (const w of o.waiting) {
      const one = people.get(w.name.zh) ?? { name: w.name, rows: [] };
      one.rows.push([o, w]);
      people.set(w.name.zh, one);
    }
    const sorted = [...people.values()].sort((a, b) => b.rows.length - a.rows.length || a.name.zh.localeCompare(b.name.zh));
    if (!sorted.length) return make('p', 'empty', t('Everybody has done what was asked.'));
    return make('div', 'order-groups', ...sorted.map(({ name, rows }) => {
      const list = make('ul', 'rows cards', ...rows.map(([o, w]) => {
        const row = make('li', w.state === 'overdue' ? 'red' : '');
        row.dataset['order'] = o.id;
        mark(row, o.id === chosen);
        row.append(make('div', 'card-top', make('span', 'label', o.number), limit(o)), make('b', '', link(o)), word(w.state));
        return row;
      }));
      return make('section', 'panel', make('header', 'panel-head', make('h2', '', say(name)), make('span', 'count', String(rows.length))), list);
    }));
  },
};
const order = (code: string): number => Object.keys(data.groups).indexOf(code);
const TONES: Record<string, [string, string]> = {
  issued: ['plain', 'not signed for'], received: ['attention', 'signed for, not done'], overdue: ['overdue', 'overdue'], done: ['attention', 'done, to be verified'],
};
const WORDS: Record<string, string> = {
  'not signed for': t('not signed for'), 'signed for, not done': t('signed for, not done'), overdue: t('overdue'), 'done, to be verified': t('done, to be verified'),
};
function word(state: string): HTMLElement {
  const [tone, text] = TONES[state] ?? ['plain', state];
  return status(tone, WORDS[text] ?? text);
}

function table(found: Order[]): HTMLElement {
  if (!found.length) return make('p', 'empty', t('None.'));
  const head = make('tr', '', ...[t('Number'), t('Title'), t('Given by'), t('Leads'), t('Limit'), t('State'), t('Who has not')].map((name) => make('th', '', name)));
  const body = found.map((o) => {
    const row = make('tr', calls(o) ? 'red' : '');
    row.dataset['order'] = o.id;
    mark(row, o.id === chosen);
    const who = o.waiting.map((w) => say(w.name)).join(t(', '));
    const more = (o.counts['total'] ?? 0) - (o.counts['through'] ?? 0) - o.waiting.length;
    const cells = [o.number || '–', link(o), say(o.issuer), say(o.lead), limit(o), make('div', 'marks', make('span', '', say(data.stages[o.stage])), ...flags(o)), more > 0 ? `${who} +${more}` : who];
    row.append(...cells.map((cell, n) => make('td', n === 0 ? 'nowrap' : '', cell)));
    return row;
  });
  return make('section', 'panel', make('div', 'table-scroll', make('table', 'table', make('thead', '', head), make('tbody', '', ...body))));
}

function paint(): void {
  const found = wanted();
  const kept = document.activeElement instanceof HTMLAnchorElement ? document.activeElement.closest<HTMLElement>('[data-order]')?.dataset['order'] : undefined;
  box.replaceChildren((views[view] ?? views['state'] ?? table)(found));
  if (kept) box.querySelector<HTMLElement>(`[data-order="${kept}"] a`)?.focus();
  for (const button of document.querySelectorAll<HTMLElement>('[data-view]')) button.ariaPressed = String(button.dataset['view'] === view);
  box.dataset['drawn'] = String(store.seq);
}
let timer = 0;
const soon = (): void => {
  timer ||= requestAnimationFrame(() => {
    timer = 0;
    paint();
  });
};

/** Names of incidents the page does not know yet come with the next whole picture. */
async function refetch(): Promise<void> {
  const answer = await fetch('/response/orders.json', { headers: { Accept: 'application/json' } });
  if (!answer.ok) return;
  const fresh = (await answer.json()) as Data;
  data = fresh;
  if (fresh.seq >= store.seq) store.load({ seq: fresh.seq, clock: { now: new Date(clock.now()).toISOString(), drill: false }, items: { order: fresh.items } });
  choices();
  soon();
}

function choices(): void {
  const select = document.querySelector<HTMLSelectElement>('#of');
  if (!select) return;
  const kept = select.value;
  select.replaceChildren(select.options[0] as Node, ...Object.entries(data.incidents).map(([id, name]) => Object.assign(document.createElement('option'), { value: id, textContent: say(name) })));
  select.value = kept;
}

function move(step: number): void {
  const rows = [...box.querySelectorAll<HTMLElement>('[data-order]')];
  const at = rows.findIndex((row) => row.dataset['order'] === chosen);
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  if (!next) return;
  chosen = next.dataset['order'] ?? '';
  for (const row of rows) mark(row, row === next);
  next.querySelector('a')?.focus();
  next.scrollIntoView({ block: 'nearest' });
}

store.load({ seq: data.seq, clock: { now: '', drill: false }, items: { order: data.items } });
choices();
paint();
let again = 0;
store.subscribe((changed, frame) => {
  // Tasks of plans come counted, not one by one: the view that shows them asks anew, once in a while.
  if (changed.has('task') && view === 'group') again ||= window.setTimeout(() => void refetch().finally(() => (again = 0)), 3000);
  if (!changed.has('order')) return;
  const fresh = Object.values(frame?.set['order'] ?? {}).some((item) => item && item['incident'] && !((item['incident'] as string) in data.incidents));
  if (fresh) void refetch();
  soon();
});
document.addEventListener('anlan:refetch', () => void refetch());
window.setInterval(soon, 20_000); // limits run on
document.addEventListener('click', (event) => {
  const button = (event.target as Element).closest<HTMLElement>('[data-view]');
  if (!button) return;
  view = button.dataset['view'] ?? 'state';
  if (view === 'group') void refetch();
  history.replaceState(null, '', view === 'state' ? location.pathname : `?view=${view}`);
  paint();
});
for (const id of ['find', 'of', 'red']) document.getElementById(id)?.addEventListener('input', soon);
key('j', () => move(1));
key('k', () => move(-1));
key('w', () => document.querySelector<HTMLAnchorElement>('a[href="/response/orders/new"]')?.click());
key('m', () => location.assign('/response/mine'));
for (const [n, name] of ['state', 'group', 'order', 'who'].entries()) key(String(n + 1), () => document.querySelector<HTMLElement>(`[data-view="${name}"]`)?.click());
