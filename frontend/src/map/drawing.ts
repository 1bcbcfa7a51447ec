import 'maplibre-gl/dist/maplibre-gl.css';
import { AttributionControl, type GeoJSONSource, Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Items } from '../types';
import { bounds, type Centres, centresOf, points, warnedAreas } from './features';
import { addImages } from './images';
import { CLICKABLE, dataLayers, GROUPS, HIDDEN_AT_FIRST, rainColour, rainRadius } from './layers';
import { baseStyle, type Base, DATA, labelLayers } from './style';
import type { RainWindow } from './theme';

setWorkerUrl(workerUrl);

/** The drawn map: takes a state and shows it; tells what was clicked. */
export class Drawing {
  readonly map: GlMap;
  readonly base: Base;
  readonly centres: Centres;
  rain: RainWindow = 'rain_1h';
  private readonly shown = new Set(Object.keys(GROUPS).filter((name) => !HIDDEN_AT_FIRST.has(name)));
  private ready = false;
  private items: Items = {};

  constructor(host: HTMLElement, base: Base, padding: { left: number; right: number; top: number; bottom: number }) {
    this.base = base;
    this.centres = centresOf(base);
    this.map = new GlMap({
      container: host, style: baseStyle(base), attributionControl: false, dragRotate: false, pitchWithRotate: false,
      maxZoom: 15, minZoom: 5, fadeDuration: 0, bounds: bounds(base), fitBoundsOptions: { padding }, keyboard: false,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    this.map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
    this.map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
    this.map.once('style.load', () => this.finish());
  }

  onPick(pick: (kind: string, id: string) => void): void {
    const near = (at: { x: number; y: number }) =>
      this.map.queryRenderedFeatures([[at.x - 4, at.y - 4], [at.x + 4, at.y + 4]], { layers: CLICKABLE.filter((id) => this.map.getLayer(id)) });
    this.map.on('click', (event) => {
      const found = near(event.point)[0];
      if (found) pick(found.source, String(found.properties['id']));
    });
    this.map.on('mousemove', (event) => (this.map.getCanvas().style.cursor = near(event.point).length ? 'pointer' : ''));
  }

  show(items: Items): void {
    this.items = items;
    if (this.ready) this.update(new Set<string>([...DATA, 'warning']));
  }

  update(changed: Set<string>): void {
    if (!this.ready) return;
    const put = (name: string, data: GeoJSON.FeatureCollection) => (this.map.getSource(name) as GeoJSONSource | undefined)?.setData(data);
    if (changed.has('warning')) put('area', warnedAreas(this.items, this.base));
    if (changed.has('calls')) put('calls', points(this.items, 'calls', this.centres));
    if (changed.has('station')) put('station', points(this.items, 'station', this.centres, (item) => item['kind'] === 'rain'));
    if (changed.has('signal')) put('signal', points(this.items, 'signal', this.centres, (item) => item['state'] === 'firing'));
    if (changed.has('task')) put('task', points(this.items, 'task', this.centres, (item) => item['state'] !== 'cancelled'));
    if (changed.has('stopline')) put('stopline', points(this.items, 'stopline', this.centres));
    if (changed.has('incident')) put('incident', points(this.items, 'incident', this.centres, (item) => item['state'] !== 'closed'));
  }

  setRain(field: RainWindow): void {
    this.rain = field;
    if (!this.ready) return;
    this.map.setPaintProperty('station', 'circle-color', rainColour(field));
    this.map.setPaintProperty('station', 'circle-radius', rainRadius(field));
  }

  visible(group: string): boolean {
    return this.shown.has(group);
  }

  toggle(group: string, on: boolean): void {
    if (on) this.shown.add(group);
    else this.shown.delete(group);
    if (this.ready) for (const id of GROUPS[group] ?? []) this.map.setLayoutProperty(id, 'visibility', on ? 'visible' : 'none');
  }

  flyTo(lon: number, lat: number): void {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), 10.5), duration: 500 });
  }

  private finish(): void {
    addImages(this.map);
    for (const layer of [...dataLayers(this.rain), ...labelLayers()]) this.map.addLayer(layer);
    this.ready = true;
    for (const group of HIDDEN_AT_FIRST) this.toggle(group, false);
    this.show(this.items);
    this.map.getContainer().dataset['ready'] = '1';
  }
}
