import '../../css/plans.css';

/** The form of a plan being written: Ctrl+S keeps it, and leaving with words not kept asks first. */
const form = document.querySelector<HTMLFormElement>('#plan-form');
if (form) {
  let changed = false;
  form.addEventListener('input', () => (changed = true));
  form.addEventListener('submit', () => (changed = false));
  addEventListener('beforeunload', (event) => {
    if (changed) event.preventDefault();
  });
  addEventListener('keydown', (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
