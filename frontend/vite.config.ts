import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { eager } from './build/eager.ts';
import { keepFolder } from './build/keep.ts';
import { plainImports } from './build/preload.ts';
import { tokens } from './build/tokens.ts';
import { unhydrated } from './build/unhydrated.ts';
import { noSizeBindings } from './build/unused.ts';

const here = import.meta.dirname;

export default defineConfig({
  root: here,
  cacheDir: join(here, '../node_modules/.vite'),
  plugins: [
    svelte({ configFile: false, compilerOptions: { fragments: 'tree' } }),
    svelteTesting(),
    tokens(join(here, 'src')),
    eager(),
    plainImports(),
    unhydrated(),
    noSizeBindings(),
    keepFolder(),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // What Chrome 87 and Safari 14 run, the oldest browsers that SPEC names; older ones get the fallback in index.html.
    // Named by themselves they would get no optional chaining, because of one bug (build/budget.test.ts).
    target: 'es2020',
    cssTarget: ['chrome87', 'safari14'],
    // The content security policy allows no inline script and no data: address.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // One style sheet: what a later screen needs must not make it jump when it comes.
    cssCodeSplit: false,
    // Svelte's classes define no accessors that a plain assignment to a field could call.
    rolldownOptions: { transform: { assumptions: { setPublicClassFields: true } } },
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/demo': 'http://127.0.0.1:8080' },
  },
  test: {
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'app',
          environment: 'jsdom',
          include: ['src/**/*.test.ts'],
          setupFiles: ['src/test/setup.ts'],
          // A walk through several screens, on a machine that does other things too.
          testTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'build',
          environment: 'node',
          include: ['build/**/*.test.ts', '../backend/scripts/*.test.mjs'],
        },
      },
    ],
  },
});
