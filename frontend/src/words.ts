import type { Names } from './types';

const catalogue = readCatalogue();
export const chinese = document.documentElement.lang.startsWith('zh');

function readCatalogue(): Record<string, string> {
  const block = document.getElementById('words');
  return block?.textContent ? (JSON.parse(block.textContent) as Record<string, string>) : {};
}

/** The words for an English msgid in the page's language; `{name}` is filled from `values`. */
export function t(msgid: string, values: Record<string, string | number> = {}): string {
  return (catalogue[msgid] ?? msgid).replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? `{${key}}`));
}

/** A name of the state in the page's language. */
export function say(value: unknown): string {
  if (value && typeof value === 'object') {
    const names = value as Partial<Names>;
    return (chinese ? names.zh || names.en : names.en || names.zh) ?? '';
  }
  return value === null || value === undefined ? '' : String(value);
}
