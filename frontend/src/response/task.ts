import '../../css/orders.css';
import { clock, store } from '../console';
import { openDialog } from '../keys';
import { t } from '../words';
import { shot, type Shot } from './photo';
import { put, startQueue, unsent, type Act } from './queue';

const page = document.getElementById('task') as HTMLElement;
const task = page.dataset['task'] ?? '';
const form = document.querySelector<HTMLFormElement>('#proof-form');
const files: File[] = [];
let shots: Shot[] = [];
let doing = '';
let here: { lon: number; lat: number; place: string } | null = null;

const node = (id: string): HTMLElement | null => document.getElementById(id);
const text = (id: string, words: string): void => {
  const found = node(id);
  if (found && found.textContent !== words) found.textContent = words;
};

/** What waits on this phone, above the task; the buttons follow what was pressed, sent or not. */
function waiting(refused = ''): void {
  const mine = unsent().filter((act) => act.task === task);
  const line = node('queue');
  if (!line) return;
  line.hidden = !mine.length && !refused;
  line.classList.toggle('bad', Boolean(refused));
  line.textContent = refused || t('Kept on this phone, sent when the network is back: {acts}', { acts: mine.map((act) => NAMES[act.act] ?? act.act).join(t(', ')) });
  const acts = new Set(mine.map((act) => act.act));
  const receive = document.querySelector<HTMLElement>('[data-do=receive]');
  if (receive && (acts.has('receive') || acts.has('done'))) receive.hidden = true;
  for (const button of document.querySelectorAll<HTMLButtonElement>('#thumb [data-do]')) button.disabled = acts.has('done');
}
const NAMES: Record<string, string> = { receive: t('signed for'), done: t('done'), help: t('help asked for'), progress: t('progress') };

function act(name: string, evidence: Record<string, unknown>): boolean {
  const made: Act = { key: crypto.randomUUID?.() ?? key(), task, act: name, at: new Date(clock.now()).toISOString(), evidence, shots, files: [] };
  if (!put(made)) return false;
  shots = [];
  files.length = 0;
  waiting();
  return true;
}

/** A random key where the page is not served over HTTPS. */
function key(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return [...bytes].map((byte, n) => ([4, 6, 8, 10].includes(n) ? '-' : '') + byte.toString(16).padStart(2, '0')).join('');
}

function ask(name: string): void {
  doing = name;
  const heads: Record<string, string> = { done: t('What was done'), help: t('What is needed'), progress: t('How it is going') };
  text('proof-head', heads[name] ?? '');
  text('proof-bad', '');
  form?.setAttribute('data-act-of', name);
  openDialog('proof');
  if (name === 'done') locate();
}

/** Where the phone is, when the reader lets it say so. */
function locate(): void {
  const box = document.querySelector<HTMLInputElement>('#here');
  if (!box?.checked || here || !navigator.geolocation) return;
  text('here-told', t('Asking the phone…'));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => place({ lon: round(coords.longitude), lat: round(coords.latitude), place: `±${Math.round(coords.accuracy)} m` }),
    () => text('here-told', here ? told() : t('The phone does not say.')),
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  );
}
const round = (value: number): number => Math.round(value * 1e6) / 1e6;
const told = (): string => (here ? `${here.lat.toFixed(5)}, ${here.lon.toFixed(5)} (${here.place})` : '');
function place(found: NonNullable<typeof here>): void {
  here = found;
  const box = document.querySelector<HTMLInputElement>('#here');
  if (box) box.checked = true;
  text('here-told', told());
}

async function take(list: FileList): Promise<void> {
  for (const file of list) {
    const one = await shot(file);
    if (!one) {
      text('proof-bad', t('This picture can’t be read here; take it with the camera, or as JPEG.'));
      continue;
    }
    files.push(file);
    shots.push(one);
    const image = Object.assign(document.createElement('img'), { src: `data:image/jpeg;base64,${one.data}`, alt: one.name });
    node('shots')?.append(image);
    // Offered, not proven: the camera's own statement of where it was.
    if (!here && one.lon !== null && one.lat !== null) place({ lon: one.lon, lat: one.lat, place: t('as the photo says') });
  }
}

async function sendForm(): Promise<void> {
  if (!form) return;
  const own = new FormData(form);
  const words = String(own.get('text') ?? '').trim();
  const number = String(own.get('number') ?? '').trim();
  const evidence: Record<string, unknown> = { text: words };
  if (doing === 'done') {
    if (number) evidence['number'] = number.replace(',', '.');
    if (here && document.querySelector<HTMLInputElement>('#here')?.checked) Object.assign(evidence, here);
  }
  if (!words && (doing !== 'done' || !shots.length)) return text('proof-bad', doing === 'done' ? t('Say in words what was done, or take a photo.') : t('Say it in words.'));
  if (!act(doing, evidence)) {
    shots = (await Promise.all(files.map((file) => shot(file, true)))).filter((one): one is Shot => one !== null);
    if (!act(doing, evidence)) return text('proof-bad', t('This phone has no room for the photos; take fewer.'));
  }
  form.reset();
  node('shots')?.replaceChildren();
  form.closest('dialog')?.close();
}

document.addEventListener('click', (event) => {
  const name = (event.target as Element).closest<HTMLElement>('[data-do]')?.dataset['do'];
  if (name === 'receive') act('receive', {});
  else if (name) ask(name);
});
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void sendForm();
});
node('photo')?.addEventListener('change', (event) => {
  const input = event.target as HTMLInputElement;
  if (input.files) void take(input.files).then(() => (input.value = ''));
});
node('here')?.addEventListener('change', locate);

let stale = false;
startQueue(({ refused, done, task: of, lost }) => {
  if (of !== task) return;
  waiting(refused);
  // What was refused is written again from the words it had, not from nothing.
  const box = form?.querySelector<HTMLTextAreaElement>('[name=text]');
  if (lost && box && !box.value) box.value = String(lost.evidence['text'] ?? '');
  if (done) stale = true;
});
store.subscribe((_, frame) => {
  if (frame && task in (frame.set['task'] ?? {})) stale = true;
});
window.setInterval(() => {
  if (stale && navigator.onLine && !document.querySelector('dialog[open]') && !unsent().some((kept) => kept.task === task)) location.reload();
}, 400);
waiting();
