import { inspect } from './inspect';
import { expect, test } from './test';
import type { Language } from './words';

test.beforeEach(async ({ walk }) => {
  const { temporaryPassword } = await walk.askForLetter();
  await walk.redeem(temporaryPassword);
});

test('the list marks the rules that are met while typing', async ({ walk, page }) => {
  const met = page.locator('.rules li.met');
  await expect(met).toHaveCount(0);
  await walk.field(walk.words.newPassword).fill('asa');
  await expect(met).toHaveCount(3); // allowed characters, a lower-case letter, no name inside
  await inspect(page, 'rules, some met');
  await walk.field(walk.words.newPassword).fill('Asa-no-tsuki3');
  await expect(met).toHaveCount(await page.locator('.rules li').count());
});

test('every broken rule is named at once, a full-width character with its position', async ({
  walk,
  page,
}) => {
  await walk.choose('ａsa');

  const alert = page.getByRole('alert');
  await expect(alert).toContainText('ａ');
  await expect(alert.getByRole('listitem')).toHaveCount(4); // too short, full width, no capital, no digit or symbol
  await inspect(page, 'new password, rules broken');
});

test('two different passwords are refused before anything is sent', async ({ walk, page }) => {
  let sent = 0;
  page.on('request', (request) => (sent += Number(request.method() === 'PUT')));
  await walk.choose('Asa-no-tsuki3', 'Asa-no-tsuki4');

  await expect(page.getByRole('alert')).toBeVisible();
  await expect(walk.field(walk.words.newPasswordAgain)).toHaveAttribute('aria-invalid', 'true');
  expect(sent).toBe(0);
});

test('a password that only the server can refuse is reported, and a better one is accepted @server', async ({
  walk,
  page,
  member,
}) => {
  for (const [password, code, said] of [
    ['Passw0rd1', 'too_common', /よく使われて|Many people use/],
    [member.password, 'same_as_current', /現在のパスワードと同じ|same as your current/],
  ] as const) {
    const answered = page.waitForResponse((response) => response.request().method() === 'PUT');
    await walk.choose(password);
    expect(await (await answered).json()).toMatchObject({
      code: 'password_rejected',
      violations: [{ code }],
    });
    await expect(page.getByRole('alert')).toContainText(said);
    await inspect(page, `new password, ${code}`);
  }
  const signIn = page.getByRole('alert').locator('a[href="/"]');
  await signIn.click();
  await expect(walk.field(walk.words.loginId)).toHaveValue(member.loginId);
  await page.goBack();

  await walk.choose('Asa-no-tsuki3');
  await expect(page).toHaveURL('/recover/done');
});

for (const language of ['ja', 'en'] satisfies Language[]) {
  test.describe(`in ${language}`, () => {
    test.use({ language });

    test('a generated password is accepted', async ({ walk, page }) => {
      await walk.button(walk.words.make).click();
      const made = await walk.field(walk.words.newPassword).inputValue();
      expect(made).toMatch(/^[A-Z]{4}(-[a-z0-9]{4}){3}$/);
      await expect(page.locator('.made code')).toHaveText(made);
      await page.locator('.made-password button').click();
      await expect(page.locator('.copied')).not.toBeEmpty();
      await inspect(page, 'new password, made');

      await walk.button(walk.words.change).click();
      await expect(walk.heading(walk.words.done)).toBeVisible();
      await walk.openLogin();
      await walk.signIn(made);
      await walk.seeMember();
    });
  });
}

test('a password can be pasted and shown, and is masked again when it is sent', async ({
  walk,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(() => navigator.clipboard.writeText('asa'));
  const field = walk.field(walk.words.newPassword);
  await field.press('ControlOrMeta+V');
  await expect(field).toHaveValue('asa');
  await page.locator('button[aria-controls="new_password"]').click();
  await expect(field).toHaveAttribute('type', 'text');
  await inspect(page, 'new password, shown');

  await walk.button(walk.words.change).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(field).toHaveAttribute('type', 'password');
});
