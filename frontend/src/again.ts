/** A form that was refused on another page comes back as it was typed: the fold or dialog it stood in is open again. */

const KEPT = 'anlan.again';
type Kept = { page: string; place: number; action: string; fields: [string, string][] };
const forms = (action: string): HTMLFormElement[] =>
  [...document.querySelectorAll<HTMLFormElement>('main form[method=post]')].filter((form) => (form.getAttribute('action') ?? '') === action);
const boxes = (form: HTMLFormElement, name: string): Element[] => [...form.elements].filter((box) => box.getAttribute('name') === name);

function keep(form: HTMLFormElement): void {
  const action = form.getAttribute('action') ?? '';
  const fields = [...new FormData(form)].filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string' && pair[0] !== 'csrfmiddlewaretoken' && !boxes(form, pair[0]).some((box) => box.matches('[type=hidden], [type=password]')),
  );
  const kept: Kept = { page: location.pathname, place: forms(action).indexOf(form), action, fields };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

function restore(form: HTMLFormElement, fields: [string, string][]): void {
  for (const box of form.elements) {
    const told = fields.filter(([name]) => name === box.getAttribute('name')).map(([, value]) => value);
    if (box instanceof HTMLInputElement && /^(checkbox|radio)$/.test(box.type)) box.checked = told.includes(box.value);
    else if (box instanceof HTMLSelectElement) for (const option of box.options) option.selected = told.includes(option.value);
    else if ((box instanceof HTMLInputElement && box.type !== 'hidden') || box instanceof HTMLTextAreaElement) box.value = told[0] ?? box.value;
    if (told.length && !box.matches('[data-submit]')) box.dispatchEvent(new Event('change', { bubbles: true }));
  }
  for (let fold = form.closest('details'); fold; fold = fold.parentElement?.closest('details') ?? null) fold.open = true;
  const dialog = form.closest('dialog');
  if (dialog && !dialog.open) dialog.showModal();
  form.querySelector<HTMLElement>('input:not([type=hidden]), textarea, select')?.focus();
}

export function startAgain(): void {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Kept | null;
  sessionStorage.removeItem(KEPT);
  if (kept && kept.page === location.pathname && document.querySelector('[data-refused]')) {
    const form = forms(kept.action)[kept.place];
    if (form) restore(form, kept.fields);
  }
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.method === 'post' && !event.defaultPrevented) keep(form);
  });
}
