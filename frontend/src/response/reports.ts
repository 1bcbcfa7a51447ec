import '../../css/registers.css';
import '../../css/signals.css';
import '../../css/received.css';
import '../../css/board.css';
import '../../css/duty.css';
import '../../css/reporting.css';
import '../console';

// Once a minute the lists are asked for even when nothing happened (a window that was served moves on without a word),
// unless somebody types, ticks or reads in them.
document.body.addEventListener('htmx:before:request', (event) => {
  const host = event.target;
  if (!(host instanceof HTMLElement) || host.dataset['parts'] === undefined) return;
  const ticked = [...host.querySelectorAll<HTMLInputElement>('[type=checkbox]')].some((box) => box.checked !== box.defaultChecked);
  if (document.hidden || ticked || host.querySelector('details[open], input:focus')) event.preventDefault();
});

const form = document.querySelector<HTMLFormElement>('#report');
if (form)
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
