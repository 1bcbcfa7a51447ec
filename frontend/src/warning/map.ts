import 'maplibre-gl/dist/maplibre-gl.css';
import '../../css/map.css';
import { AttributionControl, Map as GlMap, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { ensureGlyphs } from '../glyphs';
import { Draw, drawLayers, type Tool } from '../inside/draw';
import { key } from '../keys';
import { bounds } from '../map/features';
import { baseStyle, type Base, labelLayers } from '../map/style';
import { chinese } from '../words';

/** The map on which the area of a warning is drawn, loaded when its fold is opened. Gives back how to show another area. */
export async function startMap(done: (area: GeoJSON.Feature) => void): Promise<(area: GeoJSON.GeoJSON | null) => void> {
  setWorkerUrl(workerUrl);
  const base = (await (await fetch('/console/base.json')).json()) as Base;
  if (chinese) await ensureGlyphs(base.counties.features.map((county) => String(county.properties?.['name_zh'] ?? '')).join(''));
  const map = new GlMap({
    container: 'map', style: baseStyle(base), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 17, minZoom: 4, fadeDuration: 0,
    bounds: bounds(base), fitBoundsOptions: { padding: 16 },
  });
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right');
  const buttons = [...document.querySelectorAll<HTMLElement>('#draw [data-tool]')];
  const mark = (): void => buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset['tool'] === draw.tool)));
  const draw = new Draw(map, (area) => {
    mark();
    done(area);
  });
  map.once('style.load', () => {
    map.addSource('drawn', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    for (const layer of drawLayers()) map.addLayer(layer);
    for (const layer of labelLayers().filter((item) => 'source' in item && item.source !== 'incident')) map.addLayer(layer);
    const text = document.querySelector<HTMLInputElement>('#compose [name=outline]')?.value;
    if (text) draw.put(JSON.parse(text) as GeoJSON.GeoJSON);
    map.getContainer().dataset['ready'] = '1';
  });
  for (const button of buttons)
    button.addEventListener('click', () => {
      const tool = button.dataset['tool'] as Tool;
      draw.km = Number(document.querySelector<HTMLInputElement>('#km')?.value) || 1;
      if (draw.tool === tool) draw.stop();
      else draw.start(tool);
      mark();
      if (draw.tool) map.getCanvas().focus();
    });
  map.getCanvas().addEventListener('keydown', (event) => event.key === 'Enter' && draw.tool && draw.end());
  key(' ', () => draw.tool && draw.middle());
  key('Backspace', () => draw.back());
  Object.assign(window, { anlanCompose: { map, draw } });
  return (area) => draw.put(area);
}
