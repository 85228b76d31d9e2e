import type { Page } from '@playwright/test';
import { gate, type Gate } from './gate';
import { inspect } from './inspect';
import { expect, test } from './test';

const otherScreens = '**/assets/rest-*.js';

/** How long the page waits for the script of its screen before it shows its frame, in milliseconds. */
const patienceOfPage = 1000;

/** Opens step 2 while the script that holds it does not come, and time stands still. Gives what lets it come. */
async function openHeldBack(page: Page): Promise<Gate> {
  const script = gate();
  await page.route(otherScreens, async (route) => {
    await script.opened;
    await route.continue();
  });
  const now = Date.now();
  await page.clock.install({ time: now });
  // Far enough ahead that the clock, which runs from here, has not come past it already.
  await page.clock.pauseAt(now + 3_600_000);
  await page.goto('/recover', { waitUntil: 'commit' });
  // By then the first script has run up to its first timer.
  await page.waitForLoadState('domcontentloaded');
  return script;
}

test('what is painted first is the screen that was asked for', async ({ walk, page }) => {
  const script = await openHeldBack(page);
  // The page would stand now if it waited for nothing: its mounting is a timer that is due at once.
  await page.clock.runFor(patienceOfPage - 1);
  await expect(page.locator('header')).toHaveCount(0);
  script.open();
  await page.clock.resume();
  await expect(walk.heading(walk.words.recovery)).toBeVisible();
});

test('on a slow line the frame comes first', async ({ walk, page }) => {
  const script = await openHeldBack(page);
  await page.clock.runFor(patienceOfPage);
  await page.clock.resume();
  await expect(page.locator('.loading')).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('IMS');
  script.open();
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
