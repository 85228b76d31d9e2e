import { expect, type Page } from '@playwright/test';
import { test } from './test';
import { recoveryAddress, type Walk } from './walk';

const newPassword = 'Asa-no-tsuki3';

/** What a Japanese keyboard gives in full-width mode. */
const wide = (text: string) =>
  Array.from(text, (each) => String.fromCharCode(each.charCodeAt(0) + 0xfee0)).join('');

/** Presses Tab until what is wanted has the focus, and sees that on the way each stop can be seen. */
async function tabTo(page: Page, wanted: () => Promise<boolean>, what: string): Promise<void> {
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press('Tab');
    const ring = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element);
      return outlineStyle === 'none' ? 0 : parseFloat(outlineWidth);
    });
    expect(ring, `${what}: the ring around a stop before it`).toBeGreaterThanOrEqual(3);
    if (await wanted()) return;
  }
  throw new Error(`${what} cannot be reached with the keyboard`);
}

/** Types as an input method does: the whole text at once. A field that comes later is waited for: Tab would pass it by. */
async function typeInto(walk: Walk, label: string, text: string): Promise<void> {
  const field = walk.field(label);
  await expect(field).toBeVisible();
  await tabTo(
    walk.page,
    () => field.evaluate((each) => each === document.activeElement),
    `the field ${label}`,
  );
  await walk.page.keyboard.insertText(text);
}

test('the whole walk, a mistake included, needs the keyboard alone, and takes full-width typing @desktop', async ({
  walk,
  page,
  member,
}) => {
  const { words } = walk;
  await walk.openLogin();
  const forgot = page.getByRole('link', { name: words.forgot, exact: true });
  await tabTo(page, () => forgot.evaluate((each) => each === document.activeElement), 'the way to recovery');
  await page.keyboard.press('Enter');
  await expect(walk.heading(words.recovery)).toBeFocused();

  await typeInto(walk, words.mailAddress, wide(member.mailAddress));
  await page.keyboard.press('Enter');
  await expect(page.locator('.error-summary')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(walk.field(words.loginId)).toBeFocused();
  await page.keyboard.insertText(wide(member.loginId));
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(recoveryAddress);
  await expect(walk.heading(words.recovery)).toBeFocused();
  const { temporaryPassword } = await walk.letter();
  await typeInto(walk, words.temporaryPassword, wide(temporaryPassword));
  await page.keyboard.press('Enter');

  await expect(walk.heading(words.newPasswordHeading)).toBeVisible();
  await expect(walk.heading(words.recovery)).toBeFocused();
  await typeInto(walk, words.newPassword, newPassword);
  await typeInto(walk, words.newPasswordAgain, newPassword);
  await page.keyboard.press('Enter');

  await expect(walk.heading(words.done)).toBeFocused();
  const toLogin = page.getByRole('main').getByRole('link');
  await tabTo(page, () => toLogin.evaluate((each) => each === document.activeElement), 'the way to login');
  await page.keyboard.press('Enter');

  await expect(walk.field(words.loginId)).toHaveValue(member.loginId);
  await typeInto(walk, words.password, newPassword);
  await page.keyboard.press('Enter');
  await expect(walk.heading(words.member)).toBeFocused();
  await walk.seeMember();
});
