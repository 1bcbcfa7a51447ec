import 'maplibre-gl/dist/maplibre-gl.css';
import '../../css/map.css';
import '../../css/registers.css';
import '../../css/inside.css';
import { AttributionControl, Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import '../console';
import { ensureGlyphs } from '../glyphs';
import { key } from '../keys';
import { ask } from '../lane';
import { bounds } from '../map/features';
import { baseStyle, type Base, labelLayers } from '../map/style';
import { chinese, t } from '../words';
import { Draw, drawLayers, type Tool } from './draw';
import { KINDS, type Register, REGISTERS } from './kinds';
import { CLICKABLE, layers, narrow, source, tiles } from './layers';

setWorkerUrl(workerUrl);
const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const all = <T extends HTMLElement>(selector: string): T[] => [...document.querySelectorAll<T>(selector)];

function wanted(register: Register): string[] {
  const on = new Set(all<HTMLInputElement>(`#legend input[data-register="${register}"]:checked`).map((box) => box.value));
  return KINDS[register].filter((kind) => on.has(kind.id)).flatMap((kind) => kind.classes);
}

function legend(): void {
  const part = (register: Register, head: string): string => {
    const rows = KINDS[register].map((kind) => `<label><input type="checkbox" data-register="${register}" value="${kind.id}" checked><svg class="swatch" viewBox="0 0 16 16" aria-hidden="true"><circle class="${kind.colour}" cx="8" cy="8" r="${register === 'places' ? 5.5 : 3.5}"/></svg><span>${kind.name}</span></label>`);
    return `<fieldset><legend class="label">${head}</legend>${rows.join('')}</fieldset>`;
  };
  byId('legend-kinds').innerHTML = part('places', t('Places')) + part('units', t('Units'));
}

async function start(): Promise<void> {
  legend();
  const base = (await (await fetch('/console/base.json')).json()) as Base;
  if (chinese) await ensureGlyphs(base.counties.features.map((county) => String(county.properties?.['name_zh'] ?? '')).join(''));
  const host = byId('map');
  const phone = innerWidth < 760;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const map = new GlMap({
    container: host, style: baseStyle(base), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxZoom: 17, minZoom: 4, fadeDuration: 0,
    bounds: bounds(base), fitBoundsOptions: { padding: phone ? { left: 12, right: 12, top: 12, bottom: innerHeight * 0.42 } : { left: 24 * rem, right: 15 * rem, top: rem, bottom: rem } },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
  map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right');
  if (phone) byId('legend').classList.add('folded');
  const draw = new Draw(map, (area) => {
    hint(null);
    void count(area);
  });
  map.once('style.load', () => {
    for (const register of REGISTERS) {
      map.addSource(source(register), tiles(register, []));
      for (const layer of layers(register, wanted(register))) map.addLayer(layer);
    }
    map.addSource('drawn', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    for (const layer of drawLayers()) map.addLayer(layer);
    for (const layer of labelLayers().filter((item) => 'source' in item && item.source !== 'incident')) map.addLayer(layer);
    const at = /^(-?[\d.]+),(-?[\d.]+)$/.exec(new URLSearchParams(location.search).get('at') ?? '');
    if (at) {
      const spot: [number, number] = [Number(at[1]), Number(at[2])];
      map.jumpTo({ center: spot, zoom: 14 });
      draw.put({ type: 'Feature', geometry: { type: 'Point', coordinates: spot }, properties: {} });
    }
    host.dataset['ready'] = '1';
  });
  tools(map, draw);
  picking(map, draw);
  Object.assign(window, { anlanInside: { map, draw, count } });
}

let shown: GeoJSON.GeoJSON | null = null;
async function count(area: GeoJSON.GeoJSON): Promise<void> {
  shown = area;
  byId('inside-result').dataset['busy'] = '1';
  await ask('count', 'POST', '/territory/inside/count', { target: byId('inside-result'), swap: 'innerHTML', values: { area: JSON.stringify(area) } });
  delete byId('inside-result').dataset['busy'];
  byId('inside-result').scrollIntoView({ block: 'nearest' });
}

function hint(tool: Tool | null): void {
  const words: Record<Tool, string> = {
    polygon: t('Click the corners; click the first again or press Enter to close. Space sets a corner at the middle, Backspace takes one back.'),
    circle: t('Click the middle (or press Space); the radius is set below.'),
    line: t('Click along the line; press Enter or click twice to end. The width on each side is set below.'),
  };
  byId('draw-hint').textContent = tool ? words[tool] : t('Draw an area, choose divisions, or bring a file: the panel says at once who is inside.');
  for (const button of all('[data-tool]')) button.setAttribute('aria-pressed', String(button.dataset['tool'] === tool));
  byId('draw-width').hidden = tool !== 'circle' && tool !== 'line';
}

function tools(map: GlMap, draw: Draw): void {
  const width = byId('km') as HTMLInputElement;
  const begin = (tool: Tool): void => {
    draw.km = Number(width.value) || 1;
    if (draw.tool === tool) draw.stop();
    else draw.start(tool);
    hint(draw.tool);
    if (draw.tool) map.getCanvas().focus();
  };
  for (const button of all('[data-tool]')) button.addEventListener('click', () => begin(button.dataset['tool'] as Tool));
  width.addEventListener('change', () => {
    draw.km = Math.max(0.1, Number(width.value) || 1);
    const drawn = shown;
    if (drawn?.type !== 'Feature' || !drawn.properties) return;
    for (const name of ['radius_km', 'buffer_km']) if (name in drawn.properties) drawn.properties[name] = draw.km;
    draw.put(drawn);
    void count(drawn);
  });
  const file = byId('area-file') as HTMLInputElement;
  file.addEventListener('change', () => void upload(draw, file));
  key('Enter', () => draw.tool && draw.end());
  key(' ', () => draw.tool && draw.middle());
  key('Backspace', () => draw.back());
  key('Escape', () => {
    draw.stop();
    draw.put(shown);
    hint(null);
  });
  for (const box of all<HTMLInputElement>('#legend input[data-register]')) box.addEventListener('change', () => narrow(map, box.dataset['register'] as Register, wanted(box.dataset['register'] as Register)));
  for (const box of all<HTMLInputElement>('#legend input[data-flag]')) box.addEventListener('change', () => flags(map));
  document.addEventListener('click', (event) => void chosen(event, map, draw));
  hint(null);
}

/** Units of some high-risk flags alone: the tiles are asked for anew. */
function flags(map: GlMap): void {
  const on = all<HTMLInputElement>('#legend input[data-flag]:checked').map((box) => box.value);
  const found = map.getSource(source('units')) as { setTiles?(urls: string[]): void } | undefined;
  found?.setTiles?.(tiles('units', on).tiles ?? []);
}

async function upload(draw: Draw, file: HTMLInputElement): Promise<void> {
  const text = await file.files?.[0]?.text();
  if (!text) return;
  try {
    const area = JSON.parse(text) as GeoJSON.GeoJSON;
    draw.put(area);
    await count(area);
  } catch {
    byId('inside-result').textContent = t('This file is not GeoJSON.');
  }
  file.value = '';
}

/** A division chosen or taken away in the panel; the list of codes goes to the server, its outline comes back. */
async function chosen(event: MouseEvent, map: GlMap, draw: Draw): Promise<void> {
  const link = (event.target as Element).closest<HTMLElement>('[data-division]');
  if (link) {
    event.preventDefault();
    const code = link.dataset['division'] ?? '';
    const answer = await fetch(`/territory/inside/outline/${code}`, { headers: { Accept: 'application/json' } });
    if (answer.ok) {
      const area = (await answer.json()) as GeoJSON.Feature;
      draw.put(area);
      if (area.bbox) map.fitBounds(area.bbox as [number, number, number, number], { padding: 60, duration: 400 });
    }
    await ask('count', 'POST', '/territory/inside/count', { target: byId('inside-result'), swap: 'innerHTML', values: { divisions: code } });
    byId('where-found').replaceChildren();
  }
  if ((event.target as Element).closest('[data-act="fold-legend"]')) byId('legend').classList.toggle('folded');
  if ((event.target as Element).closest('[data-act="clear-area"]')) {
    shown = null;
    draw.put(null);
    byId('inside-result').replaceChildren();
    hint(null);
  }
}

function picking(map: GlMap, draw: Draw): void {
  const near = (at: { x: number; y: number }) => map.queryRenderedFeatures([[at.x - 4, at.y - 4], [at.x + 4, at.y + 4]], { layers: CLICKABLE.filter((id) => map.getLayer(id)) });
  map.on('click', (event) => {
    const found = draw.tool ? undefined : near(event.point)[0];
    if (!found) return;
    const [a, b] = [map.unproject([event.point.x - 6, event.point.y + 6]), map.unproject([event.point.x + 6, event.point.y - 6])];
    const box = [a.lng, a.lat, b.lng, b.lat].map((n) => n.toFixed(6)).join(',');
    void ask('pick', 'GET', `/territory/inside/at?register=${found.layer.id.split('-')[0] ?? ''}&bbox=${box}`, { target: byId('inside-pick'), swap: 'innerHTML' });
  });
  map.on('mousemove', (event) => (map.getCanvas().style.cursor = draw.tool ? 'crosshair' : near(event.point).length ? 'pointer' : ''));
}

void start();
