import htmx from 'htmx.org';

type Ask = { target: HTMLElement; swap: string; values?: Record<string, FormDataEntryValue>; sync?: 'replace' | 'queue all' };
const lanes = new Map<string, HTMLElement>();

function lane(name: string, sync: string): HTMLElement {
  const known = lanes.get(name);
  if (known?.isConnected) return known;
  const made = document.createElement('span');
  made.hidden = true;
  made.setAttribute('hx-sync', sync);
  document.body.append(made);
  lanes.set(name, made);
  return made;
}

/** Ask for a part of the page. In one lane a new question takes the place of the one under way (or waits for it: sync);
 *  lanes don't wait for each other. htmx lets all questions without a source of their own stand in one line, and drops
 *  the third. */
export async function ask(name: string, verb: 'GET' | 'POST', address: string, how: Ask): Promise<void> {
  const { sync = 'replace', ...options } = how;
  await htmx.ajax(verb, address, { source: lane(name, sync), ...options });
}
