import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import { colour, RAIN_STEPS, WARNING, type RainWindow } from './theme';

const warn = (name: string): string => colour(`warn-${name}`);
const byColour: ExpressionSpecification = [
  'match', ['get', 'colour'], ...WARNING.flatMap((name) => [name, warn(name)]), colour('line-strong'),
] as unknown as ExpressionSpecification;

/** Layers a reader can switch, in drawing order, each with the map layers it is made of. */
export const GROUPS: Record<string, string[]> = {
  warnings: ['area-fill', 'area-hatch', 'area-line'],
  calls: ['calls'],
  rain: ['station', 'station-silent'],
  signals: ['signal'],
  tasks: ['task'],
  stoplines: ['stopline'],
  incidents: ['incident', 'incident-name'],
};
export const HIDDEN_AT_FIRST = new Set(['tasks']);
export const CLICKABLE = ['incident', 'stopline', 'signal', 'station', 'station-silent', 'calls', 'task'];

export function rainColour(field: RainWindow): ExpressionSpecification {
  const steps = (RAIN_STEPS[field] ?? []).flatMap((limit, i) => [limit, colour(`rain-${i + 1}`)]);
  return ['step', ['coalesce', ['get', field], 0], colour('rain-0'), ...steps] as unknown as ExpressionSpecification;
}

export function rainRadius(field: RainWindow): ExpressionSpecification {
  const limits = RAIN_STEPS[field] ?? [];
  const top = limits[limits.length - 1] ?? 100;
  const grow = (small: number, large: number): ExpressionSpecification =>
    ['interpolate', ['exponential', 0.6], ['coalesce', ['get', field], 0], 0, small, top, large] as ExpressionSpecification;
  return ['interpolate', ['linear'], ['zoom'], 7, grow(1.4, 5), 10, grow(2.6, 11), 13, grow(5, 22)] as ExpressionSpecification;
}

export function dataLayers(field: RainWindow): LayerSpecification[] {
  const overdue = colour('st-overdue');
  const waiting: ExpressionSpecification = ['sqrt', ['max', 0, ['coalesce', ['get', 'waiting'], 0]]];
  return [
    { id: 'area-fill', type: 'fill', source: 'area', paint: { 'fill-color': byColour, 'fill-opacity': 0.05 } },
    { id: 'area-hatch', type: 'fill', source: 'area', paint: { 'fill-pattern': ['concat', 'hatch-', ['get', 'colour']], 'fill-opacity': 0.38 } },
    { id: 'area-line', type: 'line', source: 'area', paint: { 'line-color': byColour, 'line-width': 1.4, 'line-opacity': 0.8 } },
    {
      id: 'calls', type: 'circle', source: 'calls', filter: ['>', ['coalesce', ['get', 'waiting'], 0], 0],
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 7, ['*', 1.1, waiting], 10, ['*', 2.6, waiting], 13, ['*', 4.5, waiting]],
        'circle-color': overdue, 'circle-opacity': 0.14, 'circle-stroke-color': overdue, 'circle-stroke-width': 1.4, 'circle-stroke-opacity': 0.9,
      },
    },
    {
      id: 'station', type: 'circle', source: 'station', filter: ['!=', ['get', 'state'], 'silent'],
      layout: { 'circle-sort-key': ['coalesce', ['get', field], 0] },
      paint: { 'circle-color': rainColour(field), 'circle-radius': rainRadius(field), 'circle-opacity': 0.92, 'circle-stroke-color': colour('map-land'), 'circle-stroke-width': 0.8 },
    },
    { id: 'station-silent', type: 'symbol', source: 'station', filter: ['==', ['get', 'state'], 'silent'], layout: { 'icon-image': 'silent', 'icon-allow-overlap': true, 'icon-ignore-placement': true } },
    { id: 'task', type: 'circle', source: 'task', paint: { 'circle-radius': 4, 'circle-color': colour('panel'), 'circle-stroke-width': 2, 'circle-stroke-color': ['match', ['get', 'state'], 'overdue', overdue, 'done', colour('st-ok'), 'received', colour('st-attention'), colour('ink-3')] } },
    {
      id: 'signal', type: 'symbol', source: 'signal', filter: ['in', ['get', 'level'], ['literal', [...WARNING]]],
      layout: {
        'icon-image': ['concat', 'shape-', ['get', 'level']], 'icon-size': ['interpolate', ['linear'], ['zoom'], 7, 0.45, 11, 0.8],
        'icon-offset': [10, -10], 'icon-allow-overlap': ['step', ['zoom'], false, 9.6, true], 'icon-padding': 0,
        'symbol-sort-key': ['match', ['get', 'level'], 'red', 0, 'orange', 1, 'yellow', 2, 3],
      },
    },
    { id: 'stopline', type: 'symbol', source: 'stopline', layout: { 'icon-image': ['concat', 'stop-', ['match', ['get', 'state'], 'crossed', 'crossed', 'acted', 'acted', 'quiet']], 'icon-allow-overlap': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], 7, 0.6, 11, 1] } },
    { id: 'incident', type: 'symbol', source: 'incident', layout: { 'icon-image': 'incident', 'icon-allow-overlap': true, 'icon-ignore-placement': true } },
  ];
}
