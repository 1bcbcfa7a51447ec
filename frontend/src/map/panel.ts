import { clockTime, dayTime } from '../format';
import type { Entry, Item, Items } from '../types';
import { say, t } from '../words';
import { tell } from './events';

const LIMIT = 80;
const KEPT = 600;
const NUMERAL = ['–', 'I', 'II', 'III', 'IV'];
const sprite = document.querySelector('.icon use')?.getAttribute('href')?.split('#')[0] ?? '';
const icon = (name: string): string => `<svg class="icon" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;
const safe = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

interface Hooks { fly(item: Item): void; divisions: Map<string, string> }

/** The words beside the map: levels, the live list, places to search, and the thing picked. */
export class Panel {
  private entries = new Map<number, Entry>();
  private readonly hooks: Hooks;
  private items: Items = {};

  constructor(hooks: Hooks) {
    this.hooks = hooks;
    document.querySelector('[data-act="fold"]')?.addEventListener('click', (event) => {
      const folded = document.querySelector('.map-side')?.classList.toggle('folded');
      (event.currentTarget as Element).setAttribute('aria-expanded', String(!folded));
    });
    if (innerWidth < 760) document.querySelector<HTMLElement>('[data-act="fold"]')?.click();
    for (const tab of document.querySelectorAll<HTMLElement>('[data-tab]')) tab.addEventListener('click', () => this.tab(tab.dataset['tab'] ?? 'feed'));
    byId('find').addEventListener('input', () => this.search());
    byId('find').addEventListener('focus', () => this.tab('list'));
    for (const host of ['feed', 'found']) byId(host).addEventListener('click', (event) => this.chosen(event));
  }

  tab(name: string): void {
    for (const tab of document.querySelectorAll<HTMLElement>('[data-tab]')) {
      const on = tab.dataset['tab'] === name;
      tab.setAttribute('aria-selected', String(on));
      byId(tab.dataset['tab'] ?? '').hidden = !on;
    }
    if (name === 'list') this.search();
  }

  show(items: Items): void {
    this.items = items;
    this.banner();
    if (!byId('list').hidden) this.search();
  }

  feed(entries: Entry[], upto: number | null): void {
    for (const entry of entries) this.entries.set(entry.seq, { ...entry, title: entry.title ?? this.entries.get(entry.seq)?.title ?? null });
    const all = [...this.entries.values()].sort((a, b) => a.seq - b.seq).slice(-KEPT);
    this.entries = new Map(all.map((entry) => [entry.seq, entry]));
    const seen = upto === null ? all : all.filter((entry) => Date.parse(entry.at) <= upto);
    const told = seen.map((entry) => tell(entry, this.items, this.hooks.divisions)).filter((line) => line !== null).slice(-LIMIT).reverse();
    (byId('feed').firstElementChild as HTMLElement).innerHTML = told.length
      ? told.map((line) => `<li><button type="button" data-about="${safe(line.about)}"><time>${clockTime(line.at)}</time>${icon(line.icon)}<span>${safe(line.text)}</span></button></li>`).join('')
      : `<li class="empty">${t('Nothing has happened yet.')}</li>`;
  }

  pick(kind: string, id: string): void {
    const item = this.items[kind]?.[id];
    const box = byId('pick');
    box.hidden = !item;
    if (!item) return;
    box.innerHTML = `<button class="btn quiet small" type="button" aria-label="${t('Close')}">${icon('x')}</button><h2>${safe(say(item['name'] ?? item['title'] ?? item['text']))}</h2><dl class="facts">${facts(kind, item)}</dl>`;
    box.querySelector('button')?.addEventListener('click', () => (box.hidden = true));
    document.querySelector('.side-scroll')?.scrollTo({ top: 0 });
  }

  private chosen(event: Event): void {
    const key = (event.target as Element).closest<HTMLElement>('[data-about]')?.dataset['about'] ?? '';
    const [kind, id] = key.split(':', 2) as [string, string?];
    const item = id ? this.items[kind]?.[id] : undefined;
    if (!item || !id) return;
    this.pick(kind, id);
    this.hooks.fly(item);
  }

  private search(): void {
    const wanted = (byId('find') as HTMLInputElement).value.trim().toLowerCase();
    const kinds: [string, string][] = [['incident', 'siren'], ['stopline', 'hand'], ['station', 'gauge'], ['calls', 'users']];
    const rows: string[] = [];
    for (const [kind, sign] of kinds)
      for (const [id, item] of Object.entries(this.items[kind] ?? {})) {
        const name = item['name'] ?? item['title'];
        const text = name && typeof name === 'object' ? Object.values(name).join(' ') : String(name ?? '');
        if (rows.length >= 40 || (wanted && !`${text} ${String(item['code'] ?? '')}`.toLowerCase().includes(wanted))) continue;
        rows.push(`<li><button type="button" data-about="${kind}:${safe(id)}">${icon(sign)}<span>${safe(say(name))}</span><span class="muted">${safe(brief(kind, item))}</span></button></li>`);
      }
    byId('found').innerHTML = rows.join('') || `<li class="empty">${t('Nothing of that name.')}</li>`;
  }

  private banner(): void {
    const levels = Object.values(this.items['level'] ?? {}).filter((item) => !item['until'] && Number(item['level']) > 0);
    const drill = document.querySelector('.drill-band') !== null;
    const cell = (track: string, name: string): string => {
      const level = Math.min(5, ...levels.filter((item) => (item['track'] ?? 'main') === track).map((item) => Number(item['level']))) % 5;
      return `<div>${plate(level)}<span><span class="label">${name}</span></span></div>`;
    };
    const asked = Object.values(this.items['levelproposal'] ?? {}).filter((item) => item['state'] === 'open');
    const ask = asked.map((item) => {
      const who = say((item['decider'] as Item | undefined)?.['name']);
      return `<div class="ask" data-opened="${safe(String(item['opened_at']))}">${plate(Number(item['level']))}<span>${t('Proposed, waiting for')}<br><b>${safe(who)}</b></span><span class="waiting" data-clock><span data-since="${safe(String(item['opened_at']))}"></span></span></div>`;
    });
    byId('banner').innerHTML = (drill ? cell('history', t('As it happened')) + cell('main', t('As Anlan proposes')) : cell('main', t('Response level'))) + ask.join('');
  }
}

function plate(level: number): string {
  const bars = [0, 1, 2, 3].map((i) => `<rect y="${i * 5.5}" width="6" height="3.4"${level && i >= level - 1 ? '' : ' class="off"'}/>`).join('');
  const name = level ? t('Response level {n}', { n: NUMERAL[level] ?? '' }) : t('No response level');
  return `<span class="plate p${level}" role="img" aria-label="${name}"><b>${NUMERAL[level] ?? '–'}</b><svg viewBox="0 0 6 20" aria-hidden="true">${bars}</svg></span>`;
}

function brief(kind: string, item: Item): string {
  if (kind === 'station') return item['state'] === 'silent' ? t('silent') : item['kind'] === 'rain' ? `${Number(item['rain_1h'] ?? 0).toFixed(1)} mm/h` : '';
  if (kind === 'calls') return t('{n} waiting', { n: Number(item['waiting'] ?? 0) });
  return item['opened_at'] ? clockTime(String(item['opened_at'])) : '';
}

function facts(kind: string, item: Item): string {
  const rows: [string, string][] = [];
  const add = (name: string, value: unknown, unit = ''): void => {
    if (value !== null && value !== undefined && value !== '') rows.push([name, `${say(value)}${unit}`]);
  };
  const time = (name: string, value: unknown): void => add(name, value ? dayTime(String(value)) : null);
  if (kind === 'station') {
    if (item['state'] === 'silent') rows.push([t('State'), t('silent')]);
    if (item['kind'] === 'rain') for (const [field, name] of [['rain_1h', t('1 h')], ['rain_3h', t('3 h')], ['rain_24h', t('24 h')]] as const) add(name, item[field], ' mm');
    else add(t('Level'), item['value'], ' m');
    time(t('Last heard'), item['at']);
  } else if (kind === 'calls') {
    for (const [field, name] of [['targeted', t('Called')], ['answered', t('Answered')], ['waiting', t('Waiting')], ['escalated', t('Passed on')], ['exhausted', t('Nobody answered')]] as const) add(name, item[field]);
  } else if (kind === 'signal') {
    add(t('Measured'), item['value'], item['window_h'] ? ` mm/${String(item['window_h'])} h` : ' m');
    add(t('Why'), item['why']);
    time(t('Since'), item['level_at'] ?? item['opened_at']);
  } else if (kind === 'incident') {
    time(t('Opened'), item['opened_at']);
    add(t('Source'), item['source']);
    rows.push([t('Verified'), item['verified'] ? t('yes') : t('not yet')]);
  } else if (kind === 'stopline') {
    add(t('Measured'), item['value']);
    add(t('Stop-line'), item['limit']);
    time(t('Crossed'), item['crossed_at']);
    time(t('Acted'), item['acted_at']);
  } else if (kind === 'task') {
    add(t('Owner'), item['owner']);
    time(t('Due'), item['due_at']);
  }
  return rows.map(([name, value]) => `<dt>${name}</dt><dd>${safe(value)}</dd>`).join('');
}
