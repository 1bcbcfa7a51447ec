import 'maplibre-gl/dist/maplibre-gl.css';
import { AttributionControl, Map as GlMap, NavigationControl, setWorkerUrl, type GeoJSONSource } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { ensureGlyphs } from '../glyphs';
import { bounds } from '../map/features';
import { addImages } from '../map/images';
import { dataLayers } from '../map/layers';
import { baseStyle, type Base, labelLayers } from '../map/style';
import { chinese } from '../words';

const json = async <T>(path: string): Promise<T> => (await (await fetch(path)).json()) as T;

/** Warnings in force on the platform's own map, each area in its colour: outline and hatch. */
export async function startMap(host: HTMLElement): Promise<void> {
  setWorkerUrl(workerUrl);
  const [base, areas] = await Promise.all([json<Base>('/public/base.json'), json<GeoJSON.FeatureCollection>('/public/areas.json')]);
  if (chinese) await ensureGlyphs(base.counties.features.map((county) => String(county.properties?.['name_zh'] ?? '')).join(''));
  const map = new GlMap({
    container: host, style: baseStyle(base), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 15, minZoom: 4,
    fadeDuration: 0, cooperativeGestures: true, bounds: bounds(base), fitBoundsOptions: { padding: 16 },
  });
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right');
  map.once('style.load', () => {
    addImages(map);
    for (const layer of dataLayers('rain_1h').filter((one) => 'source' in one && one.source === 'area')) map.addLayer(layer);
    for (const layer of labelLayers().filter((one) => 'source' in one && one.source !== 'incident')) map.addLayer(layer);
    void map.getSource<GeoJSONSource>('area')?.setData(areas);
    host.dataset['ready'] = '1';
  });
  document.addEventListener('anlan:warnings', () =>
    void json<GeoJSON.FeatureCollection>('/public/areas.json').then((fresh) => map.getSource<GeoJSONSource>('area')?.setData(fresh)));
  Object.assign(window, { anlanPublic: map });
}
