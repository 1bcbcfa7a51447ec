import { say, t } from '../words';

/** The call sheet: preview when the writing pauses, places by arrow keys, a draft kept in this browser until it is sent. */

const PAUSE_MS = 350;
const KEEP_H = 12;
const KEPT = 'anlan.sheet.';
const WANTED: [RegExp, string[]][] = [
  [/^11C/, ['magnitude', 'density', 'loss_class']],
  [/^11G/, ['area_ha']],
  [/^12D/, ['threatened_people', 'relocated', 'major_hazard']],
  [/^1[12]/, ['loss_wan', 'relocated']],
];

export function startSheet(form: HTMLFormElement): void {
  const field = (name: string): HTMLInputElement => form.querySelector<HTMLInputElement>(`[name="${name}"]`) as HTMLInputElement;
  const kept = `${KEPT}${form.dataset['reader'] ?? ''}`;
  keepDraft(form, kept);
  startPlaces(form, field, () => preview());

  let timer = 0;
  let turn: AbortController | null = null;
  function preview(): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void shown(), PAUSE_MS);
  }
  async function shown(): Promise<void> {
    const target = document.getElementById('preview');
    if (!target) return;
    turn?.abort();
    const mine = (turn = new AbortController());
    try {
      const answer = await fetch(form.dataset['preview'] ?? '', { method: 'POST', body: new FormData(form), signal: mine.signal });
      const text = await answer.text();
      if (answer.ok && !answer.redirected && !mine.signal.aborted) target.innerHTML = text;
    } catch {
      if (!mine.signal.aborted) target.textContent = t('This could not be asked just now; what you wrote is still here.');
    }
  }

  form.addEventListener('input', preview);
  form.addEventListener('change', () => {
    const type = field('type').value;
    const wanted = WANTED.find(([begins]) => begins.test(type))?.[1] ?? [];
    for (const box of form.querySelectorAll<HTMLElement>('[data-metric]')) box.toggleAttribute('data-wanted', wanted.includes(box.dataset['metric'] ?? ''));
    // What the class asks for is opened alone; opening the box by hand shows every figure.
    const more = form.querySelector<HTMLDetailsElement>('details.more');
    if (more && wanted.length > 1 && !more.open) {
      more.dataset['narrow'] = '';
      more.open = true;
    }
    preview();
  });
  form.querySelector('details.more')?.addEventListener('toggle', (event) => {
    const more = event.currentTarget as HTMLDetailsElement;
    if (!more.open) delete more.dataset['narrow'];
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(document.querySelector<HTMLButtonElement>('#open'));
    } else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      event.preventDefault(); // Enter in a box goes on to the next one: half a sheet must not be sent by habit.
      next(form, event.target);
    }
  });
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener('pageshow', () => (sent = false));
  preview();
}

function next(form: HTMLFormElement, from: HTMLElement): void {
  const boxes = [...form.querySelectorAll<HTMLElement>('input:not([type=hidden]), textarea, select, #open')].filter((box) => box.offsetParent);
  boxes[boxes.indexOf(from) + 1]?.focus();
}

/** Keep what is typed in this browser, so that a cut line or a reload loses nothing; gone when the incident is open, not before: a session
 *  may have run out. */
function keepDraft(form: HTMLFormElement, name: string): void {
  const told = document.getElementById('kept');
  const drop = document.getElementById('drop');
  const boxes = (): HTMLInputElement[] => [...form.querySelectorAll<HTMLInputElement>('input[name]:not([name=csrfmiddlewaretoken]), textarea[name], select[name]')];
  const typed = (): boolean => boxes().some((box) => box.value.trim() && !['door', 'confidence', 'about'].includes(box.name));
  const draft = JSON.parse(localStorage.getItem(name) ?? 'null') as { at: number; fields: Record<string, string> } | null;
  if (draft && Date.now() - draft.at < KEEP_H * 3_600_000 && !typed()) {
    for (const box of boxes()) box.value = draft.fields[box.name] ?? box.value;
    if (told) told.textContent = t('What you had typed is back.');
    const chosen = document.querySelector<HTMLElement>('#chosen');
    if (chosen && draft.fields['division']) {
      chosen.hidden = false;
      chosen.querySelector('span')?.replaceChildren(draft.fields['place'] ?? '');
    }
  }
  const show = (): void => void (drop && (drop.hidden = !typed()));
  show();
  form.addEventListener('input', () => {
    localStorage.setItem(name, JSON.stringify({ at: Date.now(), fields: Object.fromEntries(boxes().map((box) => [box.name, box.value])) }));
    if (told) told.textContent = t('Kept in this browser.');
    show();
  });
  drop?.addEventListener('click', () => {
    localStorage.removeItem(name);
    location.assign(location.pathname);
  });
}

