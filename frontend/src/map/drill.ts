import type { WorldClock } from '../clock';
import { t } from '../words';

/** Pause, resume and speed of the drill, for those who may. */
export function startDrillControls(clock: WorldClock): void {
  const button = document.getElementById('drill-state');
  const speed = document.getElementById('drill-speed') as HTMLSelectElement | null;
  if (!button || !speed) return;
  let shown = '';
  const show = (): void => {
    const state = clock.item.state ?? 'running';
    if (shown === state) return;
    shown = state;
    button.dataset['state'] = state;
    button.querySelector('span')?.replaceChildren(state === 'running' ? t('Pause') : t('Resume'));
    const use = button.querySelector('use');
    use?.setAttribute('href', (use.getAttribute('href') ?? '').replace(/#.*/, state === 'running' ? '#pause' : '#play'));
  };
  speed.value = speed.dataset['speed'] ?? '60';
  const send = async (body: Record<string, string>): Promise<void> => {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
    const answer = await fetch('/drill/control', { method: 'POST', headers: { 'X-CSRFToken': token, Accept: 'application/json' }, body: new URLSearchParams(body) });
    if (answer.ok) clock.set((await answer.json()) as typeof clock.item);
    show();
  };
  button.addEventListener('click', () => void send({ state: clock.item.state === 'running' ? 'paused' : 'running' }));
  speed.addEventListener('change', () => void send({ speed: speed.value }));
  show();
  window.setInterval(show, 1000);
}
