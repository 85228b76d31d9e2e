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
  walk,
  page,
}) => {
  const { temporaryPassword } = await walk.askForLetter();
  const release = await delay(page, 'recoveries/*/redemption', 'POST');
  await walk.enter(temporaryPassword);
  await page.goBack();
  await expect(walk.field(walk.words.mailAddress)).toBeVisible();
  const answered = page.waitForResponse(/\/redemption$/);
  release();
  expect((await answered).status()).toBe(200);
  await expect(page).toHaveURL('/recover');

  await page.goForward();
  await expect(walk.heading(walk.words.newPasswordHeading)).toBeVisible();
  expect(await page.evaluate(() => Object.keys(sessionStorage).join())).not.toContain('undefined');
});

test('a sign-in that the member left opens no session', async ({ walk, page, member }) => {
  const release = await delay(page, 'session', 'POST');
  await walk.openLogin();
  const begun = page.waitForRequest('**/api/session');
  const cancelled = page.waitForEvent('requestfailed');
  await walk.signIn(member.password);
  await begun;
  await page.getByRole('link', { name: walk.words.forgot, exact: true }).click();
  await cancelled;
  release();
  await expect(walk.field(walk.words.mailAddress)).toBeVisible();

  await page.goto('/member');
  await expect(walk.heading(walk.words.login)).toBeVisible();
});
