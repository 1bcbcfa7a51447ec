import type { GeoJSONSource, LayerSpecification, Map as GlMap, MapMouseEvent } from 'maplibre-gl';
import { colour } from '../map/theme';

export type Tool = 'polygon' | 'circle' | 'line';
type Spot = [number, number];
const EARTH_KM = 6371.0088;
const CLOSE_PX = 10;

const collection = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features });
const feature = (geometry: GeoJSON.Geometry, properties = {}): GeoJSON.Feature => ({ type: 'Feature', geometry, properties });

/** A circle of so many kilometres as it looks on the map; the count itself is made on the sphere. */
function ring([lon, lat]: Spot, km: number): Spot[] {
  const [phi, arc] = [(lat * Math.PI) / 180, km / EARTH_KM];
  return Array.from({ length: 73 }, (_, i) => {
    const turn = (i * Math.PI) / 36;
    const y = Math.asin(Math.sin(phi) * Math.cos(arc) + Math.cos(phi) * Math.sin(arc) * Math.cos(turn));
    const x = Math.atan2(Math.sin(turn) * Math.sin(arc) * Math.cos(phi), Math.cos(arc) - Math.sin(phi) * Math.sin(y));
    return [lon + (x * 180) / Math.PI, (y * 180) / Math.PI];
  });
}

export function drawLayers(): LayerSpecification[] {
  const accent = colour('accent');
  return [
    { id: 'area-drawn', type: 'fill', source: 'drawn', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': accent, 'fill-opacity': 0.1 } },
    { id: 'area-edge', type: 'line', source: 'drawn', paint: { 'line-color': accent, 'line-width': 2 } },
    { id: 'area-spots', type: 'circle', source: 'drawn', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 4.5, 'circle-color': colour('panel'), 'circle-stroke-color': accent, 'circle-stroke-width': 2 } },
  ];
}

/** Drawing an area by mouse, finger or keyboard (Space sets a corner at the middle of the map, Enter ends). */
export class Draw {
  tool: Tool | null = null;
  km = 3;
  private spots: Spot[] = [];
  private readonly map: GlMap;
  private readonly done: (area: GeoJSON.Feature) => void;

  constructor(map: GlMap, done: (area: GeoJSON.Feature) => void) {
    this.map = map;
    this.done = done;
    map.on('click', (event) => this.clicked(event));
    map.on('dblclick', (event) => {
      if (!this.tool) return;
      event.preventDefault();
      this.end();
    });
    map.on('mousemove', (event) => this.tool && this.show([event.lngLat.lng, event.lngLat.lat]));
  }

  start(tool: Tool): void {
    this.tool = tool;
    this.spots = [];
    this.map.getContainer().dataset['tool'] = tool;
    this.map.doubleClickZoom.disable();
    this.show();
  }

  stop(): void {
    this.tool = null;
    delete this.map.getContainer().dataset['tool'];
    this.map.doubleClickZoom.enable();
  }

  middle(): void {
    const at = this.map.getCenter();
    this.add([at.lng, at.lat]);
  }

  back(): void {
    this.spots.pop();
    this.show();
  }

  end(): void {
    const area = this.area();
    if (!area) return;
    this.stop();
    this.put(area);
    this.done(area);
  }

  /** Show an area that came from elsewhere: a file, divisions, an earlier drawing with another width. */
  put(area: GeoJSON.GeoJSON | null): void {
    (this.map.getSource('drawn') as GeoJSONSource | undefined)?.setData(area ? seen(area) : collection([]));
  }

  private clicked(event: MapMouseEvent): void {
    if (!this.tool) return;
    const first = this.spots[0];
    if (this.tool === 'polygon' && first && this.spots.length > 2) {
      const at = this.map.project(first);
      if (Math.hypot(at.x - event.point.x, at.y - event.point.y) < CLOSE_PX) return this.end();
    }
    this.add([event.lngLat.lng, event.lngLat.lat]);
  }

  private add(at: Spot): void {
    const last = this.spots[this.spots.length - 1];
    if (!this.tool || (last && last[0] === at[0] && last[1] === at[1])) return;
    this.spots.push(at);
    if (this.tool === 'circle') this.end();
    else this.show();
  }

  private area(): GeoJSON.Feature | null {
    const [first] = this.spots;
    if (this.tool === 'circle') return first ? feature({ type: 'Point', coordinates: first }, { radius_km: this.km }) : null;
    if (this.tool === 'line') return this.spots.length > 1 ? feature({ type: 'LineString', coordinates: this.spots }, { buffer_km: this.km }) : null;
    return this.spots.length > 2 && first ? feature({ type: 'Polygon', coordinates: [[...this.spots, first]] }) : null;
  }

  private show(pointer?: Spot): void {
    const trail = pointer && this.tool !== 'circle' ? [...this.spots, pointer] : this.spots;
    const features = this.spots.map((at) => feature({ type: 'Point', coordinates: at }));
    if (this.tool === 'circle' && pointer) features.push(feature({ type: 'Polygon', coordinates: [ring(pointer, this.km)] }));
    if (trail.length > 1) features.push(feature({ type: 'LineString', coordinates: trail }));
    if (this.tool === 'polygon' && trail.length > 2) features.push(feature({ type: 'Polygon', coordinates: [[...trail, trail[0] as Spot]] }));
    (this.map.getSource('drawn') as GeoJSONSource | undefined)?.setData(collection(features));
  }
}

/** What is drawn of an area: circles and widths as they reach. */
function seen(area: GeoJSON.GeoJSON): GeoJSON.FeatureCollection {
  const parts = area.type === 'FeatureCollection' ? area.features : area.type === 'Feature' ? [area] : [feature(area)];
  return collection(
    parts.flatMap((part) => {
      const km = Number(part.properties?.['radius_km'] ?? part.properties?.['buffer_km'] ?? 0);
      if (!km || !part.geometry) return [part];
      if (part.geometry.type === 'Point') return [feature({ type: 'Polygon', coordinates: [ring(part.geometry.coordinates as Spot, km)] })];
      if (part.geometry.type !== 'LineString') return [part];
      return [part, ...part.geometry.coordinates.map((at) => feature({ type: 'Polygon', coordinates: [ring(at as Spot, km)] }))];
    }),
  );
}
