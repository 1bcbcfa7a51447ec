import type { Item, Items } from '../types';
import { say } from '../words';
import type { Base } from './style';

const ORDER = ['red', 'orange', 'yellow', 'blue'];
type Collection = GeoJSON.FeatureCollection;
export type Centres = Map<string, [number, number]>;

const collection = (features: GeoJSON.Feature[]): Collection => ({ type: 'FeatureCollection', features });

/** Where a thing is: its own point, else the middle of the township or county it is in. */
export function whereIs(item: Item, centres: Centres): [number, number] | null {
  if (typeof item['lon'] === 'number' && typeof item['lat'] === 'number') return [item['lon'], item['lat']];
  const code = String(item['division'] ?? '');
  return centres.get(code.slice(0, 9)) ?? centres.get(code.slice(0, 6)) ?? null;
}

/** Middles of townships and counties by code. */
export function centresOf(base: Base): Centres {
  const found: Centres = new Map(base.townships.map((town) => [town.code, [town.lon, town.lat]]));
  for (const county of base.counties.features) {
    const code = String(county.properties?.['code'] ?? '');
    const [west, south, east, north] = bounds({ ...base, area: [code] });
    found.set(code, [(west + east) / 2, (south + north) / 2]);
  }
  return found;
}

function point(id: string, item: Item, centres: Centres): GeoJSON.Feature | null {
  const at = whereIs(item, centres);
  if (!at) return null;
  const flat: Record<string, unknown> = { id };
  for (const [name, value] of Object.entries(item)) if (value === null || typeof value !== 'object') flat[name] = value;
  flat['label'] = say(item['title'] ?? item['name'] ?? item['text']);
  return { type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties: flat };
}

/** One kind of the state as points; things without a place are left to the lists. */
export function points(items: Items, kind: string, centres: Centres, keep: (item: Item) => boolean = () => true): Collection {
  const found = Object.entries(items[kind] ?? {}).filter(([, item]) => keep(item)).map(([id, item]) => point(id, item, centres));
  return collection(found.filter((feature) => feature !== null));
}

/** Counties under a warning in force, each in the gravest colour that covers it. */
export function warnedAreas(items: Items, base: Base): Collection {
  const inForce = Object.values(items['warning'] ?? {}).filter((item) => item['state'] === 'in_force');
  const features: GeoJSON.Feature[] = [];
  for (const county of base.counties.features) {
    const code = String(county.properties?.['code'] ?? '');
    const covering = inForce.filter((item) => (item['area'] as string[] | undefined)?.some((area) => code.startsWith(area) || area.startsWith(code)));
    const colour = ORDER.find((name) => covering.some((item) => item['colour'] === name));
    if (colour) features.push({ ...county, properties: { ...county.properties, colour } });
  }
  return collection(features);
}

/** West, south, east, north of the reader's own area. */
export function bounds(base: Base): [number, number, number, number] {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  const walk = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    if (typeof value[0] === 'number' && typeof value[1] === 'number') {
      box[0] = Math.min(box[0], value[0]);
      box[1] = Math.min(box[1], value[1]);
      box[2] = Math.max(box[2], value[0]);
      box[3] = Math.max(box[3], value[1]);
    } else value.forEach(walk);
  };
  for (const county of base.counties.features)
    if (base.area.some((prefix) => String(county.properties?.['code']).startsWith(prefix))) walk((county.geometry as { coordinates?: unknown }).coordinates);
  return box[0] < box[2] ? box : [110.3, 31.4, 116.7, 36.4];
}
