import type { Page } from '@playwright/test';
import { gate, type Gate } from './gate';
import { inspect } from './inspect';
import { expect, test } from './test';

const otherScreens = '**/assets/rest-*.js';

/** How long the page waits for the script of its screen before it shows only its frame, in milliseconds. */
const patienceOfPage = 1000;

/** Opens step 2 with a stopped clock while its script is delayed. Returns the gate that lets the script through. */
async function openWithDelayedScript(page: Page): Promise<Gate> {
  const script = gate();
  await page.route(otherScreens, async (route) => {
    await script.opened;
    await route.continue();
  });
  const now = Date.now();
  await page.clock.install({ time: now });
  // Far enough ahead that the running clock has not passed it already.
  await page.clock.pauseAt(now + 3_600_000);
  await page.goto('/recover', { waitUntil: 'commit' });
  // The first script has run up to its first timer by then.
  await page.waitForLoadState('domcontentloaded');
  return script;
}

test('the first paint shows the requested screen', async ({ app, page }) => {
  const script = await openWithDelayedScript(page);
  // A page that did not wait would be shown by now: it is mounted by a timer that is due at once.
  await page.clock.runFor(patienceOfPage - 1);
  await expect(page.locator('header')).toHaveCount(0);
  script.open();
  await page.clock.resume();
  await expect(app.heading(app.words.recovery)).toBeVisible();
});

test('on a slow line the first paint shows the frame', async ({ app, page }) => {
  const script = await openWithDelayedScript(page);
  await page.clock.runFor(patienceOfPage);
  await page.clock.resume();
  await expect(page.locator('.loading')).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('IMS');
  script.open();
  await expect(app.heading(app.words.recovery)).toBeVisible();
});

test.describe('when a screen cannot be loaded', () => {
  test.use({ expectedComplaints: /ERR_FAILED/ });

  test('the page says so, and its button loads the screen', async ({ app, page }) => {
    await page.route(otherScreens, (route) => route.abort());
    await page.goto('/recover');
    await expect(page.locator('.notice.error')).toBeVisible();
    await inspect(page, 'not loaded');

    await page.unroute(otherScreens);
    await page.getByRole('main').getByRole('button').click();
    await expect(app.heading(app.words.recovery)).toBeVisible();
  });
});

test('the first call of a page is fetched beside the script, and only once', async ({ app, page }) => {
  const { link } = await app.askForLetter();
  const read = new URL(link, page.url()).pathname.replace('/recover/', '/api/recoveries/');
  const calls: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/') || pathname.startsWith('/assets/index-')) calls.push(pathname);
  });
  // The script is delayed until the call was made, so the script cannot have made it.
  await page.route('**/assets/index-*.js', async (route) => {
    await expect.poll(() => calls).toContain(read);
    await route.continue();
  });
  await page.goto(link);
  await expect(app.field(app.words.temporaryPassword)).toBeVisible();
  expect(calls.filter((path) => path.startsWith('/api/'))).toEqual([read]);
});
