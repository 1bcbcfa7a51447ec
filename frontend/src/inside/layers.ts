import type { ExpressionSpecification, FilterSpecification, LayerSpecification, Map as GlMap, VectorSourceSpecification } from 'maplibre-gl';
import { colour } from '../map/theme';
import { KINDS, type Register, REGISTERS } from './kinds';

const FONT = ['Plex', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC Variable', 'sans-serif'];
export const source = (register: Register): string => `tiles-${register}`;

export function tiles(register: Register, flags: string[]): VectorSourceSpecification {
  const asked = register === 'units' && flags.length ? `?flags=${flags.join(',')}` : '';
  return { type: 'vector', tiles: [`${location.origin}/tiles/${register}/{z}/{x}/{y}.mvt${asked}`], maxzoom: 14, promoteId: 'id' };
}

/** How many of the classes wanted a cluster holds. */
function sum(classes: string[]): ExpressionSpecification {
  return ['+', 0, ...classes.map((name): ExpressionSpecification => ['coalesce', ['get', `n_${name}`], 0])] as ExpressionSpecification;
}

function byClass(register: Register): ExpressionSpecification {
  const pairs = KINDS[register].flatMap((kind) => [kind.classes, colour(kind.colour)]);
  return ['match', ['get', 'class'], ...pairs, colour('ink-3')] as unknown as ExpressionSpecification;
}

export function layers(register: Register, classes: string[]): LayerSpecification[] {
  const n = sum(classes);
  const id = source(register);
  return [
    {
      id: `${register}-cluster`, type: 'circle', source: id, 'source-layer': 'clusters', filter: ['>', n, 0],
      paint: {
        'circle-color': byClass(register), 'circle-opacity': 0.22, 'circle-stroke-color': byClass(register), 'circle-stroke-width': 1.1, 'circle-stroke-opacity': 0.75,
        'circle-radius': ['interpolate', ['exponential', 0.5], n, 1, 3, 50, 8, 1000, 14, 20000, 24],
      },
    },
    {
      id: `${register}-point`, type: 'circle', source: id, 'source-layer': 'points', filter: chosen(classes),
      paint: {
        'circle-color': byClass(register), 'circle-stroke-color': colour('map-land'), 'circle-stroke-width': register === 'places' ? 1.4 : 0.5,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, register === 'places' ? 3.4 : 1.6, 14, register === 'places' ? 7 : 4],
      },
    },
    {
      id: `${register}-count`, type: 'symbol', source: id, 'source-layer': 'clusters', filter: ['>', n, 40],
      layout: { 'text-field': ['to-string', n], 'text-font': FONT, 'text-size': 10.5, 'text-padding': 1 },
      paint: { 'text-color': colour('ink'), 'text-halo-color': colour('map-land'), 'text-halo-width': 1.2 },
    },
  ];
}

const chosen = (classes: string[]): FilterSpecification => ['in', ['get', 'class'], ['literal', classes]];

/** Show the classes wanted of a register, in clusters and points alike. */
export function narrow(map: GlMap, register: Register, classes: string[]): void {
  const n = sum(classes);
  map.setFilter(`${register}-cluster`, ['>', n, 0]);
  map.setFilter(`${register}-count`, ['>', n, 40]);
  map.setFilter(`${register}-point`, chosen(classes));
  map.setLayoutProperty(`${register}-count`, 'text-field', ['to-string', n]);
}

export const CLICKABLE = REGISTERS.map((register) => `${register}-point`);
