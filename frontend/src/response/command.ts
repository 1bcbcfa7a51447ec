import '../../css/command.css';
import { store } from '../console';
import { key, openDialog } from '../keys';
import { t } from '../words';

const byId = <T extends HTMLElement>(id: string): T | null => document.getElementById(id) as T | null;
const entry = byId<HTMLFormElement>('entry');
const radio = byId<HTMLDialogElement>('radio');

/** Send a form without leaving the page; the words of a refusal stand under it. True when it was taken. */
async function send(form: HTMLFormElement): Promise<boolean> {
  if (form.dataset['busy']) return false; // a second Enter in haste writes nothing twice
  form.dataset['busy'] = '1';
  const said = form.querySelector<HTMLElement>('.refused');
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), headers: { Accept: 'application/json' } });
    if (answer.ok) {
      if (said) said.hidden = true;
      return true;
    }
    const problem = (await answer.json().catch(() => ({}))) as { title?: string };
    refused(said, problem.title ?? t('Not taken just now; what you wrote is still here.'));
  } catch {
    refused(said, t('Not taken just now; what you wrote is still here.'));
  } finally {
    delete form.dataset['busy'];
  }
  return false;
}

function refused(said: HTMLElement | null, words: string): void {
  if (!said) return;
  said.textContent = words;
  said.hidden = false;
}

/** Ask for the log at once: the writer sees the entry without waiting for the feed. */
async function again(...names: string[]): Promise<void> {
  const host = byId('onsite');
  const answer = host && (await fetch(`${host.dataset['parts'] ?? ''}?p=${names.join(',')}`).catch(() => null));
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const name of names) {
    const fresh = page.getElementById(`part-${name}`);
    fresh?.removeAttribute('hx-swap-oob');
    if (fresh) byId(`part-${name}`)?.replaceWith(fresh);
  }
}

function field(name: string): HTMLInputElement {
  return entry?.elements.namedItem(name) as HTMLInputElement;
}

/** What the entry speaks of: a request it answers, an entry it corrects, or nothing. */
function speaks(words: string, answers = '', corrects = ''): void {
  field('answers').value = answers;
  field('corrects').value = corrects;
  const line = byId('speaks');
  if (!line) return;
  line.textContent = words ? `${words} · Esc` : '';
  line.hidden = !words;
}

function startEntry(form: HTMLFormElement): void {
  const text = form.elements.namedItem('text') as HTMLTextAreaElement;
  const kinds = [...form.querySelectorAll<HTMLInputElement>('[name=kind]')];
  const choose = (n: number): void => {
    const kind = kinds[n];
    if (!kind) return;
    kind.checked = true;
    text.focus();
  };
  kinds.forEach((_, n) => key(n === kinds.length - 1 ? '0' : String(n + 1), () => choose(n)));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!(await send(form))) return;
    for (const name of ['text', 'happened']) field(name).value = '';
    speaks('');
    void again('log');
    text.focus();
  });
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === 'Escape') {
      speaks('');
      text.blur();
    }
  });
  document.addEventListener('click', (event) => {
    const on = (name: string): HTMLElement | null => (event.target as Element).closest<HTMLElement>(`[data-${name}]`);
    const [answers, corrects] = [on('answers'), on('corrects')];
    if (answers) {
      speaks(t('Answers no. {n}', { n: answers.dataset['number'] ?? '' }), answers.dataset['answers']);
      choose(kinds.findIndex((kind) => kind.value === 'decision'));
    } else if (corrects) {
      speaks(t('Takes the place of no. {n}', { n: corrects.dataset['number'] ?? '' }), '', corrects.dataset['corrects']);
      choose(kinds.findIndex((kind) => kind.value === corrects.dataset['kind']));
      text.value = corrects.dataset['text'] ?? '';
    }
  });
}

/** Radio: a digit says who calls, a letter what was said; two keys and the entry is written. */
function startRadio(dialog: HTMLDialogElement): void {
  const form = dialog.querySelector('form') as HTMLFormElement;
  const sender = form.elements.namedItem('sender') as HTMLInputElement;
  const text = form.elements.namedItem('text') as HTMLInputElement;
  const callers = [...form.querySelectorAll<HTMLElement>('[data-caller]')];
  const said = [...form.querySelectorAll<HTMLElement>('[data-said]')];
  const calls = (chosen: HTMLElement): void => {
    sender.value = chosen.dataset['caller'] ?? '';
    for (const one of callers) one.setAttribute('aria-pressed', String(one === chosen));
  };
  const write = async (): Promise<void> => {
    if (!text.value.trim() || !(await send(form))) return;
    text.value = '';
    dialog.close();
    void again('log');
  };
  for (const one of callers) one.addEventListener('click', () => calls(one));
  for (const one of said)
    one.addEventListener('click', () => {
      text.value = one.dataset['said'] ?? '';
      void write();
    });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void write();
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    const caller = /^[1-9]$/.test(event.key) ? callers[Number(event.key) - 1] : undefined;
    const word = /^[a-h]$/.test(event.key) ? said['abcdefgh'.indexOf(event.key)] : undefined;
    (caller ?? word)?.click();
    if (caller ?? word) event.preventDefault();
  });
  key('r', () => {
    openDialog('radio');
    callers[0]?.focus();
  });
}

/** A card (a team, a hand-over) is drawn by the server when asked for, so that it says how things stand now. */
async function card(address: string): Promise<void> {
  const dialog = byId<HTMLDialogElement>('card');
  const answer = await fetch(address).catch(() => null);
  if (!dialog || !answer?.ok) return;
  dialog.innerHTML = await answer.text();
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector<HTMLElement>('[name=decision]') ?? dialog.querySelector<HTMLElement>('select, textarea'))?.focus();
}

function startCards(): void {
  document.addEventListener('click', (event) => {
    const on = (name: string): HTMLElement | null => (event.target as Element).closest<HTMLElement>(`[data-${name}]`);
    const [open, dialog] = [on('open'), on('dialog')];
    if (open) void card(open.dataset['open'] ?? '');
    if (dialog) openDialog(dialog.dataset['dialog'] ?? '');
    if (dialog?.dataset['dialog'] === 'radio') radio?.querySelector<HTMLElement>('[data-caller]')?.focus();
  });
  byId('card')?.addEventListener('keydown', (event) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement || event.target instanceof HTMLTextAreaElement) return;
    const button = /^[1-3]$/.test(event.key) ? document.querySelectorAll<HTMLElement>('#card [name=decision]')[Number(event.key) - 1] : undefined;
    button?.click();
  });
  key('w', () => openDialog('withdraw'));
  key('i', () => document.querySelector<HTMLElement>('[data-waiting]')?.click());
  key('t', () => {
    const fold = byId<HTMLDetailsElement>('register');
    if (!fold) return;
    fold.open = true;
    fold.querySelector<HTMLElement>('[name=name]')?.focus();
  });
}

async function startMap(): Promise<void> {
  const host = byId('map');
  if (!host) return;
  const { siteMap } = await import('./siteMap');
  const renew = await siteMap(host);
  let timer = 0;
  const soon = (): void => {
    if (!timer) timer = window.setTimeout(() => {
      timer = 0;
      void renew();
    }, 1500);
  };
  store.subscribe((changed) => ['commandpost', 'teamintake', 'leader', 'task', 'incident'].some((name) => changed.has(name)) && soon());
  document.addEventListener('anlan:refetch', soon);
}

if (entry) startEntry(entry);
if (radio) startRadio(radio);
startCards();
void startMap();
