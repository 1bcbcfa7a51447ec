import { dayTime } from '../format';
import { type Band, type Chart, doubted, figure, inStep, type Line } from './data';
import { domain, ticks, timeTicks } from './scale';

const SHAPES: Record<string, string> = {
  blue: '<circle cx="8" cy="8" r="6.5"/>', yellow: '<path d="M8 1.2 15.2 14.4H.8Z"/>', orange: '<path d="M8 .8 15.2 8 8 15.2.8 8Z"/>',
  red: '<path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5Z"/>',
};
const safe = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const LANE = 0.8;
const MOST_LANES = 6;
const n1 = (value: number): string => value.toFixed(1);

export interface Frame { left: number; right: number; top: number; bottom: number; x(at: number): number; at(x: number): number; y(value: number): number; ySum(value: number): number }

/** Draw one chart into its host; what the pointer and the keys need to know comes back. */
export function draw(host: HTMLElement, chart: Chart): Frame {
  const wide = Math.max(280, host.clientWidth);
  const phone = wide < 520;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const lanes = lanesOf(chart.signals);
  const rows = lanes.length ? Math.max(...lanes) + 1 : 0;
  const small = host.closest('[data-main]') === null;
  const high = Math.round(((small ? 8.5 : chart.kind === 'increment' ? 12.5 : 15) + Math.max(0, rows - 1) * LANE) * rem);
  const summed = chart.window > 0 && chart.sums.length > 0;
  const frame = frameOf(chart, { left: 3.1 * rem, right: wide - (phone ? 0.8 : 1) * rem, top: (rows ? 0.9 + rows * LANE : 0.7) * rem, bottom: high - 1.6 * rem }, summed);
  const parts = [
    grid(chart, frame, rem), silences(chart, frame), chart.kind === 'increment' ? bars(chart, frame) : curve(chart, frame),
    summed ? sums(chart, frame) : '', thresholds(chart.lines, frame, frame.y, chart.decimals), summed ? thresholds(chart.sum_lines, frame, frame.ySum, 0) : '',
    doubts(chart, frame), signals(chart, frame, lanes, rem), '<g class="cursor" visibility="hidden"><line/><circle r="4"/></g><rect class="drag" visibility="hidden"/>',
  ];
  host.innerHTML = `<svg viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" aria-hidden="true">${parts.join('')}</svg>`;
  return frame;
}

function frameOf(chart: Chart, box: { left: number; right: number; top: number; bottom: number }, summed: boolean): Frame {
  const good = chart.value.map((value, i) => (doubted(chart, i) ? null : value));
  const zero = chart.kind === 'increment';
  const [low, top] = domain(zero ? good : [...good, ...chart.low, ...chart.high], chart.lines.map((line) => line.value), zero);
  const [, sumTop] = domain(summed ? chart.sums : [1], chart.sum_lines.map((line) => line.value), true);
  const scale = (from: number, to: number) => (value: number): number => box.bottom - ((value - from) / (to - from)) * (box.bottom - box.top);
  const span = chart.end - chart.start;
  return {
    ...box, x: (at) => box.left + ((at - chart.start) / span) * (box.right - box.left), at: (x) => chart.start + ((x - box.left) / (box.right - box.left)) * span,
    y: scale(low, zero && summed ? Math.max(top, sumTop) : top), ySum: scale(0, zero && summed ? Math.max(top, sumTop) : sumTop),
  };
}

