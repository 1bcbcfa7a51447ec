import '../../css/map.css';
import { clock, follow, store } from '../console';
import { ensureGlyphs } from '../glyphs';
import type { Items } from '../types';
import { chinese, say } from '../words';
import { startDrillControls } from './drill';
import { Drawing } from './drawing';
import { whereIs } from './features';
import { Legend } from './legend';
import { Panel } from './panel';
import { Scrubber } from './scrubber';
import type { Base } from './style';

const RELOAD_LINE = /^(warning\.issued|level\.|incident\.opened|stopline\.crossed|drill\.fact_noted)/;

async function start(): Promise<void> {
  const base = (await (await fetch('/console/base.json')).json()) as Base;
  if (chinese) {
    await ensureGlyphs(base.counties.features.map((county) => say({ zh: String(county.properties?.['name_zh'] ?? county.properties?.['name']) })).join(''));
    void ensureGlyphs(base.townships.map((town) => town.name.zh).join(''));
  }
  const host = document.getElementById('map') as HTMLElement;
  const phone = innerWidth < 760;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const padding = phone ? { left: 12, right: 12, top: 9 * rem, bottom: 14 * rem } : { left: 23 * rem, right: 16 * rem, top: rem, bottom: 11 * rem };
  const drawing = new Drawing(host, base, padding);
  const divisions = new Map<string, string>(base.townships.map((town) => [town.code, say(town.name)]));
  for (const county of base.counties.features) {
    const names = county.properties as Record<string, string>;
    divisions.set(String(names['code']), say({ zh: names['name_zh'] ?? names['name'], en: names['name_en'] ?? names['name'] }));
  }
  const fly = (item: Record<string, unknown>): void => {
    const at = whereIs(item, drawing.centres);
    if (at) drawing.flyTo(...at);
  };
  const panel = new Panel({ fly, divisions });
  const legend = new Legend(drawing);
  const present = (items: Items): void => {
    drawing.show(items);
    panel.show(items);
    legend.counts(items);
  };
  const scrubber = new Scrubber(clock, {
    past(items, at) {
      present(items);
      panel.feed([], at);
    },
    now() {
      present(store.items);
      panel.feed([], null);
    },
  });
  drawing.onPick((kind, id) => panel.pick(kind, id));
  store.subscribe((changed, frame) => {
    if (scrubber.at === null) {
      if (frame) drawing.update(changed);
      else drawing.show(store.items);
      panel.show(store.items);
      legend.counts(store.items);
    }
    if (frame) panel.feed(frame.events, scrubber.at);
    if (frame?.events.some((entry) => RELOAD_LINE.test(entry.kind))) void scrubber.load().then((entries) => panel.feed(entries, scrubber.at));
  });
  startDrillControls(clock);
  await follow();
  panel.feed(await scrubber.load(), null);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => !document.documentElement.dataset['theme'] && location.reload());
  Object.assign(window, { anlanMap: drawing, anlanScrub: scrubber });
}

void start();
