import { dayName, hourOf } from '../format';
import type { Names } from '../types';

export interface Mark { seq: number; at: string; kind: string; about: string; division: string; lane: string; colour: string | null; level: number | null; title: Names | null }
export interface Line { start: number; end: number; now: number; marks: Mark[] }

const SVG = 'http://www.w3.org/2000/svg';
const LANE: Record<string, number> = { warning: 11, history: 32, main: 54 };
const AXIS = 68;
const HOUR = 3_600_000;
const SHAPES: Record<string, string> = {
  blue: 'M8 1.5a6.5 6.5 0 1 0 .01 0Z', yellow: 'M8 1.2 15.2 14.4H.8Z', orange: 'M8 .8 15.2 8 8 15.2.8 8Z', red: 'M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5Z',
};
const NUMERAL = ['–', 'I', 'II', 'III', 'IV'];

function add(parent: Element, name: string, attributes: Record<string, string | number>, text = ''): void {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text) node.textContent = text;
  parent.append(node);
}

/** Draw the line: hours, what is still to come, warnings as shapes, levels as bands with their numeral. */
export function drawLine(svg: SVGSVGElement, line: Line): void {
  const width = svg.clientWidth || 600;
  const x = (at: number): number => Math.round(((at - line.start) / Math.max(1, line.end - line.start)) * width * 10) / 10;
  svg.replaceChildren();
  drawHours(svg, line, x, width);
  if (line.now < line.end) add(svg, 'rect', { class: 'future', x: x(line.now), y: 0, width: Math.max(0, width - x(line.now)), height: AXIS });
  for (const lane of ['history', 'main']) drawLevels(svg, line, lane, x);
  for (const mark of line.marks) {
    const at = x(Date.parse(mark.at));
    if (mark.lane === 'warning')
      add(svg, 'path', { class: `w w-${mark.colour ?? 'blue'}`, d: SHAPES[mark.colour ?? 'blue'] ?? '', transform: `translate(${at - 6.5} ${(LANE['warning'] ?? 0) - 6.5}) scale(.82)` });
    else if (mark.lane === 'event') add(svg, 'path', { class: 'event', d: `M${at} ${AXIS - 5}l3 5h-6z` });
  }
}

function drawHours(svg: SVGSVGElement, line: Line, x: (at: number) => number, width: number): void {
  const hours = (line.end - line.start) / HOUR;
  const every = [1, 2, 3, 6, 12].find((step) => (width / hours) * step > 46) ?? 24;
  for (let at = Math.ceil(line.start / HOUR) * HOUR; at <= line.end; at += HOUR) {
    const hour = hourOf(at);
    if (hour % every) continue;
    add(svg, 'line', { class: hour === 0 ? 'midnight' : 'grid', x1: x(at), x2: x(at), y1: 0, y2: AXIS });
    add(svg, 'text', { x: x(at), y: AXIS + 14, 'text-anchor': 'middle' }, hour === 0 ? dayName(at) : `${String(hour).padStart(2, '0')}:00`);
  }
  add(svg, 'line', { class: 'axis', x1: 0, x2: width, y1: AXIS, y2: AXIS });
}

function drawLevels(svg: SVGSVGElement, line: Line, lane: string, x: (at: number) => number): void {
  const steps = line.marks.filter((mark) => mark.lane === lane);
  const y = LANE[lane] ?? 0;
  steps.forEach((mark, i) => {
    const from = x(Date.parse(mark.at));
    const next = steps[i + 1];
    const to = x(Math.max(Date.parse(mark.at), Math.min(next ? Date.parse(next.at) : line.now, line.end)));
    const level = mark.kind === 'level.ended' ? 0 : (mark.level ?? 0);
    if (!level) return;
    add(svg, 'rect', { class: `band b${level}`, x: from, y: y - 8, width: Math.max(1, to - from), height: 16, rx: 1.5 });
    if (to - from > 14) add(svg, 'text', { class: `num${level === 1 ? ' inv' : ''}`, x: from + 5, y: y + 4.5 }, NUMERAL[level] ?? '');
  });
}
