import '../../css/compose.css';
import '../console';
import { key, openDialog } from '../keys';
import { say, t } from '../words';

const PAUSE_MS = 350;
const READ_MS = 1000;
const form = document.querySelector<HTMLFormElement>('#compose');
const field = (name: string): HTMLInputElement | null => form?.querySelector<HTMLInputElement>(`[name="${name}"]`) ?? null;

/** The form as values. */
function values(): FormData {
  return form ? new FormData(form) : new FormData();
}

/** Ask for a part with the whole form (channels come more than once, which htmx's values can't say); a newer question
 *  takes the place of the one under way. True when the part was put in. */
const asked = new Map<string, AbortController>();
async function part(target: HTMLElement, address: string): Promise<boolean> {
  asked.get(address)?.abort();
  const turn = new AbortController();
  asked.set(address, turn);
  try {
    const answer = await fetch(address, { method: 'POST', body: values(), signal: turn.signal, headers: { Accept: 'text/html' } });
    const text = await answer.text();
    if (turn.signal.aborted) return false;
    if (answer.ok && !answer.redirected) target.innerHTML = text;
    else target.textContent = t('This could not be asked just now; what you wrote is still here.');
    return answer.ok;
  } catch {
    if (!turn.signal.aborted) target.textContent = t('This could not be asked just now; what you wrote is still here.');
    return false;
  }
}

/** Ask for the preview anew when the writing pauses. */
let timer = 0;
function preview(pause = PAUSE_MS): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void shown(), pause);
}

async function shown(): Promise<void> {
  const target = document.getElementById('preview');
  if (!form || !target) return;
  if (!(await part(target, form.dataset['preview'] ?? ''))) return;
  // A second Enter in haste must not sign what nobody has read: keys count once the preview stands and a moment is over.
  window.setTimeout(() => (document.body.dataset['ready'] = '1'), Math.max(0, READ_MS - performance.now()));
  for (const box of form.querySelectorAll('[aria-invalid]')) box.removeAttribute('aria-invalid');
  for (const found of target.querySelectorAll<HTMLElement>('[data-bad][data-field]')) named(found.dataset['field'] ?? '')?.setAttribute('aria-invalid', 'true');
}

/** The box a check speaks of: "actions.school.zh" is action_school_zh, "instruction_zh" the public's. */
function named(path: string): HTMLElement | null {
  const name = path.replace(/^actions\./, 'action_').replace(/^instruction_/, 'action_public_').replaceAll('.', '_');
  return field(name);
}

let dirty = false;
function changed(): void {
  dirty = true;
  const save = document.getElementById('save');
  if (save) save.hidden = false;
  for (const button of document.querySelectorAll<HTMLButtonElement>('#step button, .compose-side [data-act="urgent"]')) button.disabled = true;
  preview();
}

async function refill(): Promise<void> {
  const target = document.getElementById('texts');
  if (!form || !target) return;
  const kept = document.createElement('div');
  if (!(await part(kept, form.dataset['texts'] ?? ''))) return;
  target.replaceChildren(...kept.childNodes);
  changed();
}

/** Words nobody has touched follow the hazard, the colour and the area. */
let touched = !!document.querySelector('#compose [name=seen]') || !!field('references')?.value;
function follow(): void {
  if (touched) changed();
  else void refill();
}

type Place = { code: string; name: unknown };
function places(): string[] {
  return (field('area')?.value ?? '').split(',').filter(Boolean);
}

function put(found: Place[]): void {
  const box = document.getElementById('places');
  const area = field('area');
  if (!box || !area) return;
  area.value = found.map((place) => place.code).join(',');
  box.replaceChildren(
    ...found.map((place) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'btn small';
      button.dataset['place'] = place.code;
      button.textContent = `${say(place.name)} ×`;
      button.setAttribute('aria-label', `${t('Take away')} ${say(place.name)}`);
      return button;
    }),
  );
  follow();
}

function standing(): Place[] {
  const words = (code: string): string => document.querySelector(`[data-place="${code}"]`)?.textContent?.replace('×', '').trim() ?? code;
  return places().map((code) => ({ code, name: words(code) }));
}

