import '../../css/registers.css';
import '../../css/signals.css';
import '../../css/received.css';
import '../console';

/** Lists that renew themselves wait while somebody types in them or has a box open. */
document.body.addEventListener('htmx:before:request', (event) => {
  const list = event.target;
  if (!(list instanceof HTMLElement) || !list.id.endsWith('-now')) return;
  if (document.hidden || list.querySelector('details[open]') || list.querySelector('input:focus, select:focus')) event.preventDefault();
});
