import '../../css/registers.css';
import '../../css/monitoring.css';
import '../../css/signals.css';
import '../console';
import { key } from '../keys';
import { ask } from '../lane';
import { startList } from '../registers/list';
import { startRuleEditor } from './ruleEditor';

/** The board asks for its own list again when the feed told of signals; what is chosen and scrolled stays. */
function follow(): void {
  const host = document.querySelector<HTMLElement>('form[data-parts]');
  if (!host) return;
  let told = '';
  new MutationObserver(() => {
    const now = document.getElementById('part-board')?.dataset['told'] ?? '';
    const list = document.getElementById('list');
    if (!now || now === told || !list) return;
    told = now;
    void ask('told', 'GET', list.dataset['address'] ?? '', { target: list, swap: 'outerMorph' });
  }).observe(host, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-told'] });
}

key('i', () => document.querySelector<HTMLAnchorElement>('#to-incident')?.click());
key('w', () => document.querySelector<HTMLAnchorElement>('#to-warning')?.click());
startList();
follow();
startRuleEditor();
