import { clock } from '../console';
import { clockTime, dayTime, grouped } from '../format';
import type { Names } from '../types';
import { say, t } from '../words';

export interface GroupTask { id: string; text: Names; owner: Names; state: string; due_at: string; incident: string | null }
export interface GroupTasks { open: number; overdue: number; done: number; rows: GroupTask[] }
export interface Narrowed { words: string[]; incident: string; red: boolean }

const make = <K extends keyof HTMLElementTagNameMap>(tag: K, name = '', ...inside: (Node | string)[]): HTMLElementTagNameMap[K] => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...inside);
  return node;
};
const late = (task: GroupTask): boolean => task.state === 'overdue' || Date.parse(task.due_at) < clock.now();

/** The most urgent of a group's tasks that the filters leave. */
function left(tasks: GroupTasks | undefined, by: Narrowed): GroupTask[] {
  return (tasks?.rows ?? []).filter((one) => {
    const text = [one.text.zh, one.text.en, one.owner.zh, one.owner.en].join(' ').toLowerCase();
    return (!by.incident || one.incident === by.incident) && (!by.red || late(one)) && by.words.every((word) => text.includes(word));
  });
}

/** Tasks of the plans below a group's orders: how many, and the most urgent by name. Nothing when there is none. */
export function planTasks(tasks: GroupTasks | undefined, by: Narrowed): HTMLElement | null {
  if (!tasks) return null;
  const rows = left(tasks, by);
  const narrowed = Boolean(by.incident || by.red || by.words.length);
  if (narrowed ? !rows.length : !tasks.open && !tasks.done) return null;
  const head = make('p', 'plan-tasks-head', make('b', '', t('Tasks of plans and others')));
  if (!narrowed) {
    head.append(make('span', 'muted', t('{n} open', { n: grouped(tasks.open) })));
    if (tasks.overdue) head.append(make('span', 'status s-overdue', t('{n} overdue', { n: grouped(tasks.overdue) })));
    if (tasks.done) head.append(make('span', 'muted', t('{n} done', { n: grouped(tasks.done) })));
  }
  const list = make('ul', 'rows plan-tasks-rows', ...rows.map((one) => {
    const link = make('a', '', say(one.text));
    link.href = `/response/tasks/${one.id}`;
    const due = make('time', late(one) ? 'c-overdue' : 'muted', clockTime(one.due_at));
    due.dateTime = one.due_at;
    due.title = dayTime(one.due_at);
    return make('li', '', make('div', 'main', link, make('div', 'sub', say(one.owner))), due);
  }));
  const more = tasks.open - tasks.rows.length;
  if (!narrowed && more > 0) {
    const all = make('a', '', t('and {n} more', { n: grouped(more) }));
    all.href = '/response#tasks';
    list.append(make('li', '', all));
  }
  return make('div', 'plan-tasks', head, list);
}
