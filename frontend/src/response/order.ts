import '../../css/orders.css';
import { store } from '../console';
import { openDialog } from '../keys';
import { startQueue } from './queue';

document.addEventListener('click', (event) => {
  const open = (event.target as Element).closest<HTMLElement>('[data-open]');
  if (open) openDialog(open.dataset['open'] ?? '');
});

/** What this page shows has moved: reload it unless somebody is writing in it. */
const own = location.pathname.split('/').pop() ?? '';
let stale = false;
const busy = (): boolean =>
  Boolean(document.querySelector('dialog[open], details.pop[open]')) ||
  [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('main input:not([type=hidden]), main textarea')].some((box) => box.value !== box.defaultValue);
store.subscribe((_, frame) => {
  if (!frame) return;
  const mine = own === 'mine' ? ['order', 'task', 'levelproposal'].some((name) => name in frame.set) : own in (frame.set['order'] ?? {});
  if (mine) stale = true;
});
window.setInterval(() => {
  if (stale && !busy() && !document.hidden) location.reload();
}, 1000);
startQueue(() => undefined); // what a phone still holds goes out from here too
