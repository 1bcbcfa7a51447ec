import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

// The open font of the printed papers (思源黑体, SIL OFL): whole files, since one report may hold any village's name.
const HOME = new URL('../node_modules/@embedpdf/fonts-sc/', import.meta.url);
const FILES = ['fonts/NotoSansHans-Regular.otf', 'fonts/NotoSansHans-Bold.otf', 'LICENSE'];

/** Puts the fonts for PDF papers, with their licence, beside the built pages; typst reads them from there. */
export function paperFonts(): Plugin {
  return {
    name: 'anlan-paper-fonts',
    generateBundle() {
      for (const path of FILES) {
        const fileName = `fonts/${path.split('/').pop()}`;
        this.emitFile({ type: 'asset', fileName, source: readFileSync(new URL(path, HOME)) });
      }
    },
  };
}
