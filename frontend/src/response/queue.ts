import { t } from '../words';
import { blob, type Shot } from './photo';

/** An act for a task, kept on this phone until the server has it: its key makes it count once however often it is sent. */
export interface Act {
  key: string; task: string; act: string; at: string; evidence: Record<string, unknown>; shots: Shot[]; files: string[];
}
/** `lost`: the act a refusal took off this phone, so that its words can be written again. */
export interface Told { task: string; waiting: number; refused: string; done: boolean; lost?: Act }
const NAME = 'anlan.tasks.unsent';
const AGAIN_MS = 15_000;
/** A network that has just come back often swallows the first try. */
const SOON_MS = [1000, 2000, 4000];
let tell: (told: Told) => void = () => undefined;
let busy = false;

export const unsent = (): Act[] => {
  try {
    return JSON.parse(localStorage.getItem(NAME) ?? '[]') as Act[];
  } catch {
    return [];
  }
};

function keep(acts: Act[]): void {
  localStorage.setItem(NAME, JSON.stringify(acts));
}

/** Keep an act, then send it. False when this phone has no room for its photos. */
export function put(act: Act): boolean {
  try {
    keep([...unsent(), act]);
  } catch {
    return false;
  }
  void flush();
  return true;
}

const token = (): string => (JSON.parse(document.body.getAttribute('hx-headers:inherited') ?? '{}') as Record<string, string>)['X-CSRFToken'] ?? '';

async function post(address: string, body: BodyInit, type?: string): Promise<Response> {
  const headers: Record<string, string> = { 'X-CSRFToken': token(), Accept: 'application/json' };
  if (type) headers['Content-Type'] = type;
  return fetch(address, { method: 'POST', body, headers });
}

/** Send what waits, one after the other. What the network swallows stays; what the server refuses is told and goes. */
export async function flush(): Promise<void> {
  if (busy) return;
  busy = true;
  try {
    for (let first = unsent()[0]; first; first = unsent()[0]) if (!(await send(first))) break;
  } finally {
    busy = false;
  }
}

function forget(key: string): void {
  keep(unsent().filter((act) => act.key !== key));
}

/** Send one act with its photos; true when it is off this phone. */
async function send(act: Act): Promise<boolean> {
  const waits = (): boolean => {
    tell({ task: act.task, waiting: unsent().length, refused: '', done: false });
    return false;
  };
  try {
    while (act.shots.length) {
      const [one] = act.shots as [Shot];
      const form = new FormData();
      form.append('photo', blob(one), one.name);
      for (const [name, value] of Object.entries({ taken_at: one.at, lon: one.lon, lat: one.lat })) if (value !== null) form.append(name, String(value));
      const answer = await post(`/response/tasks/${act.task}/photo`, form);
      if (!answer.ok) return await refused(act, answer, waits);
      act.files.push(((await answer.json()) as { id: string }).id);
      act.shots.shift();
      keep(unsent().map((kept) => (kept.key === act.key ? act : kept)));
    }
    const body = JSON.stringify({ act: act.act, key: act.key, at: act.at, evidence: { ...act.evidence, files: act.files } });
    const answer = await post(`/response/tasks/${act.task}/send`, body, 'application/json');
    if (!answer.ok) return await refused(act, answer, waits);
  } catch {
    return waits(); // no network: it stays
  }
  forget(act.key);
  tell({ task: act.task, waiting: unsent().length, refused: '', done: true });
  return true;
}

/** A refusal by the rules is told and the act goes; signed out or a server in trouble: it stays. */
async function refused(act: Act, answer: Response, waits: () => boolean): Promise<boolean> {
  if (answer.status === 401 || answer.status >= 500 || !(answer.headers.get('Content-Type') ?? '').includes('problem')) {
    waits();
    if (answer.status === 401 || answer.status === 403) tell({ task: act.task, waiting: unsent().length, refused: t('You are signed out; sign in again and it is sent.'), done: false });
    return false;
  }
  const problem = (await answer.json()) as { title: string };
  forget(act.key);
  tell({ task: act.task, waiting: unsent().length, refused: problem.title, done: false, lost: act });
  return true;
}

async function back(): Promise<void> {
  await flush();
  for (const wait of SOON_MS) {
    if (!unsent().length) return;
    await new Promise((go) => window.setTimeout(go, wait));
    await flush();
  }
}

/** Send when there is a network again, and now and then. */
export function startQueue(heard: (told: Told) => void): void {
  tell = heard;
  addEventListener('online', () => void back());
  window.setInterval(() => void flush(), AGAIN_MS);
  void flush();
}
