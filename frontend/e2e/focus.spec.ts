import { inspect } from './inspect';
import { expect, test } from './test';

test('the notice of an end covers no focused element', async ({ app, page }) => {
  await page.clock.install();
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  const notice = page.locator('.ending .notice');
  await page.clock.fastForward(26 * 60_000);
  await expect(notice).toBeVisible();
  await app.field(app.words.newPasswordAgain).focus();

  const reached: string[] = [];
  while (!reached.includes('new_password')) {
    await page.keyboard.press('Shift+Tab');
    const { name, hidden } = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement;
      const covering = document.querySelector('.ending .notice') as HTMLElement;
      const { top, bottom } = focused.getBoundingClientRect();
      const below = covering.getBoundingClientRect().bottom;
      return {
        name: focused.id || focused.innerText,
        hidden: Math.max(0, below - Math.max(top, 0)) / (bottom - top),
      };
    });
    expect(hidden, `the part of “${name}” that is covered`).toBe(0);
    reached.push(name);
    expect(reached.length, reached.join()).toBeLessThan(10);
  }
  await inspect(page, 'grant ends soon, the field above focused');
});

test('a notice that appears does not cover the focused field', async ({ app, page }) => {
  await page.clock.install();
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  const field = app.field(app.words.newPassword);
  await field.focus();
  await field.evaluate((each) => scrollBy(0, each.getBoundingClientRect().top - 4));
  await page.clock.fastForward(26 * 60_000);
  const notice = page.locator('.ending .notice');
  await expect(notice).toBeVisible();
  await expect(field).toBeFocused();
  const top = async (of: typeof field) => (await of.boundingBox())!.y;
  expect(await top(field)).toBeGreaterThanOrEqual((await top(notice)) + (await notice.boundingBox())!.height);
});
