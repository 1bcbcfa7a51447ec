import '../../css/public.css';
import { ensureGlyphs } from '../glyphs';

const EVERY_MS = 60_000;

void ensureGlyphs();
/** The map comes when it is looked at: words go first where the net is thin. */
const host = document.getElementById('map');
if (host)
  new IntersectionObserver((seen, watch) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    void import('./publicMap').then(({ startMap }) => startMap(host));
  }, { rootMargin: '200px' }).observe(host);

document.addEventListener('click', (event) => {
  if ((event.target as Element).closest('[data-act=print]')) print();
});

/** Look for news; the page is drawn anew only when there is some. */
async function look(): Promise<void> {
  if (document.hidden) return;
  const answer = await fetch(location.href, { cache: 'no-cache' }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.public-grid > div');
  const here = document.querySelector('.public-grid > div');
  if (fresh && here && fresh.innerHTML !== here.innerHTML) {
    here.replaceWith(fresh);
    document.dispatchEvent(new CustomEvent('anlan:warnings'));
  }
}
if (host) window.setInterval(() => void look(), EVERY_MS);
