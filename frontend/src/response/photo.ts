import { taken, type Taken } from './exif';

/** A photo made small in the browser, with what the camera wrote about it. `data`: base64 of a JPEG. */
export interface Shot extends Taken { name: string; data: string }
const SIDE = 1600;
const SMALL = 900;

/** Turn a file into a JPEG of at most 1,600 px (900 when room is short); null when the browser can't read it. */
export async function shot(file: File, small = false): Promise<Shot | null> {
  const found = taken(await file.slice(0, 262_144).arrayBuffer());
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (!bitmap) return null;
  const scale = Math.min(1, (small ? SMALL : SIDE) / Math.max(bitmap.width, bitmap.height));
  const canvas = Object.assign(document.createElement('canvas'), { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const url = canvas.toDataURL('image/jpeg', small ? 0.7 : 0.82);
  return { ...found, name: file.name.replace(/\.\w+$/, '') + '.jpg', data: url.slice(url.indexOf(',') + 1) };
}

/** The bytes of a shot, to be sent. */
export function blob(one: Shot): Blob {
  const text = atob(one.data);
  return new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], { type: 'image/jpeg' });
}
