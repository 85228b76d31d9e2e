import type { Page } from '@playwright/test';
import { inspect } from './inspect';
import { expect, test } from './test';

/** Blocks the page's cookies as a browser's setting does. Returns the paths of the POST requests from then on. */
async function blockCookies(page: Page): Promise<string[]> {
  const browser = await page.context().newCDPSession(page);
  await browser.send('Emulation.setDocumentCookieDisabled', { disabled: true });
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(new URL(request.url()).pathname));
  return sent;
}

const says = /このサイトのCookieを許可|allow cookies for this site/;

test('with cookies blocked, login says so and sends nothing', async ({ walk, page, member }) => {
  const sent = await blockCookies(page);
  await walk.openLogin();
  await expect(page.getByRole('alert')).toContainText(says);
  await inspect(page, 'login, cookies blocked');
  await walk.signIn(member.password);
  await expect(page.locator('.error-summary')).toBeFocused();
  await expect(walk.field(walk.words.password)).toHaveValue(member.password);
  expect(sent).toEqual([]);
});

test('with cookies blocked, step 4 says so and redeems no temporary password', async ({
  walk,
  page,
  elsewhere,
}) => {
  const { temporaryPassword, link } = await walk.askForLetter();
  const sent = await blockCookies(page);
  await page.goto(link);
  await expect(page.getByRole('alert')).toContainText(says);
  await inspect(page, 'temporary password, cookies blocked');
  await walk.enter(temporaryPassword);
  await expect(page.locator('.error-summary')).toBeFocused();
  expect(sent).toEqual([]);

  const other = await elsewhere();
  await other.page.goto(link);
  await other.redeem(temporaryPassword);
});
