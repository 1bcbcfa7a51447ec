/** What the state holds. Times are ISO in UTC, names carry both languages. */
export interface Names { zh: string; en: string }
export interface Item { [field: string]: unknown }
export type Items = Record<string, Record<string, Item>>;

export interface ClockItem {
  now: string; drill: boolean; scenario?: string; seed?: number; speed?: number; state?: string; start?: string; end?: string;
}
export interface State { seq: number; clock: ClockItem; at?: string | null; items: Items }
export interface Entry { seq: number; kind: string; about: string; division: string; at: string; title?: Names | null }
export interface Frame {
  seq: number; clock: ClockItem; whole: string[]; events: Entry[]; set: Record<string, Record<string, Item | null>>;
}
