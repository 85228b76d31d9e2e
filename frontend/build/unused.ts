import type { Plugin } from 'vite';

/**
 * Leaves out Svelte's bindings to an element's size, which no component uses. Bundlers keep the module because it
 * creates an object when it is loaded.
 */
export function noSizeBindings(): Plugin {
  return {
    name: 'no-size-bindings',
    apply: 'build',
    transform: {
      filter: { id: /svelte\/src\/internal\/client\/dom\/elements\/bindings\/size\.js/ },
      handler: () => ({ code: 'export let bind_resize_observer, bind_element_size;', map: null }),
    },
  };
}
