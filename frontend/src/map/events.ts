import type { Entry, Item, Items } from '../types';
import { say, t } from '../words';

/** What the live list says, by kind of journal entry. Kinds without words stay out of the list. */
const TEXT: Record<string, [icon: string, words: string]> = {
  'signal.opened': ['activity', t('Signal: {name}')],
  'signal.raised': ['activity', t('Signal raised: {name}')],
  'signal.cleared': ['activity', t('Signal cleared: {name}')],
  'station.silent': ['wifi-off', t('Silent: {name}')],
  'station.heard': ['radio', t('Heard again: {name}')],
  'proposal.opened': ['bell', t('A warning is proposed')],
  'proposal.escalated': ['bell-ring', t('Warning proposal passed up')],
  'warning.issued': ['megaphone', t('Warning issued: {name}')],
  'warning.cancelled': ['megaphone', t('Warning cancelled: {name}')],
  'calls.placed': ['phone-call', t('People called: {name}')],
  'channel.missing': ['triangle-alert', t('A required channel was not used')],
  'level.proposed': ['bell-ring', t('A response level is proposed')],
  'level.undecided': ['clock', t('Time to decide has passed')],
  'level.escalated': ['clock', t('Proposal passed up to the superior')],
  'level.started': ['flag', t('Response level in force')],
  'level.raised': ['flag', t('Response level raised')],
  'level.lowered': ['flag', t('Response level lowered')],
  'level.ended': ['flag', t('Response ended')],
  'tasks.issued': ['list-checks', t('Tasks sent to their posts')],
  'task.overdue': ['triangle-alert', t('Task overdue: {name}')],
  'stopline.crossed': ['hand', t('Stop-line crossed: {name}')],
  'stopline.acted': ['check', t('Stop-line acted on: {name}')],
  'incident.opened': ['siren', t('Incident: {name}')],
  'contact.lost': ['phone-off', t('Contact lost: {name}')],
  'command.unattended': ['triangle-alert', t('The command post is empty')],
  'report.breach': ['triangle-alert', t('A report was not sent')],
  'drill.fact_noted': ['file-text', t('On record: {name}')],
};

export interface Told { at: string; icon: string; text: string; about: string; place: Item | null }

function about(entry: Entry, items: Items): Item | null {
  const [kind, id] = entry.about.split(':', 2) as [string, string?];
  return id ? (items[kind]?.[id] ?? null) : null;
}

export function tell(entry: Entry, items: Items, divisions: Map<string, string>): Told | null {
  const [icon, words] = TEXT[entry.kind] ?? [];
  if (!icon || !words) return null;
  const item = about(entry, items);
  const name = say(entry.title) || say(item?.['name'] ?? item?.['headline'] ?? item?.['title'] ?? item?.['text']) || (divisions.get(entry.division) ?? '');
  return { at: entry.at, icon, text: t(words, { name }).replace(/[:：]\s*$/, ''), about: entry.about, place: item };
}
