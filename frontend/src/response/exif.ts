/** What a camera wrote into a JPEG: when and where it was taken (Exif 2.32 §4.6; GPS §4.6.6). Nothing else is read. */
export interface Taken { at: string | null; lon: number | null; lat: number | null }

const NONE: Taken = { at: null, lon: null, lat: null };
const [DATE, OFFSET, EXIF_IFD, GPS_IFD] = [0x9003, 0x9011, 0x8769, 0x8825];

/** Read it from a picture's bytes; nulls where it says nothing, or is no JPEG. */
export function taken(bytes: ArrayBuffer): Taken {
  try {
    const view = new DataView(bytes);
    const tiff = segment(view);
    return tiff < 0 ? NONE : read(view, tiff);
  } catch {
    return NONE; // cut off or broken: it says nothing then
  }
}

/** Where the TIFF head of the Exif segment begins; -1 when there is none. */
function segment(view: DataView): number {
  if (view.getUint16(0) !== 0xffd8) return -1;
  for (let at = 2; at + 10 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
    if (marker < 0xff01 || marker === 0xffda) return -1;
  }
  return -1;
}

function read(view: DataView, tiff: number): Taken {
  const little = view.getUint16(tiff) === 0x4949;
  const short = (at: number): number => view.getUint16(tiff + at, little);
  const long = (at: number): number => view.getUint32(tiff + at, little);
  const entries = (ifd: number): Map<number, number> => {
    const found = new Map<number, number>();
    for (let n = 0; n < Math.min(short(ifd), 200); n++) found.set(short(ifd + 2 + 12 * n), ifd + 2 + 12 * n);
    return found;
  };
  const text = (entry: number | undefined): string => {
    if (entry === undefined) return '';
    const length = long(entry + 4);
    const at = tiff + (length > 4 ? long(entry + 8) : entry + 8);
    return String.fromCharCode(...new Uint8Array(view.buffer, at, Math.min(length, 40))).replace(/\0.*$/s, '');
  };
  const degrees = (entry: number | undefined): number => {
    if (entry === undefined) return NaN;
    const at = long(entry + 8);
    const part = (n: number): number => long(at + 8 * n) / (long(at + 8 * n + 4) || NaN);
    return part(0) + part(1) / 60 + part(2) / 3600;
  };
  const root = entries(long(4));
  const at = root.get(EXIF_IFD);
  const exif = at === undefined ? new Map<number, number>() : entries(long(at + 8));
  const gpsAt = root.get(GPS_IFD);
  const gps = gpsAt === undefined ? new Map<number, number>() : entries(long(gpsAt + 8));
  const lat = degrees(gps.get(2)) * (text(gps.get(1)) === 'S' ? -1 : 1);
  const lon = degrees(gps.get(4)) * (text(gps.get(3)) === 'W' ? -1 : 1);
  const placed = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0);
  return { at: moment(text(exif.get(DATE)), text(exif.get(OFFSET))), lon: placed ? round(lon) : null, lat: placed ? round(lat) : null };
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6;

/** "2026:11:22 23:41:05" and "+08:00" as ISO; a camera that says no zone is taken to stand in Beijing's. */
function moment(date: string, offset: string): string | null {
  const found = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(date);
  if (!found || found[1] === '0000') return null;
  const iso = `${found[1]}-${found[2]}-${found[3]}T${found[4]}${/^[+-]\d\d:\d\d$/.test(offset) ? offset : '+08:00'}`;
  return Number.isNaN(Date.parse(iso)) ? null : iso;
}
