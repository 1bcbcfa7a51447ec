import 'maplibre-gl/dist/maplibre-gl.css';
import '../../css/map.css';
import '../../css/registers.css';
import '../../css/inside.css';
import '../../css/monitoring.css';
import { AttributionControl, type ExpressionSpecification, type GeoJSONSource, Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import '../console';
import { dayTime, span } from '../format';
import { ensureGlyphs } from '../glyphs';
import { key } from '../keys';
import { ask } from '../lane';
import { bounds } from '../map/features';
import { addImages } from '../map/images';
import { baseStyle, type Base, labelLayers } from '../map/style';
import { colour } from '../map/theme';
import { chinese, t } from '../words';

setWorkerUrl(workerUrl);
const MINUTE = 60_000;
const STEP = 10 * MINUTE;
const FONT = ['Plex', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC Variable', 'sans-serif'];

interface Sums { window: number; steps: number[]; lines: { value: number; colour: string }[]; code: string[]; lon: number[]; lat: number[]; mm: (number | null)[]; name: string[] }
const byId = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;
const safe = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function features(sums: Sums): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: sums.code.map((code, i) => {
      const mm = sums.mm[i] ?? null;
      const reached = mm === null ? '' : (sums.lines.filter((line) => mm >= line.value).at(-1)?.colour ?? '');
      return { type: 'Feature', geometry: { type: 'Point', coordinates: [sums.lon[i] as number, sums.lat[i] as number] }, properties: { code, i, mm: mm ?? -1, text: mm === null ? '' : mm >= 10 ? mm.toFixed(0) : mm.toFixed(1), reached } };
    }),
  };
}

const shade = (steps: number[]): ExpressionSpecification => ['step', ['get', 'mm'], colour('rain-0'), ...steps.flatMap((limit, i) => [limit, colour(`rain-${i + 1}`)])] as unknown as ExpressionSpecification;

/** The map of gauges: one window and one moment at a time. */
class RainMap {
  private window: number;
  private at: number | null;
  private sums: Sums | null = null;
  private turn = 0;
  private pause = 0;
  private ready = false;
  private readonly upto: number;
  private readonly map: GlMap;
  private readonly root = byId('rain');
  private readonly range = byId<HTMLInputElement>('rain-at');

  constructor(map: GlMap) {
    this.map = map;
    this.window = Number(this.root.dataset['window']);
    const upto = Date.parse(this.root.dataset['upto'] ?? '');
    this.upto = upto - (upto % STEP);
    this.at = this.root.dataset['at'] ? Date.parse(this.root.dataset['at']) : null;
    if (this.at !== null) this.range.value = String(Math.round((this.at - this.upto) / MINUTE));
    this.range.addEventListener('input', () => this.go(Number(this.range.value)));
    byId('rain-now').addEventListener('click', () => this.go(0));
    for (const link of this.root.querySelectorAll<HTMLAnchorElement>('a[data-window]'))
      link.addEventListener('click', (event) => {
        event.preventDefault();
        this.window = Number(link.dataset['window']);
        this.show();
        void this.load();
      });
    key('n', () => this.go(0));
    key('ArrowLeft', (event) => this.go(Number(this.range.value) - (event.shiftKey ? 60 : 10)));
    key('ArrowRight', (event) => this.go(Number(this.range.value) + (event.shiftKey ? 60 : 10)));
    map.once('style.load', () => this.begin());
    this.show();
  }

  /** Minutes before the newest moment; 0 is now. */
  private go(minutes: number): void {
    const wanted = Math.min(0, Math.max(Number(this.range.min), minutes));
    this.range.value = String(wanted);
    this.at = wanted === 0 ? null : this.upto + wanted * MINUTE;
    this.show();
    clearTimeout(this.pause);
    this.pause = window.setTimeout(() => void this.load(), 150);
  }

  private query(): string {
    const query = new URLSearchParams({ window: String(this.window) });
    if (this.at !== null) query.set('at', new Date(this.at).toISOString());
    return query.toString();
  }

  private show(): void {
    const past = this.at !== null;
    this.root.dataset['past'] = past ? '1' : '0';
    byId('rain-now').hidden = !past;
    const said = past ? `${dayTime(this.at as number)} · ${t('{span} before now', { span: span(this.upto - (this.at as number)) })}` : `${dayTime(this.upto)} · ${t('now')}`;
    byId('rain-said').textContent = said;
    this.range.setAttribute('aria-valuetext', said);
    for (const link of this.root.querySelectorAll<HTMLElement>('a[data-window]'))
      if (Number(link.dataset['window']) === this.window) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
  }

