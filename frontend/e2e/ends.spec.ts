import type { Page } from '@playwright/test';
import { inspect } from './inspect';
import { expect, test } from './test';

const minutes = (count: number) => count * 60_000;

/**
 * Lets time pass at once. The page answers when it has run every timer that is due, and what the timers changed is
 * shown. Nothing may be awaited meanwhile: the page's own patience with the server would be over too.
 */
function pass(page: Page, time: number): Promise<void> {
  return page.clock.fastForward(time);
}

test('the end of a session is told five minutes before, and one press goes on @server', async ({
  walk,
  page,
}) => {
  await page.clock.install();
  await walk.openLogin();
  await walk.signIn(walk.member.password);
  await walk.seeMember();
  const stay = walk.button(walk.words.stay);
  await pass(page, minutes(24));
  await expect(stay).toBeHidden();

  await pass(page, minutes(2));
  await expect(stay).toBeVisible();
  await inspect(page, 'session ends soon');
  await stay.click();
  await expect(stay).toBeHidden();
  await inspect(page, 'session goes on');

  await pass(page, minutes(24));
  await expect(stay).toBeHidden();
  await pass(page, minutes(5) + 30_000);
  await expect(stay).toBeVisible();
  await inspect(page, 'session ends now');
  // The page's clock alone ends nothing: the page asks the server, for which this browser has no session any more.
  await page.context().clearCookies();
  await pass(page, minutes(1));
  await expect(walk.heading(walk.words.login)).toBeVisible();
  await inspect(page, 'session ended');
});

test('the time for the new password is told by the clock, its end before it comes, also after a reload', async ({
  walk,
  page,
}) => {
  await page.clock.install();
  const { temporaryPassword } = await walk.askForLetter();
  await walk.redeem(temporaryPassword);
  const told = page.locator('.ending .notice');
  await pass(page, minutes(24));
  await expect(told).toBeHidden();
  await pass(page, minutes(2));
  await expect(told).toBeVisible();
  await inspect(page, 'grant ends soon');

  await page.reload();
  await expect(told).toBeVisible();
  const left = await page.evaluate(() => {
    const [redeemedAt] =
      Object.entries(sessionStorage).find(([name]) => name.startsWith('redeemed_at')) ?? [];
    return Number(sessionStorage.getItem(redeemedAt ?? '')) + 30 * 60_000 - Date.now();
  });
  const early = await told.innerText();
  await pass(page, left - 50_000);
  await expect(told).not.toHaveText(early);
  await inspect(page, 'grant ends now');
  await walk.choose('Asa-no-tsuki3');
  await expect(walk.heading(walk.words.done)).toBeVisible();
});
