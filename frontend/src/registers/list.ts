import { key } from '../keys';
import { ask } from '../lane';

const PAUSE_MS = 250;
let chosen = -1;
let timer = 0;
let latest = 0;

const byId = (id: string): HTMLElement | null => document.getElementById(id);
const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('#rows tbody tr')];
const form = (): HTMLFormElement | null => byId('ask') as HTMLFormElement | null;

function choose(step: number): void {
  const all = rows();
  all[chosen]?.removeAttribute('aria-selected');
  chosen = Math.max(0, Math.min(all.length - 1, chosen + step));
  const row = all[chosen];
  row?.setAttribute('aria-selected', 'true');
  row?.querySelector<HTMLElement>('a')?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}

/** What the list shown now asks for; back on the first page. */
function asked(): URLSearchParams {
  const params = new URLSearchParams((byId('list')?.dataset['address'] ?? location.href).split('?')[1] ?? '');
  params.delete('after');
  return params;
}

const address = (host: HTMLFormElement, params: URLSearchParams): string => (params.size ? `${host.action}?${params}` : host.action);

function words(params: URLSearchParams): URLSearchParams {
  const text = (byId('q') as HTMLInputElement | null)?.value.trim() ?? '';
  if (text) params.set('q', text);
  else params.delete('q');
  return params;
}

/** The same question as a file: the interface calls the columns "columns" and knows no pages. */
function exported(address: string): string {
  const params = asked();
  const columns = params.get('cols');
  for (const name of ['cols', 'sort']) params.delete(name);
  if (columns) params.set('columns', columns);
  return params.size ? `${address}&${params}` : address;
}

/** A tick of the filter panel, taken over into the address. */
function tick(box: HTMLInputElement, params: URLSearchParams): void {
  const others = params.getAll(box.name).filter((value) => value !== box.value);
  params.delete(box.name);
  for (const value of box.checked ? [...others, box.value] : others) params.append(box.name, value);
}

/** Draw the list of an address in its place; the address bar follows, the search box keeps its caret. */
async function show(href: string, keep = true): Promise<void> {
  const turn = ++latest;
  const list = byId('list');
  if (!list) return location.assign(href);
  list.classList.add('htmx-request');
  await ask('list', 'GET', href, { target: list, swap: 'outerHTML' });
  if (turn !== latest) return;
  chosen = -1;
  const now = byId('list')?.dataset['address'] ?? href;
  if (keep && now !== location.pathname + location.search) history.pushState(null, '', now);
  byId('list')?.querySelector('.table-scroll')?.scrollTo({ top: 0 });
  await count();
}

/** The filter panel is counted after the list is there, so that the rows never wait for it. */
async function count(): Promise<void> {
  const from = byId('list')?.dataset['facets'];
  const panel = byId('facets');
  if (!from || !panel) return;
  await ask('facets', 'GET', from, { target: panel, swap: 'innerMorph' });
  // A box once clicked keeps its own mind when morphed: the server's ticks hold.
  for (const box of panel.querySelectorAll<HTMLInputElement>('input[type=checkbox]')) box.checked = box.defaultChecked;
}

function changed(event: Event): void {
  const target = event.target as HTMLInputElement;
  if (target.dataset['column'] !== undefined || target.dataset['shared'] !== undefined || target.dataset['name'] !== undefined) return;
  if (target.dataset['where'] !== undefined) return void look(target);
  if (target.id !== 'q' && target.type !== 'checkbox') return;
  if (target.type === 'checkbox' && event.type === 'input') return;
  clearTimeout(timer);
  const go = (): void => {
    const host = form();
    if (!host) return;
    const params = words(asked());
    if (target.type === 'checkbox') tick(target, params);
    void show(address(host, params));
  };
  if (target.type === 'checkbox') go();
  else timer = window.setTimeout(go, event.type === 'input' ? PAUSE_MS : 0);
}

let looking = 0;
function look(input: HTMLInputElement): void {
  clearTimeout(looking);
  looking = window.setTimeout(() => {
    const host = form();
    const target = byId('where-found');
    if (!host || !target) return;
    const params = asked();
    params.set('where', input.value);
    void ask('where', 'GET', `${input.dataset['url'] ?? ''}?${params}`, { target, swap: 'innerHTML' });
  }, PAUSE_MS);
}

function columns(own: boolean): void {
  const host = form();
  if (!host) return;
  const ticked = [...host.querySelectorAll<HTMLInputElement>('[data-column]:checked')].map((box) => box.value);
  const params = asked();
  if (own) params.delete('cols');
  else params.set('cols', ticked.join(','));
  location.assign(address(host, params));
}

async function viewSave(button: HTMLElement): Promise<void> {
  const box = button.closest('details');
  const values = {
    name: box?.querySelector<HTMLInputElement>('[data-name]')?.value ?? '',
    shared: box?.querySelector<HTMLInputElement>('[data-shared]')?.checked ? '1' : '',
    query: location.search.slice(1),
  };
  await ask('views', 'POST', button.dataset['url'] ?? '', { target: button.parentElement as HTMLElement, swap: 'innerHTML', values });
}

function clicked(event: MouseEvent): void {
  const target = event.target as Element;
  const act = target.closest<HTMLElement>('[data-act]');
  if (act?.dataset['act'] === 'rail') byId('facets')?.classList.toggle('open');
  if (act?.dataset['act'] === 'columns') columns(false);
  if (act?.dataset['act'] === 'columns-own') columns(true);
  if (act?.dataset['act'] === 'view-save') void viewSave(act);
  if (act?.dataset['act'] === 'view-remove') {
    const url = `${location.pathname}/views/${act.dataset['view'] ?? ''}/remove`;
    void ask('views', 'POST', url, { target: act.closest('li') as HTMLElement, swap: 'delete' });
  }
  const file = target.closest<HTMLAnchorElement>('a[data-export]');
  if (file) file.href = exported(file.dataset['export'] ?? '');
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const link = target.closest<HTMLAnchorElement>('.picked a, .pager a, .list th a, .rail a');
  if (link) {
    event.preventDefault();
    if (link.closest('.picked')) settle(link.href);
    void show(link.href);
    return;
  }
  const row = target.closest<HTMLElement>('#rows tbody tr');
  if (row && !target.closest('a') && !getSelection()?.toString()) row.querySelector<HTMLAnchorElement>('.title a')?.click();
}

/** A filter taken off by its chip is taken off in the search box too. */
function settle(href: string): void {
  const box = byId('q') as HTMLInputElement | null;
  if (box) box.value = new URL(href, location.href).searchParams.get('q') ?? '';
}

/** The list of a register: filters as you type, pages by n and p, rows by j and k. */
export function startList(): void {
  const host = form();
  if (!host) return;
  host.addEventListener('input', changed);
  host.addEventListener('change', changed);
  host.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void show(address(host, words(asked())));
  });
  document.addEventListener('click', clicked);
  addEventListener('popstate', () => {
    settle(location.href);
    void show(location.href, false);
  });
  key('j', () => choose(1));
  key('k', () => choose(-1));
  key('n', () => document.querySelector<HTMLElement>('.pager a[rel=next]')?.click());
  key('p', () => document.querySelector<HTMLElement>('.pager a[rel=prev]')?.click());
  key('Enter', () => rows()[chosen]?.querySelector<HTMLAnchorElement>('.title a')?.click());
  void count();
}