function grid(chart: Chart, frame: Frame, rem: number): string {
  const value = (y: number): number => {
    const [a, b] = [frame.y(0), frame.y(1)];
    return (y - a) / (b - a);
  };
  const [low, top] = [value(frame.bottom), value(frame.top)];
  const rows = ticks(low, top, (frame.bottom - frame.top) / (2.6 * rem)).map((each) => {
    const y = n1(frame.y(each));
    return `<path class="grid" d="M${n1(frame.left)} ${y}H${n1(frame.right)}"/><text class="y" x="${n1(frame.left - 6)}" y="${y}" dy="0.32em">${each.toLocaleString('en-US', { maximumFractionDigits: 3 })}</text>`;
  });
  const columns = timeTicks(chart.start, chart.end, Math.max(2, Math.floor((frame.right - frame.left) / (5.2 * rem)))).map((tick) => {
    const x = frame.x(tick.at);
    const edge = x > frame.right - 1.5 * rem ? ' end' : '';
    return `<path class="grid${tick.strong ? ' strong' : ''}" d="M${n1(x)} ${n1(frame.top)}V${n1(frame.bottom)}"/><text class="x${edge}" x="${n1(x)}" y="${n1(frame.bottom + 1.15 * rem)}">${tick.text}</text>`;
  });
  const now = chart.now > chart.start && chart.now < chart.end ? `<rect class="ahead" x="${n1(frame.x(chart.now))}" y="${n1(frame.top)}" width="${n1(frame.right - frame.x(chart.now))}" height="${n1(frame.bottom - frame.top)}"/>` : '';
  const axis = `<path class="axis" d="M${n1(frame.left)} ${n1(frame.bottom)}H${n1(frame.right)}"/>`;
  return rows.join('') + columns.join('') + now + axis;
}

/** Stretches longer than the silence allowed, hatched: there nothing is known. */
export function holes(chart: Chart): [number, number][] {
  if (chart.step !== 'raw') {
    const found: [number, number][] = [];
    const known = chart.at.filter((_, i) => chart.value[i] !== null);
    for (let i = 1; i < known.length; i++) if ((known[i] as number) - (known[i - 1] as number) > chart.width * 1.5) found.push([known[i - 1] as number, (known[i] as number) - chart.width]);
    return found;
  }
  const times = [chart.start, ...chart.at, Math.min(chart.end, chart.now)];
  const found: [number, number][] = [];
  for (let i = 1; i < times.length; i++) {
    const [a, b] = [times[i - 1] as number, times[i] as number];
    if (b - a > chart.silence) found.push([a, b]);
  }
  return found;
}

function silences(chart: Chart, frame: Frame): string {
  return holes(chart).map(([a, b]) => `<rect class="hole" x="${n1(frame.x(a))}" y="${n1(frame.top)}" width="${n1(Math.max(1, frame.x(b) - frame.x(a)))}" height="${n1(frame.bottom - frame.top)}"/>`).join('');
}

function bars(chart: Chart, frame: Frame): string {
  const unit = Math.max(1, frame.x(chart.start + chart.width) - frame.x(chart.start));
  const gap = unit > 4 ? 1 : 0;
  const paths = chart.at.map((at, i) => {
    const value = chart.value[i];
    if (!value || doubted(chart, i)) return '';
    const y = frame.y(value);
    return `M${n1(frame.x(at) - unit + gap)} ${n1(frame.bottom)}V${n1(y)}h${n1(unit - gap)}V${n1(frame.bottom)}Z`;
  });
  return `<path class="bar-fill" d="${paths.join('')}"/>`;
}

function curve(chart: Chart, frame: Frame): string {
  const most = chart.step === 'raw' ? chart.silence : chart.width * 1.5;
  let line = '';
  let band = '';
  let back = '';
  let last = -Infinity;
  const close = (): void => {
    if (back) band += `${back}Z`;
    back = '';
  };
  const point = (at: number): number => (chart.step === 'raw' ? at : at - chart.width / 2);
  chart.at.forEach((at, i) => {
    const value = chart.value[i];
    if (value === null || value === undefined || doubted(chart, i)) return;
    const fresh = at - last > most;
    const x = n1(frame.x(point(at)));
    line += `${fresh ? 'M' : 'L'}${x} ${n1(frame.y(value))}`;
    const [low, high] = [chart.low[i], chart.high[i]];
    if (low !== null && low !== undefined && high !== null && high !== undefined) {
      if (fresh) close();
      band += `${fresh ? 'M' : 'L'}${x} ${n1(frame.y(high))}`;
      back = `L${x} ${n1(frame.y(low))}${back}`;
    }
    last = at;
  });
  close();
  return `${band ? `<path class="band" d="${band}"/>` : ''}<path class="line" d="${line}"/>`;
}

