import type { Page } from '@playwright/test';
import { inspect } from './inspect';
import { expect, test } from './test';

const minutes = (count: number) => count * 60_000;

/**
 * Moves the page's clock forward. Resolves when every timer that is due has run, and what it changed is shown. No request may
 * be under way: its timeout would be over too.
 */
function forward(page: Page, time: number): Promise<void> {
  return page.clock.fastForward(time);
}

test('the end of a session is announced five minutes before, and one press extends the session @server', async ({
  app,
  page,
}) => {
  await page.clock.install();
  await app.openLogin();
  await app.signIn(app.member.password);
  await app.seeMember();
  const stay = app.button(app.words.stay);
  await forward(page, minutes(24));
  await expect(stay).toBeHidden();

  await forward(page, minutes(2));
  await expect(stay).toBeVisible();
  await inspect(page, 'session ends soon');
  await stay.click();
  await expect(stay).toBeHidden();
  await inspect(page, 'session goes on');

  await forward(page, minutes(24));
  await expect(stay).toBeHidden();
  await forward(page, minutes(5) + 30_000);
  await expect(stay).toBeVisible();
  await inspect(page, 'session ends now');
  // The page's clock alone ends no session: the page asks the server, and this browser has no cookie of a session any more.
  await page.context().clearCookies();
  await forward(page, minutes(1));
  await expect(app.heading(app.words.login)).toBeVisible();
  await inspect(page, 'session ended');
});

test('step 5 announces when its time ends, also after a reload', async ({ app, page }) => {
  await page.clock.install();
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  const notice = page.locator('.ending .notice');
  await forward(page, minutes(24));
  await expect(notice).toBeHidden();
  await forward(page, minutes(2));
  await expect(notice).toBeVisible();
  await inspect(page, 'grant ends soon');

  await page.reload();
  await expect(notice).toBeVisible();
  const left = await page.evaluate(() => {
    const [redeemedAt] =
      Object.entries(sessionStorage).find(([name]) => name.startsWith('redeemed_at')) ?? [];
    return Number(sessionStorage.getItem(redeemedAt ?? '')) + 30 * 60_000 - Date.now();
  });
  const early = await notice.innerText();
  await forward(page, left - 50_000);
  await expect(notice).not.toHaveText(early);
  await inspect(page, 'grant ends now');
  await app.choose('Asa-no-tsuki3');
  await expect(app.heading(app.words.done)).toBeVisible();
});
