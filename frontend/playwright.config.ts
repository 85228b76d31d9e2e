import { defineConfig } from '@playwright/test';
import type { Options } from './e2e/test';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 800 } };

export default defineConfig<object, Options>({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  workers: 2,
  // On a crowded machine a browser may stand still for longer than any patience. The report names what needed this.
  retries: process.env['CI'] ? 1 : 0,
  reporter: 'list',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
  },
  // The walk is walked everywhere, in both languages on one; what goes wrong on the way, once on each kind of server.
  projects: [
    {
      name: 'demo-phone',
      use: { ...phone, kind: 'demo', language: 'ja' },
      testIgnore: 'keyboard.spec.ts',
    },
    { name: 'demo-desktop', use: { ...desktop, kind: 'demo', language: 'en' }, grep: /in en .*@everywhere/ },
    { name: 'real-phone', use: { ...phone, kind: 'real', language: 'ja' }, grep: /in ja .*@everywhere/ },
    {
      name: 'real-desktop',
      use: { ...desktop, kind: 'real', language: 'en' },
      grepInvert: /in ja .*@everywhere/,
      testIgnore: ['brand.spec.ts', 'looks.spec.ts'],
    },
  ],
});
