import { defineConfig } from 'vite';
import { iconSprite } from './icons/sprite.ts';
import { paperFonts } from './paper/fonts.ts';

// Pages are rendered by Django; Vite only builds what they load. `manifest.json` is what the
// template tag `{% built %}` reads to turn a source name into a hashed file.
export default defineConfig({
  base: '/static/built/',
  publicDir: false,
  plugins: [iconSprite(), paperFonts()],
  worker: { format: 'es' },
  build: {
    outDir: '../src/anlan/site/static/built',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0, // the pages' content policy allows no data: fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1300,
    rolldownOptions: {
      input: {
        console: 'src/console.ts', map: 'src/map/main.ts', registers: 'src/registers/main.ts', inside: 'src/inside/main.ts',
        monitoring: 'src/monitoring/main.ts', rainmap: 'src/monitoring/rainmap.ts', signals: 'src/monitoring/signals.ts',
        compose: 'src/warning/compose.ts', received: 'src/warning/received.ts', push: 'src/push/main.ts',
        pushWorker: 'src/push/worker.ts', board: 'src/warning/board.ts', public: 'src/warning/public.ts',
        command: 'src/response/command.ts', duty: 'src/response/duty.ts', incidents: 'src/response/incidents.ts',
        order: 'src/response/order.ts', orderForm: 'src/response/order_form.ts', orders: 'src/response/orders.ts',
        papers: 'src/papers/main.ts', plans: 'src/response/plans.ts', reports: 'src/response/reports.ts',
        task: 'src/response/task.ts',
      },
    },
  },
});
