import { ask } from '../lane';

const PAUSE_MS = 350;

/** The editor of a rule: checked as it is typed; Tab makes two blanks, Escape then Tab leaves; text that isn't saved is not lost by a slip. */
export function startRuleEditor(): void {
  const text = document.querySelector<HTMLTextAreaElement>('#rule-text');
  const form = text?.form;
  if (!text || !form) return;
  let timer = 0;
  let leaving = false;
  let saved = text.value;
  let turn = 0;

  const check = async (): Promise<void> => {
    const mine = ++turn;
    const target = document.getElementById('rule-told');
    if (!target) return;
    const values = Object.fromEntries(new FormData(form).entries());
    await ask('check', 'POST', form.dataset['check'] ?? '', { target, swap: 'innerHTML', values });
    if (mine !== turn) return;
    const bad = !!target.querySelector('[data-bad]');
    text.setAttribute('aria-invalid', String(bad));
    for (const button of form.querySelectorAll<HTMLButtonElement>('button[data-needs-good]')) button.disabled = bad;
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void check(), PAUSE_MS);
  });
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leaving = true;
    else if (event.key === 'Tab' && !leaving && !event.shiftKey) {
      event.preventDefault();
      text.setRangeText('  ', text.selectionStart, text.selectionEnd, 'end');
      text.dispatchEvent(new Event('input', { bubbles: true }));
    } else if (event.key !== 'Tab') leaving = false;
  });
  text.addEventListener('focus', () => (leaving = false));
  form.addEventListener('submit', () => (saved = text.value));
  addEventListener('beforeunload', (event) => {
    if (text.value !== saved) event.preventDefault();
  });
  void check();
}
