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
  const fields = form?.querySelector('fieldset');
  if (!form || !fields) return new FormData();
  const locked = fields.disabled; // who may only read asks what it would do like everybody else
  fields.disabled = false;
  const found = new FormData(form);
  fields.disabled = locked;
  return found;
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

/** What the area was drawn as, and how it was given; the map shows it. */
let showDrawn: ((area: GeoJSON.GeoJSON | null) => void) | null = null;
function outlined(kind: string, outline: GeoJSON.GeoJSON | null): void {
  const [box, how] = [field('outline'), field('area_kind')];
  if (!box || !how) return;
  box.value = outline ? JSON.stringify(outline) : '';
  how.value = kind;
  const words: Record<string, string> = { divisions: t('Divisions'), drawn: t('Drawn'), basin: t('Basin'), buffer: t('Round something') };
  const line = document.getElementById('area-kind');
  if (line) line.textContent = (words[kind] ?? kind) + (outline ? ` · ${t('goes out as drawn, with these divisions')}` : '');
  showDrawn?.(outline);
}

/** What was drawn or chosen is sent; its outline and the divisions it stands for come back. */
async function area(more: Record<string, string>): Promise<void> {
  if (!form) return;
  const body = values();
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  const told = document.getElementById('drawn-told');
  const answer = await fetch(form.dataset['drawn'] ?? '', { method: 'POST', body, headers: { Accept: 'application/json' } });
  if (!told) return;
  if (!answer.ok) {
    told.textContent = t('This could not be asked just now; what you wrote is still here.');
    return;
  }
  const found = (await answer.json()) as { kind?: string; outline?: GeoJSON.GeoJSON; area?: Place[]; refusal?: string };
  told.textContent = found.refusal ?? '';
  if (!found.area) return showDrawn?.(stood());
  outlined(found.kind ?? 'drawn', found.outline ?? null);
  put(found.area);
}

const stood = (): GeoJSON.GeoJSON | null => (field('outline')?.value ? (JSON.parse(field('outline')!.value) as GeoJSON.GeoJSON) : null);

async function openMap(): Promise<void> {
  const { startMap } = await import('./map');
  showDrawn = await startMap((shape) => void area({ outline: JSON.stringify(shape) }));
}

/** Divisions chosen by hand are the area from now on: what was drawn before is no longer it. */
function chosen(found: Place[]): void {
  outlined('divisions', null);
  put(found);
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
  const target = (event.target as Element).closest<HTMLElement>('[data-act],[data-place],[data-division],[data-of]');
  if (!target) return;
  const act = target.dataset['act'];
  if (target.dataset['of']) {
    document.getElementById('spots-found')?.replaceChildren();
    void area({ of: target.dataset['of'], km: document.querySelector<HTMLInputElement>('#round-km')?.value ?? '' });
  } else if (target.dataset['place']) chosen(standing().filter((place) => place.code !== target.dataset['place']));
  else if (target.dataset['division']) {
    event.preventDefault();
    const code = target.dataset['division'];
    const name = target.querySelector('b')?.textContent ?? target.textContent ?? code;
    chosen([...standing().filter((place) => place.code !== code), { code, name: name.trim() }]);
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
    if (['where', 'spot'].includes(box.name) || ['km', 'round-km', 'basin'].includes(box.id)) return;
    if (box.name === 'channels') field('channels_own')!.value = '1';
    if (box instanceof HTMLTextAreaElement) touched = true;
    if ('refill' in box.dataset) follow();
    else changed();
  });
  document.querySelector<HTMLSelectElement>('#basin')?.addEventListener('change', (event) => {
    const code = (event.target as HTMLSelectElement).value;
    if (code) void area({ basin: code });
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
