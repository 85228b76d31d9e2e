import { gate } from './gate';
import { expect, test } from './test';

test('a reload loses nothing of steps 4 and 5 @server', async ({ walk, page, member }) => {
  const { temporaryPassword } = await walk.askForLetter();
  await page.reload();
  await expect(page.getByRole('main').getByText(member.loginId, { exact: true })).toBeVisible();
  await walk.redeem(temporaryPassword);

  await page.reload();
  await expect(walk.heading(walk.words.newPasswordHeading)).toBeVisible();
  await walk.choose('Asa-no-tsuki3');
  await expect(page).toHaveURL('/recover/done');

  await page.reload();
  await expect(walk.heading(walk.words.done)).toBeVisible();
  await page.getByRole('main').getByRole('link').click();
  await expect(walk.field(walk.words.loginId)).toHaveValue(member.loginId);
});

test('back from step 5 does not lead to a used temporary password', async ({ walk, page }) => {
  const { temporaryPassword } = await walk.askForLetter();
  await walk.redeem(temporaryPassword);
  const step5 = page.url();

  await page.goBack();
  await expect(page).toHaveURL('/recover');
  await expect(walk.field(walk.words.mailAddress)).toBeVisible();
  await expect(walk.heading(walk.words.newPasswordHeading)).toBeHidden();
  await page.goForward();
  await expect(page).toHaveURL(step5);
  await expect(walk.heading(walk.words.newPasswordHeading)).toBeVisible();
  await expect(walk.field(walk.words.mailAddress)).toBeHidden();
});

test('after closing the tab at step 5, the address of step 4 leads to step 5 @server', async ({
  walk,
  page,
  context,
}) => {
  const { temporaryPassword } = await walk.askForLetter();
  const step4 = page.url();
  await walk.redeem(temporaryPassword);
  await page.close();

  const next = walk.in(await context.newPage());
  await next.page.goto(step4);
  await expect(next.heading(next.words.newPasswordHeading)).toBeVisible();
  await next.choose('Asa-no-tsuki3');
  await expect(next.page).toHaveURL('/recover/done');
});

test('back after the last page repeats nothing @server', async ({ walk, page }) => {
  const { temporaryPassword } = await walk.askForLetter();
  await walk.redeem(temporaryPassword);
  const step5 = page.url();
  await walk.choose('Asa-no-tsuki3');
  await expect(page).toHaveURL('/recover/done');

  await page.goto(step5);
  await expect(page).toHaveURL('/recover/done');
  await expect(walk.heading(walk.words.done)).toBeVisible();
});

test('each step has an address and a title of its own', async ({ walk, page }) => {
  const addresses: string[] = [];
  const titles: string[] = [];
  const note = async () => {
    addresses.push(new URL(page.url()).pathname.replace(/[A-Z2-7]{26}/, 'ID'));
    titles.push(await page.title());
  };
  await walk.openLogin();
  await note();
  await walk.openRecovery();
  await note();
  await walk.ask();
  await note();
  const { temporaryPassword } = await walk.letter();
  await walk.redeem(temporaryPassword);
  await note();
  await walk.choose('Asa-no-tsuki3');
  await expect(walk.heading(walk.words.done)).toBeVisible();
  await note();

  expect(addresses).toEqual(['/', '/recover', '/recover/ID', '/recover/ID/password', '/recover/done']);
  expect(new Set(titles).size, `titles that differ, of ${titles.join(' / ')}`).toBe(5);
});

test('a double click sends one request @server', async ({ walk, page, member }) => {
  const asked: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && asked.push(new URL(request.url()).pathname));
  await walk.openRecovery();
  await walk.field(walk.words.loginId).fill(member.loginId);
  await walk.field(walk.words.mailAddress).fill(member.mailAddress);
  const answer = gate();
  await page.route('**/api/recoveries', async (route) => {
    await answer.opened;
    await route.continue();
  });
  await walk.button(walk.words.send).dblclick();
  answer.open();

  await expect(walk.field(walk.words.temporaryPassword)).toBeVisible();
  expect(asked).toEqual(['/api/recoveries']);
});

test('after a lost answer the app finds that the temporary password was redeemed @server', async ({
  walk,
  page,
}) => {
  const { temporaryPassword } = await walk.askForLetter();
  await page.route('**/redemption', async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });

  await walk.redeem(temporaryPassword);
});
