import type { Plugin } from 'vite';

/**
 * Removes Svelte's code for hydration, which connects components to HTML that a server has rendered: ours renders none. One
 * variable of Svelte guards all of that code, and the minifier drops the code when the variable is a constant.
 */
export function withoutHydration(): Plugin {
  return {
    name: 'without-hydration',
    apply: 'build',
    transform: {
      filter: { id: /svelte\/src\/internal\/client\/dom\/hydration\.js/ },
      handler: (code) => {
        const constant = code
          .replace('export let hydrating = false;', 'export const hydrating = false;')
          .replace('\thydrating = value;', '');
        if (/hydrating = value|let hydrating/.test(constant))
          throw new Error('Svelte declares `hydrating` in another way now: adapt build/hydration.ts');
        return { code: constant, map: null };
      },
    },
  };
}
