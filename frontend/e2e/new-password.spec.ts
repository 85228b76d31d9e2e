import { inspect } from './inspect';
import { expect, test } from './test';
import type { Language } from './words';

test.beforeEach(async ({ app }) => {
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
});

test('the list marks the rules that are met while typing', async ({ app, page }) => {
  const met = page.locator('.rules li.met');
  await expect(met).toHaveCount(0);
  await app.field(app.words.newPassword).fill('asa');
  await expect(met).toHaveCount(3); // allowed characters, a lower-case letter, no name inside
  await inspect(page, 'rules, some met');
  await app.field(app.words.newPassword).fill('Asa-no-tsuki3');
  await expect(met).toHaveCount(await page.locator('.rules li').count());
});

test('every broken rule is named at once, a full-width character with its position', async ({
  app,
  page,
}) => {
  await app.choose('ａsa');

  const alert = page.getByRole('alert');
  await expect(alert).toContainText('ａ');
  await expect(alert.getByRole('listitem')).toHaveCount(4); // too short, full width, no capital, no digit or symbol
  await inspect(page, 'new password, rules broken');
});

test('two different passwords are refused before anything is sent', async ({ app, page }) => {
  let sent = 0;
  page.on('request', (request) => (sent += Number(request.method() === 'PUT')));
  await app.choose('Asa-no-tsuki3', 'Asa-no-tsuki4');

  await expect(page.getByRole('alert')).toBeVisible();
  await expect(app.field(app.words.newPasswordAgain)).toHaveAttribute('aria-invalid', 'true');
  expect(sent).toBe(0);
});

test('a password that only the server can refuse is reported, and a better one is accepted @server', async ({
  app,
  page,
  member,
}) => {
  for (const [password, code, said] of [
    ['Passw0rd1', 'too_common', /よく使われて|Many people use/],
    [member.password, 'same_as_current', /現在のパスワードと同じ|same as your current/],
  ] as const) {
    const answered = page.waitForResponse((response) => response.request().method() === 'PUT');
    await app.choose(password);
    expect(await (await answered).json()).toMatchObject({
      code: 'password_rejected',
      violations: [{ code }],
    });
    await expect(page.getByRole('alert')).toContainText(said);
    await inspect(page, `new password, ${code}`);
  }
  const signIn = page.getByRole('alert').locator('a[href="/"]');
  await signIn.click();
  await expect(app.field(app.words.loginId)).toHaveValue(member.loginId);
  await page.goBack();

  await app.choose('Asa-no-tsuki3');
  await expect(page).toHaveURL('/recover/done');
});

for (const language of ['ja', 'en'] satisfies Language[]) {
  test.describe(`in ${language}`, () => {
    test.use({ language });

    test('a generated password is accepted', async ({ app, page }) => {
      await app.button(app.words.make).click();
      const made = await app.field(app.words.newPassword).inputValue();
      expect(made).toMatch(/^[A-Z]{4}(-[a-z0-9]{4}){3}$/);
      await expect(page.locator('.made code')).toHaveText(made);
      await page.locator('.made-password button').click();
      await expect(page.locator('.copied')).not.toBeEmpty();
      await inspect(page, 'new password, made');

      await app.button(app.words.change).click();
      await expect(app.heading(app.words.done)).toBeVisible();
      await app.openLogin();
      await app.signIn(made);
      await app.seeMember();
    });
  });
}

test('a password can be pasted and shown, and is masked again when it is sent', async ({
  app,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(() => navigator.clipboard.writeText('asa'));
  const field = app.field(app.words.newPassword);
  await field.press('ControlOrMeta+V');
  await expect(field).toHaveValue('asa');
  await page.locator('button[aria-controls="new_password"]').click();
  await expect(field).toHaveAttribute('type', 'text');
  await inspect(page, 'new password, shown');

  await app.button(app.words.change).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(field).toHaveAttribute('type', 'password');
});
