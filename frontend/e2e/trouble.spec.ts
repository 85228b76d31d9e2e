import type { Page } from '@playwright/test';
import { gate } from './gate';
import { inspect } from './inspect';
import { expect, test } from './test';

test.use({ expectedComplaints: /ERR_INTERNET_DISCONNECTED|status of 5\d\d/ });

/** Answers the next calls of a path with a problem. */
async function refuse(page: Page, path: string, status: number, code: string, retryAfter?: number) {
  await page.route(`**/api/${path}`, (route) =>
    route.fulfill({
      status,
      contentType: 'application/problem+json',
      headers: retryAfter ? { 'Retry-After': String(retryAfter) } : {},
      body: JSON.stringify({ title: code, status, code, request_id: 'R7Q4' }),
    }),
  );
}

test('offline, the page keeps what was typed, and the same button works when the network is back', async ({
  app,
  page,
  context,
  member,
}) => {
  await app.openRecovery();
  await app.field(app.words.loginId).fill(member.loginId);
  await app.field(app.words.mailAddress).fill(member.mailAddress);
  await context.setOffline(true);
  await app.button(app.words.send).click();
  await expect(page.getByRole('alert')).toContainText(/インターネット|offline/);
  await expect(page).toHaveTitle(/^(エラー：|Error: )/);
  await inspect(page, 'offline');

  await context.setOffline(false);
  await expect(app.field(app.words.mailAddress)).toHaveValue(member.mailAddress);
  await app.button(app.words.send).click();
  await expect(app.field(app.words.temporaryPassword)).toBeVisible();
});

test('a fault of the server is reported with a number for the help desk', async ({ app, page, member }) => {
  await refuse(page, 'recoveries', 500, 'internal');
  await app.openRecovery();
  await app.field(app.words.loginId).fill(member.loginId);
  await app.field(app.words.mailAddress).fill(member.mailAddress);
  await app.button(app.words.send).click();
  await expect(page.getByRole('alert')).toContainText('R7Q4');
  await inspect(page, 'server error');
});

test('after too many tries, every step says how long to wait', async ({ app, page, member }) => {
  const wait = /2分ほど待ってから|in about 2 minutes/;
  const alert = page.getByRole('alert');

  await refuse(page, 'session', 429, 'too_many_attempts', 90);
  await app.openLogin();
  await app.signIn(member.password);
  await expect(alert).toContainText(wait);
  await expect(app.field(app.words.password)).toHaveValue(member.password);
  await inspect(page, 'too many tries to sign in');

  await refuse(page, 'recoveries', 429, 'too_many_attempts', 90);
  await app.openRecovery();
  await app.field(app.words.loginId).fill(member.loginId);
  await app.field(app.words.mailAddress).fill(member.mailAddress);
  await app.button(app.words.send).click();
  await expect(alert).toContainText(wait);
  await page.unroute('**/api/recoveries');

  await app.button(app.words.send).click();
  await expect(app.field(app.words.temporaryPassword)).toBeVisible();
  const { temporaryPassword } = await app.letter();
  await refuse(page, 'recoveries/*/redemption', 429, 'too_many_attempts', 90);
  await app.enter(temporaryPassword);
  await expect(alert).toContainText(wait);
  await expect(app.field(app.words.temporaryPassword)).toHaveValue(temporaryPassword);
  await inspect(page, 'too many temporary passwords');
  await page.unroute('**/api/recoveries/*/redemption');

  await app.redeem(temporaryPassword);
  await refuse(page, 'recoveries/*/password', 503, 'busy', 7);
  await app.choose('Asa-no-tsuki3');
  await expect(alert).toContainText(/7秒ほど待ってから|in about 7 seconds/);
  await expect(app.field(app.words.newPassword)).toHaveValue('Asa-no-tsuki3');
  await inspect(page, 'new password, busy');
});

test('when the state cannot be read, the page says so and can read it again', async ({ app, page }) => {
  await app.askForLetter();
  await refuse(page, 'recoveries/*', 503, 'unavailable', 3);
  await page.reload();
  await expect(page.getByText(/混み合っています|We’re busy/)).toBeVisible();
  await inspect(page, 'state unread');
  await page.unroute('**/api/recoveries/*');
  await page.getByRole('main').getByRole('button').click();
  await expect(app.field(app.words.temporaryPassword)).toBeVisible();
});

test('while a request is under way, the page says so and ignores a second press', async ({
  app,
  page,
  member,
}) => {
  const answer = gate();
  const sent: string[] = [];
  await page.route('**/api/session', async (route) => {
    sent.push(route.request().method());
    await answer.opened;
    await route.continue();
  });
  await app.openLogin();
  await app.signIn(member.password);
  await expect(page.getByText(/送信しています|Sending/)).toBeVisible();
  await app.button(app.words.signIn).click();
  await inspect(page, 'waiting');
  answer.open();
  await app.seeMember();
  expect(sent).toEqual(['POST']);
});
