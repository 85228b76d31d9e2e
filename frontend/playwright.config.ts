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
  // A test waits for several events, for up to `patience` each.
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
  // All tests run against a demo on a phone, except those that need a real server (@real) or a desktop (@desktop). Tests
  // that depend on MariaDB, Redis or the mail server (@server) also run against a real server on a desktop. The whole
  // recovery (@everywhere) runs against each kind of server on each kind of device.
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
