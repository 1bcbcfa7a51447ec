import { chinese, t } from './words';

const zone = 'Asia/Shanghai';
const locale = chinese ? 'zh-CN' : 'en-GB';
const hm = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone });
const hms = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: zone });
const day = new Intl.DateTimeFormat(locale, { month: chinese ? 'long' : 'short', day: 'numeric', timeZone: zone });
const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: zone });

const month = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: zone });

type Moment = number | string;
const ms = (at: Moment): number => (typeof at === 'number' ? at : Date.parse(at));
const pad = (n: number): string => String(n).padStart(2, '0');

export const clockTime = (at: Moment): string => hm.format(ms(at));
export const clockSeconds = (at: Moment): string => hms.format(ms(at));
export const dayName = (at: Moment): string => day.format(ms(at));
export const monthName = (at: Moment): string => month.format(ms(at));
export const dayTime = (at: Moment): string => `${dayName(at)} ${clockTime(at)}`;
export const hourOf = (at: Moment): number => Number(hour.format(ms(at)));

/** A duration in two units; the same wording as the server's `span`. */
export function span(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const m = Math.floor(total / 60);
  if (total >= 3600) return t('{h} h {m} min', { h: Math.floor(total / 3600), m: pad(m % 60) });
  if (total >= 600) return t('{m} min', { m });
  return t('{m} min {s} s', { m, s: pad(total % 60) });
}

/** A number in groups of three: 45,899; as the server's `grouped`. */
export const grouped = (n: number): string => thousands.format(n);
const thousands = new Intl.NumberFormat('en-US');

/** A running clock: 4:05, 14:22, 1:02:09. */
export function running(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return h ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}
