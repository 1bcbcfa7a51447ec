import 'maplibre-gl/dist/maplibre-gl.css';
import '../../css/map.css';
import { AttributionControl, Map as GlMap, Marker, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { ensureGlyphs } from '../glyphs';
import { bounds } from '../map/features';
import { baseStyle, type Base, labelLayers } from '../map/style';
import { chinese } from '../words';

/** A small map: a click, or Enter at its middle, is the point. Loaded when it is opened. */
export async function startPoint(host: HTMLElement, picked: (lon: number, lat: number) => void): Promise<void> {
  setWorkerUrl(workerUrl);
  const base = (await (await fetch('/console/base.json')).json()) as Base;
  if (chinese) await ensureGlyphs(base.counties.features.map((county) => String(county.properties?.['name_zh'] ?? '')).join(''));
  const map = new GlMap({
    container: host, style: baseStyle(base), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 17, minZoom: 4,
    fadeDuration: 0, bounds: bounds(base), fitBoundsOptions: { padding: 12 },
  });
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right');
  const marker = new Marker({ color: '#b3261e' });
  const put = (lon: number, lat: number): void => {
    marker.setLngLat([lon, lat]).addTo(map);
    picked(lon, lat);
  };
  map.on('click', (event) => put(event.lngLat.lng, event.lngLat.lat));
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    put(map.getCenter().lng, map.getCenter().lat);
  });
  map.once('style.load', () => {
    for (const layer of labelLayers().filter((one) => 'source' in one && one.source !== 'incident')) map.addLayer(layer);
    host.dataset['ready'] = '1';
  });
}
