import { dayName, hourOf, monthName } from '../format';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEIJING = 8 * HOUR;
const STEPS = [HOUR / 6, HOUR / 2, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY];

export interface Tick { at: number; text: string; strong: boolean }

/** About `most` round figures between low and high. */
export function ticks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let n = Math.ceil(low / step); n * step <= high + step * 1e-9; n++) found.push(Number((n * step).toPrecision(12)));
  return found;
}

/** Times to write under a chart, on whole hours or days of Beijing. */
export function timeTicks(start: number, end: number, most: number): Tick[] {
  if ((end - start) / (14 * DAY) > most) return monthTicks(start, end, most);
  const step = STEPS.find((each) => (end - start) / each <= most) ?? 365 * DAY;
  const first = Math.ceil((start + BEIJING) / step) * step - BEIJING;
  const found: Tick[] = [];
  for (let at = first; at <= end; at += step) {
    const midnight = (at + BEIJING) % DAY === 0;
    const text = step >= DAY || midnight ? dayName(at) : clock(at);
    found.push({ at, text, strong: midnight && step < DAY });
  }
  return found;
}

/** The first of every so many months. */
function monthTicks(start: number, end: number, most: number): Tick[] {
  const every = [1, 2, 3, 6, 12].find((n) => (end - start) / (n * 30.4 * DAY) <= most) ?? 12;
  const first = new Date(start + BEIJING);
  const found: Tick[] = [];
  for (let month = Math.ceil(first.getUTCMonth() / every) * every; ; month += every) {
    const at = Date.UTC(first.getUTCFullYear(), month, 1) - BEIJING;
    if (at > end) return found;
    if (at >= start) found.push({ at, text: monthName(at), strong: new Date(at + BEIJING).getUTCMonth() === 0 });
  }
}

const pad = (n: number): string => String(n).padStart(2, '0');
const clock = (at: number): string => `${pad(hourOf(at))}:${pad(Math.floor((at % HOUR) / 60_000))}`;

/** Lowest and highest of what a chart shows, a little room round it; amounts stand on 0. */
export function domain(values: (number | null)[], lines: number[], zero: boolean): [number, number] {
  const known = values.filter((value): value is number => value !== null);
  let low = known.reduce((a, b) => Math.min(a, b), Infinity);
  let high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!known.length) [low, high] = lines.length ? [Math.min(...lines), Math.max(...lines)] : [0, 1];
  if (zero) low = Math.min(0, low);
  const reach = Math.max(high - low, Math.abs(high) * 0.005, 0.1) * 1.6;
  // A line near by belongs into the picture: how far it is still is what one wants to see.
  for (const line of lines) if (line > high && line - high <= reach) high = line;
  for (const line of lines) if (!zero && line < low && low - line <= reach / 2) low = line;
  const room = Math.max((high - low) * 0.07, Math.abs(high) * 0.0005, zero ? 0.5 : 0.02);
  return [zero && low >= 0 ? 0 : low - room, high + room];
}
