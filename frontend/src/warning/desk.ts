import htmx from 'htmx.org';
import { key } from '../keys';

let chosen = ''; // the call itself, never its place: the list is drawn anew, in another order, under the hands
let order: string[] = []; // the list as it stood when the chosen call was last in it, to go on from when it has left
const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('#calls tr[data-call]:not(.gone, [data-busy])')];
const calls = (all: HTMLElement[]): string[] => all.map((row) => row.dataset['call'] ?? '');
const where = (): number => calls(rows()).indexOf(chosen);

/** The place of the next call in a direction; from one that left, of the nearest that stood there and still does. */
function beside(now: string[], step: 1 | -1): number {
  const at = now.indexOf(chosen);
  if (at >= 0) return at + step;
  const was = order.indexOf(chosen);
  const rest = step > 0 ? order.slice(was + 1) : order.slice(0, Math.max(0, was)).reverse();
  const left = rest.map((call) => now.indexOf(call)).find((n) => n >= 0);
  return left ?? (was >= 0 && step > 0 ? now.length : 0);
}

function choose(step: 1 | -1): void {
  const all = rows();
  const next = all[Math.max(0, Math.min(all.length - 1, beside(calls(all), step)))];
  chosen = next?.dataset['call'] ?? '';
  markChosen();
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Mark the chosen call again after the list was drawn anew. */
export function markChosen(): void {
  const now = calls(rows());
  if (!chosen || now.includes(chosen)) order = now;
  for (const row of document.querySelectorAll<HTMLElement>('#calls tr[data-call]')) row.setAttribute('aria-selected', String(row.dataset['call'] === chosen));
}

const token = (): string => document.querySelector<HTMLInputElement>('#call-card [name=csrfmiddlewaretoken]')?.value ?? '';
const dialog = (): HTMLDialogElement => document.getElementById('call-card') as HTMLDialogElement;

async function post(path: string, values: Record<string, string>): Promise<Response> {
  return fetch(path, { method: 'POST', headers: { 'X-CSRFToken': token() }, body: new URLSearchParams(values) });
}

/** Open the card of one call, and give it the keyboard. */
async function open(call: string): Promise<void> {
  const answer = await fetch(`/warnings/calls/${call}/card`);
  if (answer.ok) show(await answer.text());
}

function show(html: string): void {
  const card = dialog();
  card.innerHTML = html;
  if (!card.open) card.showModal();
  card.querySelector<HTMLElement>('[data-outcome], [autofocus]')?.focus();
}

function gone(call: string | null): void {
  if (!call) return;
  const row = document.getElementById(`call-${call}`);
  if (row) row.classList.add('gone');
}

async function result(outcome: string): Promise<void> {
  const form = dialog().querySelector('form');
  const call = form?.dataset['call'];
  if (!form || !call || form.dataset['busy']) return;
  form.dataset['busy'] = '1'; // a second key in haste logs nothing twice
  const values = new FormData(form);
  const answer = await post(`/warnings/calls/${call}/result`, {
    outcome, person: String(values.get('person') ?? ''), note: String(values.get('note') ?? ''),
  }).catch(() => null);
  if (!answer?.ok) return void delete form.dataset['busy'];
  show(await answer.text());
  if (/received|acting|need_help/.test(outcome)) gone(answer.headers.get('X-Anlan-Done') ?? dialog().querySelector<HTMLElement>('[data-done]')?.dataset['done'] ?? null);
}

async function reveal(person: string): Promise<void> {
  const form = dialog().querySelector('form');
  const place = dialog().querySelector(`[data-number="${person}"]`);
  const answer = form && place ? await post(`/warnings/calls/${form.dataset['call']}/number`, { person }) : null;
  if (!answer?.ok || !place) return;
  place.innerHTML = await answer.text();
  dialog().querySelector(`[data-reveal="${person}"]`)?.remove();
  place.querySelector('a')?.focus();
}

function inCard(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLInputElement;
  const note = target.name === 'note';
  if (event.key === 'Enter' && (note || target.type === 'radio')) event.preventDefault(); // the form itself goes nowhere
  if (note) return;
  const buttons = [...dialog().querySelectorAll<HTMLElement>('[data-outcome]')];
  const button = /^[1-9]$/.test(event.key) ? buttons[Number(event.key) - 1] : undefined;
  if (button) void result(button.dataset['outcome'] ?? '');
  else if (event.key === 's') dialog().querySelector<HTMLElement>('[data-reveal]')?.click();
  else if (event.key === 'n') dialog().querySelector<HTMLElement>('[name=note]')?.focus();
  else return;
  event.preventDefault();
}

function quick(button: HTMLElement): void {
  const row = button.closest<HTMLElement>('tr[data-call]');
  const url = document.getElementById('calls')?.dataset['url'];
  if (!row || !url || row.dataset['busy']) return;
  row.dataset['busy'] = '1'; // a second key in haste logs nothing twice, and nothing on another call
  const asked = htmx.ajax('POST', `${url}${row.dataset['call'] ?? ''}/answer`, { source: row, target: row, swap: 'outerHTML', values: { content: button.dataset['answer'] ?? '' } });
  void Promise.resolve(asked).finally(() => delete row.dataset['busy']);
}

/** The unanswered list by keyboard: j and k choose, c opens the call by hand, 1 to 4 log an answer. */
export function startDesk(closed: () => void): void {
  if (!document.getElementById('calls')) return;
  document.addEventListener('click', (event) => {
    const on = (name: string): HTMLElement | null => (event.target as Element).closest<HTMLElement>(`[data-${name}]`);
    const [answer, card, outcome, person] = [on('answer'), on('card'), on('outcome'), on('reveal')];
    if (answer) quick(answer);
    else if (card) void open(card.dataset['card'] ?? '');
    else if (outcome) void result(outcome.dataset['outcome'] ?? '');
    else if (person) void reveal(person.dataset['reveal'] ?? '');
  });
  dialog().addEventListener('keydown', inCard);
  dialog().addEventListener('close', closed);
  dialog().addEventListener('submit', (event) => event.preventDefault());
  key('j', () => choose(1));
  key('k', () => choose(-1));
  const call = (): void => {
    const row = rows()[Math.max(0, where())];
    if (row?.querySelector('[data-card]')) void open(row.dataset['call'] ?? '');
  };
  key('c', call);
  key('Enter', call);
  for (const n of [1, 2, 3, 4]) key(String(n), () => rows()[where()]?.querySelectorAll<HTMLElement>('[data-answer]')[n - 1]?.click());
}
