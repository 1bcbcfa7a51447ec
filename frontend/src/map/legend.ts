import { key } from '../keys';
import type { Items } from '../types';
import { t } from '../words';
import type { Drawing } from './drawing';
import { RAIN_STEPS, type RainWindow } from './theme';

const SWATCH: Record<string, string> = {
  warnings: '<path d="M2 14 14 2M-2 10 10-2M6 18 18 6" stroke="var(--warn-orange)" stroke-width="1.5"/><rect x="1" y="1" width="14" height="14" fill="none" stroke="var(--warn-orange)" stroke-width="2"/>',
  calls: '<circle cx="8" cy="8" r="6.5" fill="var(--st-overdue)" fill-opacity=".16" stroke="var(--st-overdue)" stroke-width="1.6"/>',
  rain: '<circle cx="5" cy="9" r="4" fill="var(--rain-3)"/><circle cx="12" cy="6" r="3" fill="none" stroke="var(--st-silent)" stroke-dasharray="2 1.6" stroke-width="1.4"/>',
  signals: '<path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5Z" fill="var(--warn-red)" stroke="var(--ink)" stroke-width="1.2"/>',
  tasks: '<circle cx="8" cy="8" r="5" fill="var(--panel)" stroke="var(--ink-3)" stroke-width="2.4"/>',
  stoplines: '<circle cx="8" cy="8" r="6.5" fill="none" stroke="var(--ink-3)" stroke-width="1.8"/><path d="M4 8h8" stroke="var(--ink-3)" stroke-width="2.4"/>',
  incidents: '<rect x="1" y="1" width="14" height="14" rx="2.5" fill="var(--plate)"/><path d="M8 4v5M8 10.8v1.4" stroke="var(--plate-ink)" stroke-width="1.8"/>',
};

const names = (): Record<string, string> => ({
  warnings: t('Warning areas'), calls: t('Have not answered'), rain: t('Gauges (hollow: silent)'), signals: t('Signals'),
  tasks: t('Tasks'), stoplines: t('Stop-lines'), incidents: t('Incidents'),
});
const windows = (): [RainWindow, string][] => [['rain_1h', t('1 h')], ['rain_3h', t('3 h')], ['rain_24h', t('24 h')]];

/** Layers and legend in one: what a mark means is where you switch it. */
export class Legend {
  private readonly host = document.getElementById('legend') as HTMLElement;
  private readonly drawing: Drawing;

  constructor(drawing: Drawing) {
    this.drawing = drawing;
    this.host.innerHTML = this.markup();
    this.host.addEventListener('change', (event) => {
      const box = event.target as HTMLInputElement;
      if (box.name) drawing.toggle(box.name, box.checked);
    });
    this.host.addEventListener('click', (event) => {
      const button = (event.target as Element).closest<HTMLElement>('[data-rain]');
      if (button) this.rain(button.dataset['rain'] as RainWindow);
      if ((event.target as Element).closest('[data-act="layers"]')) this.fold();
    });
    key('l', () => this.fold(false));
    this.rain('rain_1h');
    if (innerWidth < 760) this.fold();
  }

  counts(items: Items): void {
    const count: Record<string, number> = {
      warnings: Object.values(items['warning'] ?? {}).filter((item) => item['state'] === 'in_force').length,
      calls: Object.values(items['calls'] ?? {}).reduce((sum, item) => sum + Number(item['waiting'] ?? 0), 0),
      rain: Object.values(items['station'] ?? {}).filter((item) => item['state'] === 'silent').length,
      signals: Object.values(items['signal'] ?? {}).filter((item) => item['state'] === 'firing').length,
      tasks: Object.values(items['task'] ?? {}).filter((item) => item['state'] === 'overdue').length,
      stoplines: Object.values(items['stopline'] ?? {}).filter((item) => item['state'] === 'crossed').length,
      incidents: Object.values(items['incident'] ?? {}).filter((item) => item['state'] !== 'closed').length,
    };
    for (const node of this.host.querySelectorAll<HTMLElement>('[data-count]')) node.textContent = String(count[node.dataset['count'] ?? ''] ?? '');
  }

  private fold(focusOnly = true): void {
    const folded = focusOnly || innerWidth < 760 ? this.host.classList.toggle('folded') : this.host.classList.remove('folded');
    this.host.querySelector('[data-act="layers"]')?.setAttribute('aria-expanded', String(!folded));
    if (!focusOnly) this.host.querySelector<HTMLElement>('input')?.focus();
  }

  private rain(field: RainWindow): void {
    this.drawing.setRain(field);
    for (const button of this.host.querySelectorAll<HTMLElement>('[data-rain]')) button.setAttribute('aria-pressed', String(button.dataset['rain'] === field));
    const ticks = ['', ...(RAIN_STEPS[field] ?? [])].map((limit) => `<span>${limit}</span>`).join('');
    const ramp = this.host.querySelector('.ramp');
    if (ramp) ramp.innerHTML = [0, 1, 2, 3, 4, 5, 6].map((i) => `<i class="r${i}"></i>`).join('') + ticks;
  }

  private markup(): string {
    const rows = Object.entries(names()).map(
      ([id, name]) =>
        `<label><input type="checkbox" name="${id}"${this.drawing.visible(id) ? ' checked' : ''}><svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">${SWATCH[id] ?? ''}</svg><span>${name}</span><span class="count" data-count="${id}"></span></label>`,
    );
    const buttons = windows().map(([id, name]) => `<button type="button" data-rain="${id}">${name}</button>`);
    return `<div class="panel-head"><h2>${t('Layers')} <kbd>l</kbd></h2><span class="end"><button class="btn quiet small" type="button" data-act="layers" aria-expanded="true" aria-label="${t('Fold the legend')}">–</button></span></div>
      <fieldset><legend class="sr">${t('Layers')}</legend>${rows.join('')}</fieldset>
      <fieldset><legend class="label">${t('Rain, mm')}</legend><div class="segmented">${buttons.join('')}</div><div class="ramp"></div></fieldset>`;
  }
}
