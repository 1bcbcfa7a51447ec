import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

// Our own mark: three calm waves. 安澜 is still water.
const MARK =
  '<rect x="1" y="1" width="22" height="22" rx="3" fill="none" stroke="currentColor" stroke-width="1.6"/>' +
  '<path d="M4.5 9.2c2.5-3 5 3 7.5 0s5 3 7.5 0M4.5 13c2.5-2.4 5 2.4 7.5 0s5 2.4 7.5 0M4.5 16.8h15" ' +
  'fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>';

const NAMES = [
  'bell', 'bell-ring', 'bell-off', 'map', 'siren', 'radio', 'phone', 'phone-call', 'phone-off', 'users', 'user', 'clock', 'check',
  'x', 'triangle-alert', 'circle-question-mark', 'search', 'sun', 'moon', 'monitor', 'languages', 'play', 'pause',
  'chevron-right', 'chevron-down', 'chevron-left', 'layers', 'list-checks', 'file-text', 'printer', 'log-out',
  'external-link', 'wifi-off', 'gauge', 'droplets', 'waves', 'flag', 'compass', 'keyboard', 'arrow-up-right',
  'arrow-right', 'activity', 'fast-forward', 'rotate-ccw', 'house', 'megaphone', 'menu', 'route', 'hand',
  'book-open', 'factory', 'map-pin', 'badge-check', 'landmark', 'scroll-text', 'bookmark', 'columns-3', 'list-filter',
  'plus', 'pencil', 'arrow-up', 'arrow-down', 'download', 'upload', 'qr-code', 'undo-2', 'eye', 'circle', 'pentagon', 'spline',
  'history', 'inbox', 'shield-alert', 'building-2', 'school', 'list', 'trash-2', 'locate-fixed', 'info',
];

interface IconSet { icons: Record<string, { body: string }>; aliases?: Record<string, { parent: string }> }

/** One SVG file with every icon the pages use, taken from the icon package at build time. */
export function iconSprite(): Plugin {
  return {
    name: 'anlan-icon-sprite',
    generateBundle() {
      const set = createRequire(import.meta.url)('@iconify-json/lucide/icons.json') as IconSet;
      const symbols = NAMES.map((name) => {
        const icon = set.icons[name] ?? set.icons[set.aliases?.[name]?.parent ?? ''];
        if (!icon) this.error(`icon ${name} is not in the icon package`);
        return `<symbol id="${name}" viewBox="0 0 24 24">${icon.body}</symbol>`;
      });
      symbols.push(`<symbol id="mark" viewBox="0 0 24 24">${MARK}</symbol>`);
      const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" color="#0a9aa3">${MARK}</svg>`;
      this.emitFile({ type: 'asset', name: 'mark.svg', originalFileName: 'mark.svg', source: mark });
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
      this.emitFile({ type: 'asset', name: 'icons.svg', originalFileName: 'icons.svg', source });
    },
  };
}
