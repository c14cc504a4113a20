import { gzipSync } from 'node:zlib';

import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Compressed JavaScript a visitor may be asked to load, in KiB. */
const BUDGET_KIB = 250;

/** The signaling server that `npm run dev` talks to. */
const SERVER = 'localhost:3000';

/** Fails a build whose scripts, compressed, exceed the budget; says the size of one that fits. */
function bundleBudget(): Plugin {
  return {
    name: 'bundle-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const bytes = Object.values(bundle)
        .filter((file) => file.type === 'chunk')
        .reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
      const kib = bytes / 1024;
      if (kib > BUDGET_KIB) {
        this.error(`scripts are ${kib.toFixed(1)} KiB gzip, the budget is ${BUDGET_KIB} KiB`);
      }
      this.info(`scripts: ${kib.toFixed(1)} of ${BUDGET_KIB} KiB gzip`);
    },
  };
}

export default defineConfig({
  plugins: [react(), bundleBudget()],
  build: {
    outDir: '../signaling/http/page',
    emptyOutDir: true,
    assetsDir: 'assets',
    // The content security policy allows no inline code and no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox125', 'safari17.5'],
  },
  server: {
    proxy: {
      '/ws': { target: `ws://${SERVER}`, ws: true },
      '/config.js': `http://${SERVER}`,
      '/health': `http://${SERVER}`,
    },
  },
  test: {
    // Long, because a machine may be busy: nothing is decided by time.
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'core',
          environment: 'node',
          include: ['src/**/*.test.{ts,tsx}'],
          exclude: ['src/ui/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'ui',
          environment: 'jsdom',
          include: ['src/ui/**/*.test.{ts,tsx}'],
          setupFiles: ['src/ui/testing/setup.ts'],
        },
      },
    ],
  },
});
