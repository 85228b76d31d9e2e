import type { Page } from '@playwright/test';
import { inspect } from './inspect';
import { expect, test } from './test';
import type { App } from './app';

const wrong = 'Wrong2345';

const elsewhere =
  /^(別の画面（タブ）で入力された場合は、その画面でお続けください。|If you entered the temporary password on another page \(tab\), continue there\.)$/;

/** Asserts that the first line says that the recovery was continued elsewhere. */
async function pointsElsewhere(page: Page): Promise<void> {
  await expect(page.locator('main .notice.error p').first()).toHaveText(elsewhere);
}

/** Asserts that the page is a dead end, with one button that leads to step 2 with the login ID filled in. */
async function isDeadEnd(app: App, page: Page, what: string, loginId: string): Promise<void> {
  const button = page.getByRole('main').getByRole('button');
  await expect(button, `${what}: one button`).toHaveCount(1);
  await inspect(page, what);
  await button.click();
  await expect(page).toHaveURL('/recover');
  await expect(app.field(app.words.loginId)).toHaveValue(loginId);
}

/** Uses up all guesses but one. Each guess waits for the answer to the one before: until then the page sends no other. */
async function guessUntilOneIsLeft(app: App, page: Page): Promise<void> {
  for (const left of [4, 3, 2, 1]) {
    await app.enter(wrong);
    await expect(page.getByRole('alert')).toContainText(left === 1 ? /1|once/ : String(left));
  }
}

test('after a wrong temporary password, the page says how many guesses are left, and the right one is accepted @server', async ({
  app,
  page,
}) => {
  const { temporaryPassword } = await app.askForLetter();

  await app.enter(wrong);
  await expect(page.getByRole('alert')).toContainText('4');
  await inspect(page, 'a wrong temporary password');
  await app.enter('');
  await expect(page.getByRole('alert')).toContainText(
    /仮パスワードを入力してください。|Enter the temporary password\./,
  );
  await inspect(page, 'no temporary password');

  await app.redeem(temporaryPassword);
});

test('five wrong temporary passwords end the recovery, and the link in the letter still works @server', async ({
  app,
  page,
  member,
}) => {
  const { temporaryPassword, link } = await app.askForLetter();
  await guessUntilOneIsLeft(app, page);
  await app.enter(wrong);
  await isDeadEnd(app, page, 'ended by guesses', member.loginId);

  await page.goto(link);
  await app.redeem(temporaryPassword);
});

test('an ended recovery says so after a reload too @server', async ({ app, page, member }) => {
  await app.askForLetter();
  await guessUntilOneIsLeft(app, page);
  await app.enter(wrong);
  await expect(app.field(app.words.temporaryPassword)).toBeHidden();

  await page.reload();
  await isDeadEnd(app, page, 'ended by guesses, reloaded', member.loginId);
});

test('a used temporary password says that it works only once @server', async ({
  app,
  page,
  member,
  elsewhere,
}) => {
  const { temporaryPassword, link } = await app.askForLetter();
  const other = await elsewhere();
  await other.page.goto(link);
  await other.redeem(temporaryPassword);

  const answered = page.waitForResponse(/\/redemption$/);
  await app.enter(temporaryPassword);
  expect(await (await answered).json()).toMatchObject({ code: 'recovery_ended', reason: 'used' });
  await pointsElsewhere(page);
  // A member who has set a new password already needs the link to login.
  await expect(page.getByRole('main').getByRole('link')).toHaveAttribute('href', '/');
  await isDeadEnd(app, page, 'used', member.loginId);
});

test('an unknown login ID is answered with the same screen @server', async ({ app, elsewhere, member }) => {
  await app.openRecovery();
  await app.ask();
  const other = await elsewhere();
  await other.openRecovery();
  await other.ask(member.mailAddress, 'nobody-at-all');

  const shown = async (of: App, loginId: string) => {
    const text = await of.page.getByRole('main').innerText();
    return text
      .replaceAll(member.mailAddress, 'ADDRESS')
      .replaceAll(loginId, 'ID')
      .replace(/\d{8}/, 'RECEIPT');
  };
  await other.enter(wrong);
  await app.enter(wrong);
  await expect(other.page.getByRole('alert')).toBeVisible();
  await expect(app.page.getByRole('alert')).toBeVisible();
  expect(await shown(other, 'nobody-at-all')).toBe(await shown(app, member.loginId));
});