  private begin(): void {
    addImages(this.map);
    this.map.addSource('rain', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    const wet = ['>=', ['get', 'mm'], 0] as ExpressionSpecification;
    const grow = (dry: number, full: number): ExpressionSpecification => ['interpolate', ['exponential', 0.6], ['get', 'mm'], 0, dry, 250, full] as ExpressionSpecification;
    this.map.addLayer({ id: 'rain-quiet', type: 'symbol', source: 'rain', filter: ['<', ['get', 'mm'], 0], layout: { 'icon-image': 'silent', 'icon-size': ['interpolate', ['linear'], ['zoom'], 6, 0.35, 10, 0.8], 'icon-allow-overlap': ['step', ['zoom'], false, 9, true] } });
    this.map.addLayer({
      id: 'rain', type: 'circle', source: 'rain', filter: wet, layout: { 'circle-sort-key': ['get', 'mm'] },
      paint: { 'circle-color': shade([0.1]), 'circle-opacity': 0.92, 'circle-stroke-color': colour('map-land'), 'circle-stroke-width': 0.7, 'circle-radius': ['interpolate', ['linear'], ['zoom'], 6, grow(1.2, 5), 9, grow(2.8, 11), 13, grow(6, 18)] },
    });
    for (const layer of labelLayers().filter((item) => 'source' in item && item.source !== 'incident')) this.map.addLayer(layer);
    this.map.addLayer({
      id: 'rain-reached', type: 'symbol', source: 'rain', filter: ['!=', ['get', 'reached'], ''],
      layout: { 'icon-image': ['concat', 'shape-', ['get', 'reached']], 'icon-size': ['interpolate', ['linear'], ['zoom'], 7, 0.4, 11, 0.75], 'icon-offset': [14, -14], 'icon-allow-overlap': ['step', ['zoom'], false, 9.6, true], 'symbol-sort-key': ['-', 0, ['get', 'mm']] },
    });
    this.map.addLayer({
      id: 'rain-mm', type: 'symbol', source: 'rain', minzoom: 8.4, filter: ['>=', ['get', 'mm'], 0.1],
      layout: { 'text-field': ['get', 'text'], 'text-font': FONT, 'text-size': 11, 'text-anchor': 'left', 'text-offset': [0.9, 0], 'text-padding': 1, 'symbol-sort-key': ['-', 0, ['get', 'mm']] },
      paint: { 'text-color': colour('ink'), 'text-halo-color': colour('map-land'), 'text-halo-width': 1.6 },
    });
    this.picking();
    this.ready = true;
    void this.load();
  }

  async load(): Promise<void> {
    const turn = ++this.turn;
    const query = this.query();
    this.root.dataset['busy'] = '1';
    try {
      const answer = await fetch(`/monitoring/rain/sums.json?${query}`, { headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const sums = (await answer.json()) as Sums;
      if (turn !== this.turn) return;
      this.sums = sums;
      if (this.ready) {
        (this.map.getSource('rain') as GeoJSONSource).setData(features(sums));
        this.map.setPaintProperty('rain', 'circle-color', shade(sums.steps));
      }
      await ask('rain', 'GET', `/monitoring/rain/list?${query}`, { target: byId('rain-list'), swap: 'innerHTML' });
      if (turn !== this.turn) return;
      const fresh = document.getElementById('legend-new') as HTMLTemplateElement | null;
      if (fresh) byId('rain-legend').replaceChildren(fresh.content.cloneNode(true));
      history.replaceState(null, '', `?${query}`);
      this.map.getContainer().dataset['ready'] = String(sums.window);
    } catch {
      if (turn === this.turn) byId('rain-list').innerHTML = `<p class="empty fault">${t('The rain could not be loaded; what is shown may be old.')}</p>`;
    }
    if (turn === this.turn) delete this.root.dataset['busy'];
  }

  private picking(): void {
    const near = (at: { x: number; y: number }) => this.map.queryRenderedFeatures([[at.x - 4, at.y - 4], [at.x + 4, at.y + 4]], { layers: ['rain', 'rain-quiet'] });
    this.map.on('click', (event) => {
      const found = near(event.point)[0];
      if (found) this.pick(Number(found.properties['i']));
    });
    this.map.on('mousemove', (event) => (this.map.getCanvas().style.cursor = near(event.point).length ? 'pointer' : ''));
  }

  private pick(i: number): void {
    const [sums, box] = [this.sums, document.getElementById('pick-rain')];
    const code = sums?.code[i];
    if (!sums || !code || !box) return;
    const mm = sums.mm[i];
    const said = mm === null || mm === undefined ? t('nothing known') : t('{v} mm in {n} h', { v: mm.toFixed(1), n: sums.window });
    box.innerHTML = `<p class="rain-pick"><b><a href="/monitoring/stations/${encodeURIComponent(code)}">${safe(sums.name[i] ?? code)}</a></b> <span>${said}</span></p>`;
    document.querySelector('.side-scroll')?.scrollTo({ top: 0 });
  }
}

async function start(): Promise<void> {
  const base = (await (await fetch('/console/base.json')).json()) as Base;
  if (chinese) await ensureGlyphs(base.counties.features.map((county) => String(county.properties?.['name_zh'] ?? '')).join(''));
  const phone = innerWidth < 760;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const map = new GlMap({
    container: byId('map'), style: baseStyle(base), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 15, minZoom: 4, fadeDuration: 0, keyboard: false,
    bounds: bounds(base), fitBoundsOptions: { padding: phone ? { left: 12, right: 12, top: 12, bottom: innerHeight * 0.42 } : { left: 25 * rem, right: 15 * rem, top: rem, bottom: rem } },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
  map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right');
  if (phone) byId('legend').classList.add('folded');
  document.querySelector('[data-act="fold-legend"]')?.addEventListener('click', () => byId('legend').classList.toggle('folded'));
  Object.assign(window, { anlanRain: { map, rain: new RainMap(map) } });
}

void start();
