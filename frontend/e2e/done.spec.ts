import { inspect } from './inspect';
import { expect, test } from './test';

test.use({ expectedComplaints: /status of 503/ });

test('a generated password is shown until it is set and on the last page, where one press signs in @server', async ({
  app,
  page,
}) => {
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  await app.button(app.words.make).click();
  const made = await app.field(app.words.newPassword).inputValue();
  await page.route('**/api/recoveries/*/password', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"code":"busy"}' }),
  );
  await app.button(app.words.change).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.locator('.made code')).toHaveText(made);
  await page.unroute('**/api/recoveries/*/password');

  await app.button(app.words.change).click();
  await expect(app.heading(app.words.done)).toBeVisible();
  await expect(page.locator('.made code')).toHaveText(made);
  await expect(page.getByRole('main').locator('svg.mark'), 'one mark of success').toHaveCount(1);
  await inspect(page, 'done, with a generated password');

  const first = page.getByRole('main').getByRole('button').first();
  await expect(first).toHaveText(app.words.signInNow);
  await first.click();
  await app.seeMember();
  await page.goBack();
  await expect(page.locator('body')).not.toContainText(made);
});

test('a temporary password is pasted with one press', async ({ app, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { temporaryPassword } = await app.askForLetter();
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), ` ${temporaryPassword}\n`);
  await app.button(app.words.paste).click();
  await expect(app.field(app.words.temporaryPassword)).toHaveValue(temporaryPassword);
  await app.button(app.words.goOn).click();
  await expect(app.heading(app.words.newPasswordHeading)).toBeVisible();
});

test('on a phone the button that goes on is as wide as the page', async ({ app, page }) => {
  await app.openLogin();
  const button = await app.button(app.words.signIn).boundingBox();
  expect(button?.width).toBe((page.viewportSize()?.width ?? 0) - 32);
});
