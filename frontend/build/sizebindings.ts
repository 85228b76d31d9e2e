import type { Plugin } from 'vite';

/**
 * Removes Svelte's bindings to an element's size, which no component uses. Bundlers keep the module because it creates an
 * object when it is loaded.
 */
export function withoutSizeBindings(): Plugin {
  return {
    name: 'without-size-bindings',
    apply: 'build',
    transform: {
      filter: { id: /svelte\/src\/internal\/client\/dom\/elements\/bindings\/size\.js/ },
      handler: () => ({ code: 'export let bind_resize_observer, bind_element_size;', map: null }),
    },
  };
}
