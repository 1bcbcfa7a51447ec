import '../../css/incidents.css';
import '../console';
import { key } from '../keys';
import { t } from '../words';
import { forgetSheets, startSheet } from './sheet';

const sheet = document.querySelector<HTMLFormElement>('#sheet');
if (sheet) startSheet(sheet);
if (new URLSearchParams(location.search).has('taken')) forgetSheets();

// Keys shown on the page's own buttons: n, o, c, r, f.
for (const target of document.querySelectorAll<HTMLElement>('main [data-key]'))
  key(target.dataset['key'] ?? '', () => {
    target.click();
    target.closest('details')?.querySelector<HTMLElement>('select, input:not([type=hidden])')?.focus();
  });

document.querySelector('[data-print]')?.addEventListener('click', () => window.print());

// Rows of the list: j and k walk, Enter follows the link that has the focus.
const links = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-row] .what a')];
function walk(by: number): void {
  const all = links();
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
}
if (links().length || document.getElementById('incidents')) {
  key('j', () => walk(1));
  key('k', () => walk(-1));
}

// A figure that is a word asks for the word.
const metric = document.querySelector<HTMLSelectElement>('#new-figure [name=metric]');
metric?.addEventListener('change', () => {
  const worded = metric.selectedOptions[0]?.dataset['words'] !== undefined;
  const word = document.querySelector<HTMLElement>('#new-figure [data-word]');
  const number = document.querySelector<HTMLInputElement>('#new-figure [name=value]');
  if (word) word.hidden = !worded;
  if (number?.parentElement) number.parentElement.hidden = worded;
});

// Who called is shown in full for a reason, which goes on record.
document.querySelector<HTMLFormElement>('form.caller')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.currentTarget as HTMLFormElement;
  const told = form.querySelector('output');
  void fetch(form.dataset['caller'] ?? '', { method: 'POST', body: new FormData(form) })
    .then((answer) => answer.json())
    .then((who: Record<string, string>) => {
      if (!told) return;
      told.textContent = who['refusal'] ?? [who['unit'], who['post'], who['name'], who['phone']].filter(Boolean).join(' ');
    })
    .catch(() => told?.replaceChildren(t('This could not be asked just now; what you wrote is still here.')));
});
