import { expect, type Page } from '@playwright/test';
import { test } from './test';
import { recoveryAddress, type App } from './app';

const newPassword = 'Asa-no-tsuki3';

/** The text as a Japanese keyboard types it in full-width mode. */
const wide = (text: string) =>
  Array.from(text, (each) => String.fromCharCode(each.charCodeAt(0) + 0xfee0)).join('');

/** Presses Tab until an element has the focus, and asserts that every focused element on the way has a visible ring. */
async function tabTo(page: Page, isFocused: () => Promise<boolean>, what: string): Promise<void> {
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press('Tab');
    const ring = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element);
      return outlineStyle === 'none' ? 0 : parseFloat(outlineWidth);
    });
    expect(ring, `${what}: the width of the focus ring on the way`).toBeGreaterThanOrEqual(3);
    if (await isFocused()) return;
  }
  throw new Error(`${what} cannot be reached with the keyboard`);
}

/** Types the whole text at once, as an input method does. Waits for the field first: Tab would skip a field that is not there yet. */
async function typeInto(app: App, label: string, text: string): Promise<void> {
  const field = app.field(label);
  await expect(field).toBeVisible();
  await tabTo(
    app.page,
    () => field.evaluate((each) => each === document.activeElement),
    `the field ${label}`,
  );
  await app.page.keyboard.insertText(text);
}

test('the whole recovery, also with a mistake, works with the keyboard alone and with full-width typing @desktop', async ({
  app,
  page,
  member,
}) => {
  const { words } = app;
  await app.openLogin();
  const forgot = page.getByRole('link', { name: words.forgot, exact: true });
  await tabTo(page, () => forgot.evaluate((each) => each === document.activeElement), 'the link to recovery');
  await page.keyboard.press('Enter');
  await expect(app.heading(words.recovery)).toBeFocused();

  await typeInto(app, words.mailAddress, wide(member.mailAddress));
  await page.keyboard.press('Enter');
  await expect(page.locator('.error-summary')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(app.field(words.loginId)).toBeFocused();
  await page.keyboard.insertText(wide(member.loginId));
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(recoveryAddress);
  await expect(app.heading(words.recovery)).toBeFocused();
  const { temporaryPassword } = await app.letter();
  await typeInto(app, words.temporaryPassword, wide(temporaryPassword));
  await page.keyboard.press('Enter');

  await expect(app.heading(words.newPasswordHeading)).toBeVisible();
  await expect(app.heading(words.recovery)).toBeFocused();
  await typeInto(app, words.newPassword, newPassword);
  await typeInto(app, words.newPasswordAgain, newPassword);
  await page.keyboard.press('Enter');

  await expect(app.heading(words.done)).toBeFocused();
  const toLogin = page.getByRole('main').getByRole('link');
  await tabTo(page, () => toLogin.evaluate((each) => each === document.activeElement), 'the link to login');
  await page.keyboard.press('Enter');

  await expect(app.field(words.loginId)).toHaveValue(member.loginId);
  await typeInto(app, words.password, newPassword);
  await page.keyboard.press('Enter');
  await expect(app.heading(words.member)).toBeFocused();
  await app.seeMember();
});
