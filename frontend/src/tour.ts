import { t } from './words';

interface Stop { page: string; mark: string; head: string; text: string }

// Six stops that follow the storm: gauge → signal and warning → people → decision → tasks → what happened.
const stops: Stop[] = [
  { page: '/map', mark: 'rain', head: t('1 · The rain arrives'), text: t('Each circle is a gauge. It grows and changes colour with the rain of the last hour; a hollow one has fallen silent.') },
  { page: '/map', mark: 'scrub', head: t('2 · Any moment again'), text: t('Drag the timeline to see everything as it stood then: rain, warnings, who had answered. Press N to come back to now.') },
  { page: '/', mark: 'warnings', head: t('3 · A warning goes to people'), text: t('Each warning calls named posts. The bar shows who acts, who answered, and, hatched, who has not.') },
  { page: '/', mark: 'unanswered', head: t('4 · Sent is not the end'), text: t('The longest silence stands first. No answer in time: the deputy is called, then the superior.') },
  { page: '/', mark: 'level', head: t('5 · A named person decides'), text: t('The clock runs from the moment the level was proposed. At +15 and +30 minutes it is passed up, and that is on record.') },
  { page: '/', mark: 'tasks', head: t('6 · Orders end when done'), text: t('A level in force sends its tasks to their posts. The report at the end says who was told when, and who did what.') },
];
const AT = 'anlan.tour';

const save = (at: number | null): void => (at === null ? localStorage.setItem(AT, 'done') : localStorage.setItem(AT, String(at)));

export function startTour(): void {
  document.addEventListener('click', (event) => {
    if ((event.target as Element).closest('[data-act="tour"]')) go(0);
  });
  if (!document.querySelector('.bar')) return;
  const at = localStorage.getItem(AT);
  if (at === null && document.querySelector('.drill-band')) offer();
  else if (at !== null && at !== 'done') show(Number(at));
}

function offer(): void {
  const box = card(t('New here?'), t('Six stops show how the storm runs through the console.'));
  box.append(row([t('Show me'), () => go(0)], [t('Not now'), () => end(box)]));
  document.getElementById('toasts')?.append(box);
}

function go(at: number): void {
  const stop = stops[at];
  if (!stop) return;
  save(at);
  if (location.pathname === stop.page) show(at);
  else location.assign(stop.page);
}

function show(at: number): void {
  document.querySelectorAll('.tour-card').forEach((old) => old.remove());
  document.querySelectorAll('.tour-mark').forEach((old) => old.classList.remove('tour-mark'));
  const stop = stops[at];
  if (!stop || stop.page !== location.pathname) return;
  const target = document.querySelector<HTMLElement>(`[data-tour="${stop.mark}"]`);
  target?.classList.add('tour-mark');
  target?.scrollIntoView({ block: 'center', behavior: 'instant' });
  const box = card(stop.head, stop.text);
  const last = at === stops.length - 1;
  box.append(row([last ? t('Done') : t('Next'), () => (last ? end(box) : go(at + 1))], [t('Leave the tour'), () => end(box)]));
  document.body.append(box);
  box.querySelector<HTMLElement>('button')?.focus();
}

function card(head: string, text: string): HTMLElement {
  const box = document.createElement('section');
  box.className = 'tour-card panel';
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-label', head);
  const title = document.createElement('h2');
  title.textContent = head;
  const body = document.createElement('p');
  body.textContent = text;
  box.append(title, body);
  box.addEventListener('keydown', (event) => event.key === 'Escape' && end(box));
  return box;
}

function row(...buttons: [string, () => void][]): HTMLElement {
  const line = document.createElement('div');
  line.className = 'row';
  buttons.forEach(([text, act], index) => {
    const button = document.createElement('button');
    button.className = index ? 'btn small quiet' : 'btn small primary';
    button.textContent = text;
    button.addEventListener('click', act);
    line.append(button);
  });
  return line;
}

function end(box: HTMLElement): void {
  save(null);
  box.remove();
  document.querySelectorAll('.tour-mark').forEach((old) => old.classList.remove('tour-mark'));
}
