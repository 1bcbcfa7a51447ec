import '../../css/papers.css';
import '../console';
import { openDialog } from '../keys';
import { t } from '../words';

const PAUSE_MS = 450;
const form = document.querySelector<HTMLFormElement>('#paper-form');
let language = document.querySelector<HTMLElement>('[data-sheet][aria-pressed="true"]')?.dataset['sheet'] ?? 'zh';

/** Show the sheet of one language; both stand in the page. */
function show(): void {
  for (const sheet of document.querySelectorAll<HTMLElement>('.sheet')) sheet.hidden = sheet.lang !== language;
  for (const button of document.querySelectorAll<HTMLElement>('[data-sheet]')) button.setAttribute('aria-pressed', String(button.dataset['sheet'] === language));
}

/** What people changed is marked while they write. */
function mark(box: HTMLTextAreaElement): void {
  const row = box.closest<HTMLElement>('[data-block]');
  if (!row) return;
  const changed = [...row.querySelectorAll<HTMLTextAreaElement>('textarea')].some((each) => each.value !== each.dataset['built']);
  row.classList.toggle('hand', changed);
}

/** Ask for the sheet anew when the writing pauses; a newer question takes the place of the one under way. */
let timer = 0;
let turn = new AbortController();
async function preview(): Promise<void> {
  const target = document.getElementById('sheets');
  if (!form || !target) return;
  turn.abort();
  const own = (turn = new AbortController());
  const fields = form.querySelector('fieldset');
  const locked = fields?.disabled ?? false;
  if (fields) fields.disabled = false;
  const body = new FormData(form);
  if (fields) fields.disabled = locked;
  try {
    const answer = await fetch(form.dataset['preview'] ?? '', { method: 'POST', body, signal: own.signal, headers: { Accept: 'text/html' } });
    const text = await answer.text();
    if (own.signal.aborted) return;
    if (answer.ok && !answer.redirected) target.innerHTML = text;
    else target.textContent = text || t('This could not be asked just now; what you wrote is still here.');
    show();
  } catch {
    if (!own.signal.aborted) target.textContent = t('This could not be asked just now; what you wrote is still here.');
  }
}

let dirty = false;
form?.addEventListener('input', (event) => {
  dirty = true;
  if (event.target instanceof HTMLTextAreaElement) mark(event.target);
  clearTimeout(timer);
  timer = window.setTimeout(() => void preview(), PAUSE_MS);
});
form?.addEventListener('submit', () => (dirty = false));
window.addEventListener('beforeunload', (event) => {
  if (dirty) event.preventDefault();
});

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const sheet = target?.closest<HTMLElement>('[data-sheet]');
  if (sheet) {
    language = sheet.dataset['sheet'] ?? language;
    show();
  }
  const ask = target?.closest<HTMLElement>('[data-ask]');
  const dialog = document.querySelector<HTMLDialogElement>('#ask');
  if (ask && dialog) {
    dialog.querySelector('form')?.setAttribute('action', ask.dataset['ask'] ?? '');
    openDialog('ask');
  }
  if (target?.closest('[data-close]')) target.closest('dialog')?.close();
});
