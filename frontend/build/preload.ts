import type { Plugin } from 'vite';

/**
 * Replaces Vite's helper for dynamic imports, which loads a chunk's dependencies first: our one later chunk depends on
 * nothing but the first. The helper would be 2 % of the first load.
 */
export function plainImports(): Plugin {
  return {
    name: 'plain-imports',
    apply: 'build',
    transform: {
      filter: { id: /vite\/preload-helper/ },
      handler: () => ({ code: 'export const __vitePreload = (load) => load();', map: null }),
    },
  };
}
