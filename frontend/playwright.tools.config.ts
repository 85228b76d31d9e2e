import { defineConfig } from '@playwright/test';
import base from './playwright.config';
import type { Options } from './e2e/test';

/** Measurements (`npm run lighthouse`) and pictures (`npm run screenshots`). They are no tests: `npm test` does not run them. */
export default defineConfig<object, Options>({
  ...base,
  testMatch: '*.tool.ts',
  // A second worker would slow down the page that is measured.
  workers: 1,
  projects: [
    { name: 'lighthouse', testMatch: 'lighthouse.tool.ts', use: { kind: 'demo', language: 'ja' } },
    ...(['ja', 'en'] as const).map((language) => ({
      name: `screenshots-${language}`,
      testMatch: 'screenshots.tool.ts',
      use: { kind: 'bare' as const, language, viewport: { width: 390, height: 844 } },
    })),
  ],
});
