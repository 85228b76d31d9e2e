import type { Page } from '@playwright/test';
import { inspect } from './inspect';
import { expect, test } from './test';

const otherScreens = '**/assets/rest-*.js';

/** Opens step 2 while the script that holds it does not come, and no time passes. Gives what lets it come. */
async function openHeldBack(page: Page): Promise<() => void> {
  let release: (() => void) | undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(otherScreens, async (route) => {
    await released;
    await route.continue();
  });
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1000);
  await page.goto('/recover', { waitUntil: 'commit' });
  // By then the first script has run: the page would stand if it waited for nothing.
  await page.waitForLoadState('domcontentloaded');
  return () => release?.();
}

test('what is painted first is the screen that was asked for', async ({ walk, page }) => {
  const release = await openHeldBack(page);
  await expect(page.locator('header')).toHaveCount(0);
  release();
  await page.clock.resume();
  await expect(walk.heading(walk.words.recovery)).toBeVisible();
});

test('on a slow line the frame comes first', async ({ walk, page }) => {
  const release = await openHeldBack(page);
  await page.clock.resume();
  await expect(page.locator('.loading')).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('IMS');
  release();
  await expect(walk.heading(walk.words.recovery)).toBeVisible();
});

test.describe('when a screen cannot be loaded', () => {
  test.use({ foreseen: /ERR_FAILED/ });

  test('the page says so, and its button loads it', async ({ walk, page }) => {
    await page.route(otherScreens, (route) => route.abort());
    await page.goto('/recover');
    await expect(page.locator('.notice.error')).toBeVisible();
    await inspect(page, 'not loaded');

    await page.unroute(otherScreens);
    await page.getByRole('main').getByRole('button').click();
    await expect(walk.heading(walk.words.recovery)).toBeVisible();
  });
});

test('what a page reads first is fetched beside the script, and once', async ({ walk, page }) => {
  const { link } = await walk.askForLetter();
  const read = new URL(link, page.url()).pathname.replace('/recover/', '/api/recoveries/');
  const calls: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/') || pathname.startsWith('/assets/index-')) calls.push(pathname);
  });
  // Held until the call has been made: the script cannot be the one that makes it.
  await page.route('**/assets/index-*.js', async (route) => {
    await expect.poll(() => calls).toContain(read);
    await route.continue();
  });
  await page.goto(link);
  await expect(walk.field(walk.words.temporaryPassword)).toBeVisible();
  expect(calls.filter((path) => path.startsWith('/api/'))).toEqual([read]);
});
