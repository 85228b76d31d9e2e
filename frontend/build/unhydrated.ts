import type { Plugin } from 'vite';

/**
 * Leaves out Svelte's code for hydration, which takes over markup that a server has rendered: ours renders none. Svelte
 * guards that code with one variable, so that a build can drop it; it does where the variable is a constant.
 */
export function unhydrated(): Plugin {
  return {
    name: 'unhydrated',
    apply: 'build',
    transform: {
      filter: { id: /svelte\/src\/internal\/client\/dom\/hydration\.js/ },
      handler: (code) => {
        const constant = code
          .replace('export let hydrating = false;', 'export const hydrating = false;')
          .replace('\thydrating = value;', '');
        if (/hydrating = value|let hydrating/.test(constant))
          throw new Error('Svelte keeps `hydrating` otherwise now');
        return { code: constant, map: null };
      },
    },
  };
}
