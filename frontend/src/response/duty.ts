import '../../css/registers.css';
import '../../css/duty_desk.css';
import '../console';
import { key, openDialog } from '../keys';

for (const field of document.querySelectorAll<HTMLElement>('[data-key-focus]')) key(field.dataset['keyFocus'] ?? '', () => field.focus());

document.addEventListener('change', (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && 'submit' in field.dataset) field.form?.requestSubmit();
});
document.addEventListener('keydown', (event) => {
  const field = event.target;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && field instanceof HTMLTextAreaElement && 'send' in field.dataset) {
    event.preventDefault();
    field.form?.requestSubmit();
  }
});

/** The month is walked with the arrow keys, cell by cell; Enter opens one, as a click does. */
function cells(): HTMLElement[][] {
  return [...document.querySelectorAll<HTMLTableRowElement>('[data-grid] tbody tr')]
    .map((row) => [...row.querySelectorAll<HTMLElement>('a.cell, button.cell')])
    .filter((row) => row.length);
}
function step(event: KeyboardEvent): void {
  const here = document.activeElement;
  if (!(here instanceof HTMLElement) || !here.classList.contains('cell')) return;
  const rows = cells();
  const y = rows.findIndex((row) => row.includes(here));
  const x = rows[y]?.indexOf(here) ?? 0;
  const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  rows[y + move[0]]?.[x + move[1]]?.focus();
}
document.querySelector('[data-grid]')?.addEventListener('keydown', (event) => step(event as KeyboardEvent));
key('e', () => cells()[0]?.[0]?.focus());

document.addEventListener('click', (event) => {
  const cell = (event.target as Element).closest<HTMLElement>('button.cell');
  const form = document.querySelector<HTMLFormElement>('#edit form');
  if (!cell || !form) return;
  form.action = `/response/duty/roster/shifts/${cell.dataset['shift']}`;
  const field = (name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;
  field('role').value = cell.dataset['role'] ?? '';
  field('reason').value = cell.dataset['reason'] ?? '';
  field('person').value = '';
  form.querySelector('[data-what]')?.replaceChildren(`${cell.dataset['what']}: ${cell.textContent}`);
  openDialog('edit');
  field('person').focus();
});
// Back from a change: the cell that was changed is where the reader goes on.
if (location.hash.startsWith('#s-')) document.getElementById(location.hash.slice(1))?.focus();
