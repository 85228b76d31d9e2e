import type { Plugin } from 'vite';

/**
 * Replaces Vite's helper for dynamic imports, which preloads a chunk's dependencies. The only chunk that the app imports
 * dynamically depends on nothing but the first one. The helper would take 2 % of the first load.
 */
export function withoutPreload(): Plugin {
  return {
    name: 'without-preload',
    apply: 'build',
    transform: {
      filter: { id: /vite\/preload-helper/ },
      handler: () => ({ code: 'export const __vitePreload = (load) => load();', map: null }),
    },
  };
}