test('an unknown recovery leads to a new one @server', async ({ app, page }) => {
  await page.goto(`/recover/${'A'.repeat(26)}`);
  await isDeadEnd(app, page, 'gone', '');
});

test('without its grant, step 5 sets no password and leads to a new recovery @server', async ({
  app,
  page,
  context,
  member,
}) => {
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  await context.clearCookies();

  await app.choose('Asa-no-tsuki3');
  await expect(app.field(app.words.newPassword)).toBeHidden();
  await pointsElsewhere(page);
  await isDeadEnd(app, page, 'grant gone', member.loginId);
  await app.openLogin();
  await app.signIn(member.password);
  await app.seeMember();
});

test('step 5 before step 4 leads to step 4 @server', async ({ app, page }) => {
  await app.askForLetter();
  const step4 = page.url();
  await page.goto(`${step4}/password`);
  const toStep4 = page.getByRole('main').getByRole('link');
  await expect(toStep4).toBeVisible();
  await inspect(page, 'step 5 too early');
  await toStep4.click();
  await expect(page).toHaveURL(step4);
});

test('a second page of the same recovery continues where the first one is @server', async ({
  app,
  page,
  context,
}) => {
  const { temporaryPassword, link } = await app.askForLetter();
  const second = app.in(await context.newPage());
  await second.page.goto(link);
  await expect(second.field(second.words.temporaryPassword)).toBeVisible();
  await inspect(second.page, 'opened from the mail');
  await page.goto(link);
  await app.redeem(temporaryPassword);

  await second.redeem(temporaryPassword);
  await second.choose('Asa-no-tsuki3');
  await expect(second.heading(second.words.done)).toBeVisible();
  await app.choose('Yoru-no-hoshi4');
  await expect(app.heading(app.words.done)).toBeVisible();
});

test('requesting the mail again too soon is no error: the page says from when it can be requested', async ({
  app,
  page,
}) => {
  await app.askForLetter();
  const now = new Date();
  // With a fixed clock it is too soon, however long the test takes.
  await page.clock.setFixedTime(now);
  let asked = 0;
  page.on('request', (request) => (asked += Number(request.url().endsWith('/letter'))));
  await app.button(app.words.askAgain).click();
  await expect(page.locator('.letter .notice.success')).toBeVisible();
  expect(asked).toBe(1);
  await inspect(page, 'asked again');

  await page.reload();
  await app.button(app.words.askAgain).click();
  await expect(page.locator('.letter .notice.information')).toContainText(/[0-9]{2}:[0-9]{2}/);
  expect(asked).toBe(1);
  await inspect(page, 'asked again too soon');

  await page.clock.setFixedTime(now.getTime() + 61_000);
  await app.button(app.words.askAgain).click();
  await expect(page.locator('.letter .notice.success')).toBeVisible();
  expect(asked).toBe(2);
});

test('the page finds the temporary password in a pasted text', async ({ app, page }) => {
  const { temporaryPassword } = await app.askForLetter();
  const field = app.field(app.words.temporaryPassword);
  await field.evaluate((input, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, `【仮パスワード】\n${temporaryPassword}\n`);
  await expect(field).toHaveValue(temporaryPassword);
  await expect(page.locator('.picked')).toContainText(temporaryPassword);
  await inspect(page, 'temporary password, pasted');
  await app.button(app.words.goOn).click();
  await expect(app.heading(app.words.newPasswordHeading)).toBeVisible();
});

test('an address without a page says so', async ({ page }) => {
  await page.goto('/nowhere');
  await expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
  await inspect(page, 'not found');
});