function sums(chart: Chart, frame: Frame): string {
  const points = chart.at.map((at, i) => `${i ? 'L' : 'M'}${n1(frame.x(at))} ${n1(frame.ySum(chart.sums[i] ?? 0))}`);
  return `<path class="sum-line" d="${points.join('')}"/>`;
}

function thresholds(lines: Line[], frame: Frame, scale: (value: number) => number, decimals: number): string {
  let before = Infinity;
  return lines.map((line) => {
    const y = scale(line.value);
    if (y < frame.top - 1 || y > frame.bottom + 1) return '';
    const clear = before - y > 14;
    before = clear ? y : before;
    const shape = SHAPES[line.colour] ? `<svg class="w-${line.colour} lv" x="${n1(frame.left + 4)}" y="${n1(y - 13)}" width="10" height="10" viewBox="0 0 16 16">${SHAPES[line.colour]}</svg>` : '';
    const words = clear ? `${shape}<text class="lv" x="${n1(frame.left + (shape ? 18 : 4))}" y="${n1(y - 4)}">${safe(line.text)} ${figure(line.value, decimals)}</text>` : '';
    return `<path class="threshold w-${line.colour}" d="M${n1(frame.left)} ${n1(y)}H${n1(frame.right)}"/>${words}`;
  }).join('');
}

function doubts(chart: Chart, frame: Frame): string {
  let said = -Infinity;
  return chart.at.map((at, i) => {
    const value = chart.value[i];
    const many = inStep(chart, i);
    if (many > 0) return `<path class="doubt" d="M${n1(frame.x(at - chart.width / 2))} ${n1(frame.bottom - 7)}l4 4-4 4-4-4Z"/>`;
    if (value === null || value === undefined || !doubted(chart, i)) return '';
    const raw = frame.y(value);
    const y = Math.min(frame.bottom - 5, Math.max(frame.top + 5, raw));
    const far = raw < frame.top && frame.x(at) - said > 60;
    if (far) said = frame.x(at);
    const beyond = far ? `<text class="doubt-n" x="${n1(frame.x(at) + 8)}" y="${n1(y)}" dy="0.3em">↑ ${figure(value, chart.decimals)}</text>` : '';
    return `<path class="doubt" d="M${n1(frame.x(at))} ${n1(y - 5)}l5 5-5 5-5-5Z"/>${beyond}`;
  }).join('');
}

/** A lane for each signal, so that those that stand together lie below one another; what is too many shares the last. */
function lanesOf(bands: Band[]): number[] {
  const ends: number[] = [];
  const found: number[] = new Array<number>(bands.length).fill(0);
  const order = bands.map((_, i) => i).sort((i, j) => (bands[i]?.from ?? 0) - (bands[j]?.from ?? 0));
  for (const i of order) {
    const band = bands[i];
    if (!band) continue;
    const free = ends.findIndex((end) => end < band.from);
    const lane = free >= 0 ? free : Math.min(ends.length, MOST_LANES - 1);
    ends[lane] = Math.max(ends[lane] ?? 0, band.to);
    found[i] = lane;
  }
  return found;
}

function signals(chart: Chart, frame: Frame, lanes: number[], rem: number): string {
  return chart.signals.map((band, i) => {
    const [a, b] = [Math.max(frame.left, frame.x(band.from)), Math.min(frame.right, frame.x(band.to))];
    const y = 0.25 + (lanes[i] ?? 0) * LANE;
    const shape = `<svg x="${n1(a)}" y="${n1(y * rem)}" width="${n1(0.75 * rem)}" height="${n1(0.75 * rem)}" viewBox="0 0 16 16">${SHAPES[band.colour] ?? ''}</svg>`;
    return `<g class="signal w-${band.colour}"><title>${safe(`${dayTime(band.from)} – ${band.open ? '' : dayTime(band.to)} ${band.why}`)}</title><rect x="${n1(a)}" y="${n1((y + 0.2) * rem)}" width="${n1(Math.max(3, b - a))}" height="${n1(0.35 * rem)}" rx="2"/>${shape}</g>`;
  }).join('');
}
