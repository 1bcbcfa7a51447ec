import type { Map as GlMap } from 'maplibre-gl';
import { colour, WARNING } from './theme';

type Draw = (g: CanvasRenderingContext2D) => void;
const RATIO = 2;

function image(map: GlMap, name: string, size: number, draw: Draw): void {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * RATIO;
  const g = canvas.getContext('2d', { willReadFrequently: true });
  if (!g) return;
  g.scale(RATIO, RATIO);
  draw(g);
  const data = g.getImageData(0, 0, size * RATIO, size * RATIO);
  if (map.hasImage(name)) map.removeImage(name);
  map.addImage(name, data, { pixelRatio: RATIO });
}

const POLYGONS: Record<string, [number, number][]> = {
  yellow: [[8, 1.6], [15, 14], [1, 14]],
  orange: [[8, 0.9], [15.1, 8], [8, 15.1], [0.9, 8]],
  red: [[5, 1], [11, 1], [15, 5], [15, 11], [11, 15], [5, 15], [1, 11], [1, 5]],
};

function shape(g: CanvasRenderingContext2D, name: string): void {
  g.beginPath();
  const points = POLYGONS[name];
  if (points) points.forEach(([x, y], i) => (i ? g.lineTo(x, y) : g.moveTo(x, y)));
  else g.arc(8, 8, 6.6, 0, Math.PI * 2);
  g.closePath();
}

/** Pictures of the map's own: warning shapes and hatches, the silent ring, the incident plate, the stop bar. */
export function addImages(map: GlMap): void {
  const [ink, panel, plate, plateInk, silent, overdue, ok] = ['ink', 'panel', 'plate', 'plate-ink', 'st-silent', 'st-overdue', 'st-ok'].map(colour) as [string, string, string, string, string, string, string];
  for (const name of WARNING) {
    const tone = colour(`warn-${name}`);
    image(map, `shape-${name}`, 16, (g) => {
      shape(g, name);
      g.fillStyle = tone;
      g.fill();
      g.strokeStyle = ink;
      g.lineWidth = 1.1;
      g.stroke();
    });
    image(map, `hatch-${name}`, 12, (g) => {
      g.strokeStyle = tone;
      g.globalAlpha = 0.55;
      g.lineWidth = 1.3;
      for (const x of [-12, 0, 12]) {
        g.beginPath();
        g.moveTo(x, 12);
        g.lineTo(x + 12, 0);
        g.stroke();
      }
    });
  }
  image(map, 'silent', 14, (g) => {
    g.strokeStyle = silent;
    g.lineWidth = 1.6;
    g.setLineDash([2.4, 2]);
    g.beginPath();
    g.arc(7, 7, 5, 0, Math.PI * 2);
    g.stroke();
  });
  image(map, 'incident', 22, (g) => {
    g.fillStyle = plate;
    g.strokeStyle = panel;
    g.lineWidth = 1.5;
    g.beginPath();
    g.roundRect(2, 2, 18, 18, 3);
    g.fill();
    g.stroke();
    g.fillStyle = plateInk;
    g.fillRect(9.9, 5.6, 2.2, 7);
    g.fillRect(9.9, 14.4, 2.2, 2.2);
  });
  for (const [name, tone] of [['crossed', overdue], ['acted', ok], ['quiet', silent]] as const)
    image(map, `stop-${name}`, 18, (g) => {
      g.fillStyle = panel;
      g.strokeStyle = tone;
      g.lineWidth = 2;
      g.beginPath();
      g.arc(9, 9, 7, 0, Math.PI * 2);
      g.fill();
      g.stroke();
      g.fillStyle = tone;
      g.fillRect(4.5, 7.6, 9, 2.8);
    });
}
