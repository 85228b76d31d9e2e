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

test('with cookies blocked, login says so and sends nothing', async ({ app, page, member }) => {
  const sent = await blockCookies(page);
  await app.openLogin();
  await expect(page.getByRole('alert')).toContainText(says);
  await inspect(page, 'login, cookies blocked');
  await app.signIn(member.password);
  await expect(page.locator('.error-summary')).toBeFocused();
  await expect(app.field(app.words.password)).toHaveValue(member.password);
  expect(sent).toEqual([]);
});

test('with cookies blocked, step 4 says so and redeems no temporary password', async ({
  app,
  page,
  elsewhere,
}) => {
  const { temporaryPassword, link } = await app.askForLetter();
  const sent = await blockCookies(page);
  await page.goto(link);
  await expect(page.getByRole('alert')).toContainText(says);
  await inspect(page, 'temporary password, cookies blocked');
  await app.enter(temporaryPassword);
  await expect(page.locator('.error-summary')).toBeFocused();
  expect(sent).toEqual([]);

  const other = await elsewhere();
  await other.page.goto(link);
  await other.redeem(temporaryPassword);
});