/** What was drawn is sent; the divisions it stands for come back. */
async function drawn(area: GeoJSON.Feature): Promise<void> {
  const outline = field('outline');
  if (!form || !outline) return;
  outline.value = JSON.stringify(area);
  const answer = await fetch(form.dataset['drawn'] ?? '', { method: 'POST', body: values(), headers: { Accept: 'application/json' } });
  const told = document.getElementById('drawn-told');
  if (!answer.ok || !told) return;
  const body = (await answer.json()) as { area?: Place[]; refusal?: string };
  told.textContent = body.refusal ?? '';
  if (body.area) put(body.area);
  else outline.value = '';
}

async function openMap(): Promise<void> {
  const { startMap } = await import('./map');
  await startMap((area) => void drawn(area));
}

/** Enter takes the next step, wherever no field, button or link has the focus; a held key does nothing. */
function enter(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.key !== 'Enter' || event.repeat || event.isComposing || document.querySelector('dialog[open]')) return;
  const everywhere = event.ctrlKey || event.metaKey;
  if (!everywhere && target.closest('input,textarea,select,button,a,summary,[role=application],pre')) return;
  const button = dirty ? (document.querySelector<HTMLButtonElement>('#save:not([hidden]) button') ?? primary()) : primary();
  if (!button || button.disabled || !document.body.dataset['ready']) return;
  event.preventDefault();
  button.click();
}
const primary = (): HTMLButtonElement | null => document.querySelector<HTMLButtonElement>('[data-primary]:not(:disabled)');

function clicked(event: MouseEvent): void {
  const target = (event.target as Element).closest<HTMLElement>('[data-act],[data-place],[data-division]');
  if (!target) return;
  const act = target.dataset['act'];
  if (target.dataset['place']) put(standing().filter((place) => place.code !== target.dataset['place']));
  else if (target.dataset['division']) {
    event.preventDefault();
    const code = target.dataset['division'];
    const name = target.querySelector('b')?.textContent ?? target.textContent ?? code;
    put([...standing().filter((place) => place.code !== code), { code, name: name.trim() }]);
    document.getElementById('where-found')?.replaceChildren();
  } else if (act === 'urgent') openDialog('urgent');
  else if (act === 'refill') {
    touched = false;
    void refill();
  } else if (act === 'ask') {
    document.querySelector<HTMLFormElement>('#ask form')?.setAttribute('action', target.dataset['url'] ?? '');
    openDialog('ask');
  }
}

function startForm(): void {
  if (!form) return;
  form.addEventListener('input', (event) => {
    const box = event.target as HTMLInputElement;
    if (box.name === 'where' || box.id === 'km') return;
    if (box.name === 'channels') field('channels_own')!.value = '1';
    if (box instanceof HTMLTextAreaElement) touched = true;
    if ('refill' in box.dataset) follow();
    else changed();
  });
  document.querySelector<HTMLDetailsElement>('#draw')?.addEventListener('toggle', () => void openMap(), { once: true });
  document.querySelector<HTMLFormElement>('#urgent form[data-new]')?.addEventListener('submit', (event) => {
    event.preventDefault();
    const why = document.createElement('input');
    why.type = 'hidden';
    why.name = 'urgent_reason';
    why.value = document.querySelector<HTMLInputElement>('#urgent input[name=urgent_reason]')?.value ?? '';
    form.append(why);
    form.submit();
  });
  preview(0);
}

document.addEventListener('keydown', enter);
document.addEventListener('click', clicked);
key('u', () => document.querySelector<HTMLElement>('[data-act="urgent"]')?.click());
key('r', () => document.querySelector<HTMLElement>('[data-act="ask"][data-url$="/return"]')?.click());
key('n', () => document.querySelector<HTMLElement>('a[href="/warnings/compose"]')?.click());
startForm();
// The list opens where it is this reader's turn: Enter follows the link that has the focus.
(document.querySelector<HTMLElement>('#drafts a[data-mine]') ?? document.querySelector<HTMLElement>('#drafts a'))?.focus();
