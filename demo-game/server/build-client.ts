/** Builds the page with Vite into `demo-game/dist`; about half a second, so it is done at every start. */

import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';

const clientFolder = fileURLToPath(new URL('../client', import.meta.url));
export const distFolder = fileURLToPath(new URL('../dist', import.meta.url));

export async function buildClient(): Promise<void> {
  await build({
    configFile: false,
    root: clientFolder,
    base: './',
    logLevel: 'warn',
    resolve: { conditions: ['tickwire-source', ...defaultClientConditions] },
    build: {
      outDir: distFolder,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      // On a busy machine it would remark on its own slowness.
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  });
}
