import '../../css/orders.css';
import '../console';
import { openDialog } from '../keys';
import { t } from '../words';

const form = document.querySelector<HTMLFormElement>('#order-form');
const list = document.getElementById('receivers');
const field = (name: string): HTMLInputElement | HTMLSelectElement | null => form?.querySelector(`[name="${name}"]`) ?? null;

/** The lead is asked for where there is one, and an instruction's giver where there is one. */
function shape(): void {
  const kind = field('kind')?.value ?? '';
  for (const part of document.querySelectorAll<HTMLElement>('[data-of]')) part.hidden = part.dataset['of'] !== kind;
  list?.classList.toggle('no-lead', kind === 'notice');
  const nobody = document.getElementById('nobody');
  if (nobody) nobody.hidden = Boolean(list?.children.length);
}

function add(button: HTMLElement): void {
  const { pick = '', name = '', where = '' } = button.dataset;
  if (!list || list.querySelector(`input[value="${CSS.escape(pick)}"]`)) return;
  const row = document.createElement('li');
  const hidden = Object.assign(document.createElement('input'), { type: 'hidden', name: 'receivers', value: pick });
  const tick = Object.assign(document.createElement('label'), { className: 'tick' });
  const lead = Object.assign(document.createElement('input'), { type: 'radio', name: 'lead', value: pick, checked: !list.querySelector('[name=lead]:checked') });
  tick.append(lead, ' ', Object.assign(document.createElement('span'), { textContent: t('leads') }));
  const away = Object.assign(document.createElement('button'), { type: 'button', className: 'btn quiet small', textContent: '×', ariaLabel: `${t('Take away')} ${name}` });
  away.dataset['away'] = '';
  row.append(hidden, tick, Object.assign(document.createElement('b'), { textContent: name }), ' ', Object.assign(document.createElement('small'), { className: 'muted', textContent: where }), away);
  list.append(row);
  shape();
}

document.addEventListener('click', (event) => {
  const target = event.target as Element;
  const pick = target.closest<HTMLElement>('[data-pick]');
  if (pick) add(pick);
  const away = target.closest<HTMLElement>('[data-away]');
  if (away) {
    away.closest('li')?.remove();
    shape();
  }
  const open = target.closest<HTMLElement>('[data-open]');
  if (open) openDialog(open.dataset['open'] ?? '');
  if (target.closest('[data-verbal]')) verbal();
});

/** By word of mouth: the same form, with how and why; what is missing is said by the browser. */
function verbal(): void {
  const [way, why] = [document.querySelector<HTMLSelectElement>('[data-way]'), document.querySelector<HTMLInputElement>('[data-why]')];
  if (!form || !way || !why) return;
  for (const box of [way, why]) {
    box.setCustomValidity(box.value.trim() ? '' : t('Fill this in.'));
    if (!box.reportValidity()) return;
  }
  way.closest('dialog')?.close();
  if (!form.reportValidity()) return;
  for (const box of [way, why]) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: box.name, value: box.value }));
  form.submit();
}
for (const box of document.querySelectorAll<HTMLInputElement>('[data-way], [data-why]')) box.addEventListener('input', () => box.setCustomValidity(''));
form?.addEventListener('change', shape);
form?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  else if (event.key === 'Enter' && (event.target as Element).matches('[type=search]')) {
    event.preventDefault();
    document.querySelector<HTMLElement>('#posts-found [data-pick]')?.click();
  }
});
shape();
