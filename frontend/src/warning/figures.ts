/** The figures of a call board, kept by differences: one changed township costs what it holds, not the whole board. */
export const KEYS = ['targeted', 'answered', 'acting', 'need_help', 'waiting', 'escalated', 'exhausted'] as const;
export type Row = Record<string, number>;
export interface Town {
  warning: string; code: string; oldest: string | null; cells: [string, string, ...number[]][]; via: Record<string, number>;
}
export interface Reach {
  channels: ({ code: string; missing: boolean; down: boolean } & Record<'targeted' | 'sent' | 'delivered' | 'failed', number>)[];
  cells: [string, string, number, number][];
}

export class Figures {
  readonly rows = new Map<string, Row>();
  readonly towns = new Map<string, Town>();
  readonly dirty = new Set<string>();

  /** Put one township's item in the place of what it was; null takes it away. */
  put(key: string, item: Town | null): void {
    const before = this.towns.get(key);
    if (before) this.add(before, -1);
    if (item) {
      this.towns.set(key, item);
      this.add(item, 1);
    } else this.towns.delete(key);
    this.dirty.add(`town:${(item ?? before)?.code ?? ''}`);
  }

  /** Everything anew, after a gap. */
  load(items: Record<string, Town>): void {
    for (const key of this.towns.keys()) if (!(key in items)) this.put(key, null);
    for (const [key, item] of Object.entries(items)) this.put(key, item);
  }

  /** How far the words have come, as last told. */
  reached(reach: Reach): void {
    for (const row of this.rows.values()) row['sent'] = row['delivered'] = 0;
    for (const [level, role, sent, delivered] of reach.cells)
      for (const name of ['total', `level:${level}`, `role:${role}`]) {
        const row = this.row(name);
        row['sent'] = (row['sent'] ?? 0) + sent;
        row['delivered'] = (row['delivered'] ?? 0) + delivered;
      }
    for (const { code, targeted, sent, delivered, failed } of reach.channels) Object.assign(this.row(`channel:${code}`), { targeted, sent, delivered, failed });
  }

  oldest(code: string): string | null {
    let found: string | null = null;
    for (const town of this.towns.values()) if (town.code === code && town.oldest && (!found || town.oldest < found)) found = town.oldest;
    return found;
  }

  private add(item: Town, sign: number): void {
    for (const [level, role, ...counts] of item.cells)
      for (const name of ['total', `level:${level}`, `role:${role}`, `town:${item.code}`]) {
        const row = this.row(name);
        KEYS.forEach((key, n) => (row[key] = (row[key] ?? 0) + sign * (counts[n] ?? 0)));
        row['silent'] = (row['targeted'] ?? 0) - (row['answered'] ?? 0);
      }
    for (const [channel, count] of Object.entries(item.via)) {
      const row = this.row(`channel:${channel}`);
      row['answered'] = (row['answered'] ?? 0) + sign * count;
    }
  }

  private row(name: string): Row {
    this.dirty.add(name);
    let row = this.rows.get(name);
    if (!row) this.rows.set(name, (row = { sent: 0, delivered: 0 }));
    return row;
  }
}
