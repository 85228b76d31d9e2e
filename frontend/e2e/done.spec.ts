import { inspect } from './inspect';
import { expect, test } from './test';

test.use({ expectedComplaints: /status of 503/ });

test('a generated password is shown until it is set and on the last page, where one press signs in @server', async ({
  walk,
  page,
}) => {
  const { temporaryPassword } = await walk.askForLetter();
  await walk.redeem(temporaryPassword);
  await walk.button(walk.words.make).click();
  const made = await walk.field(walk.words.newPassword).inputValue();
  await page.route('**/api/recoveries/*/password', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"code":"busy"}' }),
  );
  await walk.button(walk.words.change).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.locator('.made code')).toHaveText(made);
  await page.unroute('**/api/recoveries/*/password');

  await walk.button(walk.words.change).click();
  await expect(walk.heading(walk.words.done)).toBeVisible();
  await expect(page.locator('.made code')).toHaveText(made);
  await expect(page.locator('.title > svg.mark'), 'the mark of success').toBeVisible();
  await inspect(page, 'done, with a made password');

  const first = page.getByRole('main').getByRole('button').first();
  await expect(first).toHaveText(walk.words.signInNow);
  await first.click();
  await walk.seeMember();
  await page.goBack();
  await expect(page.locator('body')).not.toContainText(made);
});

test('a temporary password is pasted with one press', async ({ walk, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { temporaryPassword } = await walk.askForLetter();
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), ` ${temporaryPassword}\n`);
  await walk.button(walk.words.paste).click();
  await expect(walk.field(walk.words.temporaryPassword)).toHaveValue(temporaryPassword);
  await walk.button(walk.words.goOn).click();
  await expect(walk.heading(walk.words.newPasswordHeading)).toBeVisible();
});

test('on a phone the button that goes on is as wide as the page', async ({ walk, page }) => {
  await walk.openLogin();
  const button = await walk.button(walk.words.signIn).boundingBox();
  expect(button?.width).toBe((page.viewportSize()?.width ?? 0) - 32);
});
