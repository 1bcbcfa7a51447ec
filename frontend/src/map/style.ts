import type { ExpressionSpecification, StyleSpecification } from 'maplibre-gl';
import { chinese } from '../words';
import { colour } from './theme';

export interface Base {
  counties: GeoJSON.FeatureCollection; prefectures: GeoJSON.FeatureCollection; rivers?: GeoJSON.FeatureCollection;
  townships: { code: string; name: { zh: string; en: string }; lon: number; lat: number }[];
  area: string[]; attribution?: string;
}
const FONT = ['Plex', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC Variable', 'sans-serif'];
const NAME: ExpressionSpecification = chinese
  ? ['coalesce', ['get', 'name_zh'], ['get', 'name'], '']
  : ['coalesce', ['get', 'name_en'], ['get', 'name'], ''];

const empty = (): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features: [] });
export const DATA = ['area', 'calls', 'station', 'signal', 'task', 'stopline', 'incident'] as const;

/** The map's paper: land, borders, rivers and names from our own boundaries; no tiles from anywhere. */
export function baseStyle(base: Base): StyleSpecification {
  const townships: GeoJSON.FeatureCollection = {
    type: 'FeatureCollection',
    features: base.townships.map((town) => ({
      type: 'Feature', geometry: { type: 'Point', coordinates: [town.lon, town.lat] },
      properties: { code: town.code, name_zh: town.name.zh, name_en: town.name.en },
    })),
  };
  const source = (data: GeoJSON.FeatureCollection) => ({ type: 'geojson' as const, data });
  return {
    version: 8,
    sources: {
      prefectures: { ...source(base.prefectures), attribution: `© OpenStreetMap contributors` },
      counties: source(base.counties),
      rivers: source(base.rivers ?? empty()),
      townships: source(townships),
      ...Object.fromEntries(DATA.map((name) => [name, source(empty())])),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': colour('map-ground') } },
      { id: 'land', type: 'fill', source: 'prefectures', paint: { 'fill-color': colour('map-land-2') } },
      { id: 'land-own', type: 'fill', source: 'counties', filter: inArea(base.area), paint: { 'fill-color': colour('map-land') } },
      { id: 'rivers', type: 'line', source: 'rivers', paint: { 'line-color': colour('map-water'), 'line-width': ['interpolate', ['linear'], ['zoom'], 6, 1, 12, 4] }, layout: { 'line-cap': 'round' } },
      { id: 'county-line', type: 'line', source: 'counties', paint: { 'line-color': colour('map-line-2'), 'line-width': 1 } },
      { id: 'prefecture-line', type: 'line', source: 'prefectures', paint: { 'line-color': colour('map-line'), 'line-width': 1.6 } },
    ],
  };
}

/** Names lie above the data so that they stay readable. */
export function labelLayers(): StyleSpecification['layers'] {
  const paint = { 'text-color': colour('map-label'), 'text-halo-color': colour('map-land'), 'text-halo-width': 1.4 };
  const text = (size: number) => ({ 'text-field': NAME, 'text-font': FONT, 'text-size': size, 'text-padding': 6 });
  return [
    { id: 'prefecture-name', type: 'symbol', source: 'prefectures', maxzoom: 7.2, layout: text(13), paint },
    { id: 'county-name', type: 'symbol', source: 'counties', minzoom: 7.2, layout: { ...text(12.5), 'text-letter-spacing': 0.08 }, paint },
    { id: 'township-name', type: 'symbol', source: 'townships', minzoom: 10.4, layout: { ...text(11), 'text-offset': [0, 1.1], 'text-anchor': 'top' }, paint },
    { id: 'incident-name', type: 'symbol', source: 'incident', minzoom: 9, layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12, 'text-anchor': 'left', 'text-offset': [1.2, 0], 'text-max-width': 14, 'text-justify': 'left' }, paint: { 'text-color': colour('ink'), 'text-halo-color': colour('panel'), 'text-halo-width': 2 } },
  ];
}

export function inArea(prefixes: string[]): ExpressionSpecification {
  return ['any', ...prefixes.map((prefix): ExpressionSpecification => ['==', ['slice', ['get', 'code'], 0, prefix.length], prefix])];
}
