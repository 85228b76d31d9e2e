import { defineConfig } from '@playwright/test';
import { patience } from './e2e/patience';
import type { Options } from './e2e/test';

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 800 } };

export default defineConfig<object, Options>({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  workers: 2,
  reporter: 'list',
  // A test waits for many things.
  timeout: 5 * patience,
  expect: { timeout: patience },
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
  // Everything runs before a demo on a phone. The walk (@everywhere) is walked on each kind of server and device, in
  // both languages on a demo's phone. What rests on the database, Redis or the mail server (@server) runs before them
  // too; what can be seen there alone (@real), only there; what needs a desktop (@desktop), only on one.
  projects: [
    {
      name: 'demo-phone',
      use: { ...phone, kind: 'demo', language: 'ja' },
      grepInvert: /@real|@desktop/,
    },
    {
      name: 'demo-desktop',
      use: { ...desktop, kind: 'demo', language: 'en' },
      grep: /in en .*@everywhere|@desktop/,
    },
    {
      name: 'real-phone',
      use: { ...phone, kind: 'real', language: 'ja' },
      grep: /in ja .*@everywhere|@real/,
    },
    {
      name: 'real-desktop',
      use: { ...desktop, kind: 'real', language: 'en' },
      grep: /in en .*@everywhere|@server/,
    },
  ],
});