function startPlaces(form: HTMLFormElement, field: (name: string) => HTMLInputElement, changed: () => void): void {
  const box = field('place');
  const list = document.getElementById('places');
  const chosen = document.querySelector<HTMLElement>('#chosen');
  if (!list || !chosen) return;
  const options = (): HTMLButtonElement[] => [...list.querySelectorAll<HTMLButtonElement>('[role=option]')];
  const open = (yes: boolean): void => {
    list.hidden = !yes;
    box.setAttribute('aria-expanded', String(yes));
    if (!yes) box.removeAttribute('aria-activedescendant');
  };
  const active = (): HTMLButtonElement | undefined => options().find((one) => one.getAttribute('aria-selected') === 'true');
  const mark = (one: HTMLButtonElement | undefined): void => {
    for (const each of options()) each.setAttribute('aria-selected', String(each === one));
    if (one) box.setAttribute('aria-activedescendant', one.id);
    one?.scrollIntoView({ block: 'nearest' });
  };
  const put = (name: string, division: string, lon: string, lat: string): void => {
    field('division').value = division;
    field('lon').value = lon;
    field('lat').value = lat;
    chosen.hidden = false;
    chosen.querySelector('span')?.replaceChildren(name);
    form.dispatchEvent(new Event('input', { bubbles: true }));
    changed();
  };
  const take = (one: HTMLButtonElement): void => {
    const name = one.dataset['name'] ?? '';
    box.value = name;
    put(name, one.dataset['division'] ?? '', one.dataset['lon'] ?? '', one.dataset['lat'] ?? '');
    open(false);
  };

  let timer = 0;
  box.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      void fetch(`/response/incidents/new/places?place=${encodeURIComponent(box.value)}`)
        .then((answer) => (answer.ok ? answer.text() : ''))
        .then((text) => {
          list.innerHTML = text;
          open(text.trim() !== '' && document.activeElement === box);
        });
    }, 200);
  });
  box.addEventListener('keydown', (event) => {
    const all = options();
    if (list.hidden || !all.length) return;
    const at = all.indexOf(active() as HTMLButtonElement);
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      mark(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
    } else if (event.key === 'Enter' && active()) {
      event.preventDefault();
      event.stopPropagation();
      take(active() as HTMLButtonElement);
    } else if (event.key === 'Escape') open(false);
  });
  box.addEventListener('blur', () => window.setTimeout(() => open(false), 150));
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const one = (event.target as HTMLElement).closest<HTMLButtonElement>('[role=option]');
    if (one) take(one);
  });

  const button = document.getElementById('point');
  const host = document.getElementById('point-map');
  let started = false;
  button?.addEventListener('click', () => {
    if (!host) return;
    host.hidden = !host.hidden;
    button.setAttribute('aria-expanded', String(!host.hidden));
    if (started || host.hidden) return;
    started = true;
    void import('./pointMap').then(({ startPoint }) =>
      startPoint(host, async (lon, lat) => {
        const answer = await fetch(`/response/incidents/new/point?lon=${lon}&lat=${lat}`);
        const found = (await answer.json()) as { division?: string; name?: unknown };
        if (!found.division) return void chosen.querySelector('span')?.replaceChildren(t('Outside your area.'));
        if (!box.value) box.value = say(found.name);
        put(`${say(found.name)} ${lat.toFixed(4)}, ${lon.toFixed(4)}`, found.division, lon.toFixed(5), lat.toFixed(5));
      }));
  });
}

/** The sheet has become an incident: what was kept of it goes. */
export function forgetSheets(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(KEPT)) localStorage.removeItem(name);
}
