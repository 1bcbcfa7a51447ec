import { readFileSync, readdirSync } from 'node:fs';
import type { Plugin } from 'vite';

// The open fonts of the printed papers, all SIL OFL: 思源黑体 as whole files, since one report may hold any village's name;
// 思源宋体 and 霞鹜文楷 in the pieces their packages come in, which the platform presses into whole files once.
const PACKAGES = new URL('../node_modules/', import.meta.url);
const WHOLE = ['NotoSansHans-Regular.otf', 'NotoSansHans-Bold.otf'];
const PIECES = [
  { folder: 'song', from: '@fontsource-variable/noto-serif-sc/files/', name: /-wght-normal\.woff2$/, licence: '@fontsource-variable/noto-serif-sc/LICENSE' },
  { folder: 'kai', from: 'lxgw-wenkai-lite-webfont/files/', name: /^lxgwwenkailite-regular-.*\.woff2$/, licence: 'lxgw-wenkai-lite-webfont/OFL.txt' },
];

/** Puts the fonts for PDF papers, with their licences, beside the built pages. */
export function paperFonts(): Plugin {
  return {
    name: 'anlan-paper-fonts',
    generateBundle() {
      const put = (fileName: string, path: string): void => {
        this.emitFile({ type: 'asset', fileName: `fonts/${fileName}`, source: readFileSync(new URL(path, PACKAGES)) });
      };
      for (const name of WHOLE) put(name, `@embedpdf/fonts-sc/fonts/${name}`);
      put('LICENSE', '@embedpdf/fonts-sc/LICENSE');
      for (const { folder, from, name, licence } of PIECES) {
        for (const file of readdirSync(new URL(from, PACKAGES)).filter((each) => name.test(each))) put(`${folder}/${file}`, from + file);
        put(`${folder}/LICENSE`, licence);
      }
    },
  };
}
