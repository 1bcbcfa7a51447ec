type Act = (event: KeyboardEvent) => void;
const acts = new Map<string, Act>();
let lead = '';
let leadTimer = 0;

/** Bind a key ("l", "ArrowLeft") or a two-key walk ("g d"). Later bindings win, so islands may refine. */
export function key(name: string, act: Act): void {
  acts.set(name, act);
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (typing(event.target) && (event.target as HTMLInputElement).type !== 'range') return;
  const walk = lead ? `${lead} ${event.key}` : event.key;
  lead = '';
  const act = acts.get(walk);
  const own = act || walk !== event.key ? null : document.querySelector<HTMLElement>(`main [data-key="${CSS.escape(event.key)}"]`);
  if (own) {
    event.preventDefault();
    own.click();
  } else if (act) {
    event.preventDefault();
    act(event);
  } else if (event.key === 'g') {
    lead = 'g';
    clearTimeout(leadTimer);
    leadTimer = window.setTimeout(() => (lead = ''), 1200);
  }
}

export function startKeys(): void {
  const go = (path: string) => () => location.assign(path);
  key('g d', go('/'));
  key('g m', go('/map'));
  key('g w', go('/warnings'));
  key('g r', go('/response'));
  key('g e', go('/territory/'));
  key('g s', go('/monitoring/stations'));
  key('g a', go('/report'));
  key('?', () => openDialog('keys'));
  key('/', () => (document.querySelector<HTMLInputElement>('input[type=search]') ?? document.getElementById('main'))?.focus());
  document.addEventListener('keydown', pressed);
}

export function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}
