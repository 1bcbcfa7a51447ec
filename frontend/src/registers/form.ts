/** Forms by hand: "take theirs" after a conflict; a place's kind brings its own fields; leaving with changes asks first. */
export function startForm(): void {
  const form = document.querySelector<HTMLFormElement>('form.entry');
  if (!form) return;
  let touched = false;
  form.addEventListener('input', () => (touched = true));
  form.addEventListener('submit', () => (touched = false));
  form.addEventListener('change', (event) => {
    const target = event.target as HTMLElement;
    if (target.dataset['resubmit'] !== undefined) {
      touched = false;
      form.submit(); // without "save": the form comes back with the fields of that kind
    }
  });
  form.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-take]');
    const input = button && (document.getElementById(button.dataset['take'] ?? '') as HTMLInputElement | null);
    if (!button || !input) return;
    input.value = button.dataset['text'] ?? '';
    button.closest('.theirs')?.remove();
    touched = true;
  });
  addEventListener('beforeunload', (event) => touched && event.preventDefault());
  document.getElementById('faults')?.focus();
}
