import type { Page } from '@playwright/test';
import { expect, test } from './test';

/** Delays the next calls of a path until the returned function is called. */
async function delay(page: Page, path: string, method: string): Promise<() => void> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(`**/api/${path}`, async (route) => {
    if (route.request().method() !== method) return route.continue();
    await released;
    // Continuing fails for a request that the page has cancelled.
    return route.continue().catch(() => undefined);
  });
  return () => release();
}

test('a temporary password that is redeemed after the member went back leads from step 4 to step 5', async ({
  app,
  page,
}) => {
  const { temporaryPassword } = await app.askForLetter();
  const release = await delay(page, 'recoveries/*/redemption', 'POST');
  await app.enter(temporaryPassword);
  await page.goBack();
  await expect(app.field(app.words.mailAddress)).toBeVisible();
  const answered = page.waitForResponse(/\/redemption$/);
  release();
  expect((await answered).status()).toBe(200);
  await expect(page).toHaveURL('/recover');

  await page.goForward();
  await expect(app.heading(app.words.newPasswordHeading)).toBeVisible();
  expect(await page.evaluate(() => Object.keys(sessionStorage).join())).not.toContain('undefined');
});

test('a sign-in that the member left opens no session', async ({ app, page, member }) => {
  const release = await delay(page, 'session', 'POST');
  await app.openLogin();
  const begun = page.waitForRequest('**/api/session');
  const cancelled = page.waitForEvent('requestfailed');
  await app.signIn(member.password);
  await begun;
  await page.getByRole('link', { name: app.words.forgot, exact: true }).click();
  await cancelled;
  release();
  await expect(app.field(app.words.mailAddress)).toBeVisible();

  await page.goto('/member');
  await expect(app.heading(app.words.login)).toBeVisible();
});
