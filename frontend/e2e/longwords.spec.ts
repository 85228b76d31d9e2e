import type { Page } from '@playwright/test';
import { inspect } from './inspect';
import { expect, test } from './test';

const longWord = 'Mansionnetworkcommunicationscompanylimit';

test.use({
  settings: {
    BRAND_EN: longWord,
    BRAND_JA: longWord,
    COPYRIGHT: `© ${longWord}`,
    HELP_DESK_NAME_JA: longWord,
    HELP_DESK_URL: 'https://www.mansionnet.example.jp/support/memberpassword.html',
  },
  // The browser reports the answer to the request whose head is too large.
  expectedComplaints: /status of 431/,
});

/** How many pixels of the page are beyond the edge of a narrow phone. */
async function beyondEdge(page: Page): Promise<number> {
  await page.setViewportSize({ width: 320, height: 640 });
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

test('long words of the operator fit the page for a request head that is too large', async ({ page }) => {
  await page.setExtraHTTPHeaders({ 'x-large': 'x'.repeat(20_000) });
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('画面を表示できませんでした');
  expect(await beyondEdge(page)).toBe(0);
});

test('long words of the operator fit the demo’s mailbox', async ({ app, page }) => {
  await app.askForLetter();
  await page.goto('/demo/mailbox');
  await expect(page.getByRole('article').first()).toContainText(longWord);
  expect(await beyondEdge(page)).toBe(0);
});

test('long words of the operator fit the app, in both languages', async ({ app, page }) => {
  await app.openLogin();
  await inspect(page, 'login with long words of the operator');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('banner')).toContainText('Member support');
  expect(await beyondEdge(page)).toBe(0);
});
