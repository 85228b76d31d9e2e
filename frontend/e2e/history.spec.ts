import { gate } from './gate';
import { expect, test } from './test';

test('a reload loses nothing of steps 4 and 5 @server', async ({ app, page, member }) => {
  const { temporaryPassword } = await app.askForLetter();
  await page.reload();
  await expect(page.getByRole('main').getByText(member.loginId, { exact: true })).toBeVisible();
  await app.redeem(temporaryPassword);

  await page.reload();
  await expect(app.heading(app.words.newPasswordHeading)).toBeVisible();
  await app.choose('Asa-no-tsuki3');
  await expect(page).toHaveURL('/recover/done');

  await page.reload();
  await expect(app.heading(app.words.done)).toBeVisible();
  await page.getByRole('main').getByRole('link').click();
  await expect(app.field(app.words.loginId)).toHaveValue(member.loginId);
});

test('back from step 5 does not lead to a used temporary password', async ({ app, page }) => {
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  const step5 = page.url();

  await page.goBack();
  await expect(page).toHaveURL('/recover');
  await expect(app.field(app.words.mailAddress)).toBeVisible();
  await expect(app.heading(app.words.newPasswordHeading)).toBeHidden();
  await page.goForward();
  await expect(page).toHaveURL(step5);
  await expect(app.heading(app.words.newPasswordHeading)).toBeVisible();
  await expect(app.field(app.words.mailAddress)).toBeHidden();
});

test('after closing the tab at step 5, the address of step 4 leads to step 5 @server', async ({
  app,
  page,
  context,
}) => {
  const { temporaryPassword } = await app.askForLetter();
  const step4 = page.url();
  await app.redeem(temporaryPassword);
  await page.close();

  const next = app.in(await context.newPage());
  await next.page.goto(step4);
  await expect(next.heading(next.words.newPasswordHeading)).toBeVisible();
  await next.choose('Asa-no-tsuki3');
  await expect(next.page).toHaveURL('/recover/done');
});

test('back after the last page repeats nothing @server', async ({ app, page }) => {
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  const step5 = page.url();
  await app.choose('Asa-no-tsuki3');
  await expect(page).toHaveURL('/recover/done');

  await page.goto(step5);
  await expect(page).toHaveURL('/recover/done');
  await expect(app.heading(app.words.done)).toBeVisible();
});

test('each step has an address and a title of its own', async ({ app, page }) => {
  const addresses: string[] = [];
  const titles: string[] = [];
  const note = async () => {
    addresses.push(new URL(page.url()).pathname.replace(/[A-Z2-7]{26}/, 'ID'));
    titles.push(await page.title());
  };
  await app.openLogin();
  await note();
  await app.openRecovery();
  await note();
  await app.ask();
  await note();
  const { temporaryPassword } = await app.letter();
  await app.redeem(temporaryPassword);
  await note();
  await app.choose('Asa-no-tsuki3');
  await expect(app.heading(app.words.done)).toBeVisible();
  await note();

  expect(addresses).toEqual(['/', '/recover', '/recover/ID', '/recover/ID/password', '/recover/done']);
  expect(new Set(titles).size, `titles that differ, of ${titles.join(' / ')}`).toBe(5);
});

test('a double click sends one request @server', async ({ app, page, member }) => {
  const asked: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && asked.push(new URL(request.url()).pathname));
  await app.openRecovery();
  await app.field(app.words.loginId).fill(member.loginId);
  await app.field(app.words.mailAddress).fill(member.mailAddress);
  const answer = gate();
  await page.route('**/api/recoveries', async (route) => {
    await answer.opened;
    await route.continue();
  });
  await app.button(app.words.send).dblclick();
  answer.open();

  await expect(app.field(app.words.temporaryPassword)).toBeVisible();
  expect(asked).toEqual(['/api/recoveries']);
});

test('after a lost answer the app finds that the temporary password was redeemed @server', async ({
  app,
  page,
}) => {
  const { temporaryPassword } = await app.askForLetter();
  await page.route('**/redemption', async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });

  await app.redeem(temporaryPassword);
});

test('a completed recovery clears what was typed in step 2 of another tab', async ({
  app,
  page,
  context,
}) => {
  await app.openRecovery();
  await app.field(app.words.loginId).fill(app.member.loginId);
  await app.field(app.words.mailAddress).fill(app.member.mailAddress);
  const other = app.in(await context.newPage());
  const { temporaryPassword } = await other.askForLetter();
  await other.redeem(temporaryPassword);
  await other.choose('Asa-no-tsuki3');
  await expect(other.heading(other.words.done)).toBeVisible();
  await expect(app.field(app.words.mailAddress)).toHaveValue('');
  await expect(app.field(app.words.loginId)).toHaveValue('');
  expect(new URL(page.url()).pathname).toBe('/recover');
});
