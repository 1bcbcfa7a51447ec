import 'maplibre-gl/dist/maplibre-gl.css';
import '../../css/map.css';
import { AttributionControl, type ExpressionSpecification, type GeoJSONSource, Map as GlMap, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { ensureGlyphs } from '../glyphs';
import { addImages } from '../map/images';
import { bounds } from '../map/features';
import { baseStyle, type Base, labelLayers } from '../map/style';
import { colour } from '../map/theme';
import { chinese, say } from '../words';

interface Point { id: string; lon: number; lat: number; name: unknown; state?: string; inside?: number }
type Points = Record<'post' | 'incident' | 'task' | 'team' | 'leader', Point[]>;
const ORDER = ['task', 'leader', 'team', 'incident', 'post'] as const;
const FONT = ['Plex', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC Variable', 'sans-serif'];

const json = async <T>(path: string): Promise<T> => (await (await fetch(path, { headers: { Accept: 'application/json' } })).json()) as T;

function features(points: Points): GeoJSON.FeatureCollection {
  const found = ORDER.flatMap((kind) => points[kind].map((one): GeoJSON.Feature => ({
    type: 'Feature', geometry: { type: 'Point', coordinates: [one.lon, one.lat] },
    properties: { kind, id: one.id, state: one.state ?? '', label: kind === 'task' ? '' : say(one.name) + (one.inside ? ` · ${one.inside}` : '') },
  })));
  return { type: 'FeatureCollection', features: found };
}

const by = (values: Record<string, string | number>, rest: string | number): ExpressionSpecification =>
  ['match', ['get', 'kind'], ...Object.entries(values).flat(), rest] as unknown as ExpressionSpecification;

/** The incident with posts, teams, leaders and tasks on the platform's own paper. Gives back how to draw them anew. */
export async function siteMap(host: HTMLElement): Promise<() => Promise<void>> {
  setWorkerUrl(workerUrl);
  const address = host.dataset['points'] ?? '';
  const [base, first] = await Promise.all([json<Base>('/console/base.json'), json<Points>(address)]);
  const names = (points: Points): string => ORDER.flatMap((kind) => points[kind].map((one) => say(one.name))).join('');
  if (chinese) await ensureGlyphs(names(first) + base.counties.features.map((county) => String(county.properties?.['name_zh'] ?? '')).join(''));
  const spot = first.post[0] ?? first.incident[0] ?? first.team[0];
  const map = new GlMap({
    container: host, style: baseStyle(base), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 17, minZoom: 4, fadeDuration: 0,
    cooperativeGestures: innerWidth < 760, ...(spot ? { center: [spot.lon, spot.lat] as [number, number], zoom: 11 } : { bounds: bounds(base), fitBoundsOptions: { padding: 16 } }),
  });
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right');
  const put = (points: Points): void => void map.getSource<GeoJSONSource>('onsite')?.setData(features(points));
  map.once('style.load', () => {
    addImages(map);
    map.addSource('onsite', { type: 'geojson', data: features(first) });
    for (const layer of labelLayers().filter((item) => 'source' in item && item.source !== 'incident')) map.addLayer(layer);
    map.addLayer({
      id: 'onsite', type: 'circle', source: 'onsite', filter: ['!=', ['get', 'kind'], 'post'],
      paint: {
        'circle-radius': by({ task: 4, leader: 6, team: 7 }, 8), 'circle-stroke-width': 2, 'circle-stroke-color': colour('panel'),
        'circle-color': by({ task: colour('ink-3'), leader: colour('st-attention'), team: colour('accent') }, colour('st-overdue')),
      },
    });
    map.addLayer({ id: 'onsite-post', type: 'symbol', source: 'onsite', filter: ['==', ['get', 'kind'], 'post'], layout: { 'text-field': '■', 'text-font': FONT, 'text-size': 22, 'text-allow-overlap': true }, paint: { 'text-color': colour('plate'), 'text-halo-color': colour('panel'), 'text-halo-width': 2 } });
    map.addLayer({
      id: 'onsite-name', type: 'symbol', source: 'onsite', filter: ['!=', ['get', 'label'], ''],
      layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12, 'text-anchor': 'left', 'text-offset': [1, 0], 'text-max-width': 14, 'text-justify': 'left' },
      paint: { 'text-color': colour('ink'), 'text-halo-color': colour('panel'), 'text-halo-width': 2 },
    });
    host.dataset['ready'] = '1';
  });
  Object.assign(window, { anlanSite: map });
  return async () => {
    const points = await json<Points>(address);
    if (chinese) await ensureGlyphs(names(points));
    put(points);
  };
}
