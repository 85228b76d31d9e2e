import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { compressFiles } from './build/compressed.ts';
import { compileEagerly } from './build/eager.ts';
import { keepOutputFolder } from './build/gitkeep.ts';
import { withoutHydration } from './build/hydration.ts';
import { withoutPreload } from './build/preload.ts';
import { withoutSizeBindings } from './build/sizebindings.ts';
import { tokens } from './build/tokens.ts';

const here = import.meta.dirname;

/**
 * Compiles the app's components as those of Svelte 5. One that uses no rune would be taken for an older one, and would bring
 * Svelte's code for those into the first load. The components of the testing library are not the app's.
 */
const runes = ({ filename }: { filename: string }) => (filename.includes('node_modules') ? undefined : true);

export default defineConfig({
  root: here,
  cacheDir: join(here, '../node_modules/.vite'),
  plugins: [
    svelte({ configFile: false, compilerOptions: { fragments: 'tree', runes, discloseVersion: false } }),
    svelteTesting(),
    tokens(join(here, 'src')),
    compileEagerly(),
    withoutPreload(),
    withoutHydration(),
    withoutSizeBindings(),
    keepOutputFolder(),
    compressFiles(),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The oldest supported browsers are Chrome 87 and Safari 14; older ones get the fallback in index.html. The target
    // 'chrome87' would replace every optional chain because of one bug, which the app does not meet (build/budget.test.ts).
    target: 'es2020',
    cssTarget: ['chrome87', 'safari14'],
    // The content security policy forbids inline scripts and data: addresses.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // One style sheet: one that loads with a later screen would move what is shown already.
    cssCodeSplit: false,
    // Allows assignments in place of defined fields, which are shorter: no class has a setter that they could call.
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
          // Some tests open several screens, and the machine may be busy.
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
