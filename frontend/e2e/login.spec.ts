import { inspect } from './inspect';
import { expect, test } from './test';
import { words } from './words';

test('a refused sign-in offers recovery with the login ID filled in @server', async ({
  app,
  page,
  member,
}) => {
  await app.openLogin();
  await app.signInInVain('Not-my-pass1');

  await expect(app.field(app.words.password)).toHaveValue('');
  await inspect(page, 'sign-in refused');
  await page.getByRole('alert').locator('a[href="/recover"]').click();
  await expect(app.heading(app.words.recovery)).toBeVisible();
  await expect(app.field(app.words.loginId)).toHaveValue(member.loginId);
});

test('an unknown login ID is refused with the same words @server', async ({ app, page }) => {
  await app.openLogin();
  await app.signInInVain('Not-my-pass1');
  const known = await page.getByRole('alert').innerText();

  await app.openLogin();
  await app.signInInVain('Not-my-pass1', 'nobody-at-all');
  await expect(page.getByRole('alert')).toHaveText(known, { useInnerText: true });
});

test('the summary names the empty fields and links to them', async ({ app, page }) => {
  await app.openLogin();
  await app.button(app.words.signIn).click();

  const links = page.getByRole('alert').getByRole('link');
  await expect(links).toHaveCount(2);
  await inspect(page, 'login, empty');
  await links.nth(1).click();
  await expect(app.field(app.words.password)).toBeFocused();
});

test('a login ID is accepted with its suffix, in capitals and full width @server', async ({
  app,
  page,
  member,
}) => {
  const wide = Array.from(member.loginId.toUpperCase(), (each) =>
    String.fromCharCode(each.charCodeAt(0) + 0xfee0),
  );
  await app.openLogin();
  await app.signIn(member.password, `${wide.join('')}@wakwak.com `);
  await expect(page).toHaveURL('/member');
  await app.seeMember();
});

test('the page asks once about an address unlike the example, and never blocks it', async ({ app, page }) => {
  await app.openRecovery();
  await app.field(app.words.loginId).fill(app.member.loginId);
  await app.field(app.words.mailAddress).fill('someone@gmail.com');
  await app.button(app.words.send).click();

  await expect(page.getByRole('main')).toContainText('@gmail.com');
  await expect(page).toHaveURL('/recover');
  await inspect(page, 'is this right?');
  await app.button(app.words.send).click();
  await expect(app.field(app.words.temporaryPassword)).toBeVisible();
});

test('a value that cannot be a login ID or an address is reported at its field', async ({ app, page }) => {
  await app.openRecovery();
  await app.button(app.words.send).click();
  await expect(page.getByRole('alert').getByRole('link')).toHaveCount(2);
  await inspect(page, 'recovery, empty');

  await app.field(app.words.loginId).fill('あいう');
  await app.field(app.words.mailAddress).fill(app.member.mailAddress);
  await app.button(app.words.send).click();
  await expect(app.field(app.words.loginId)).toHaveAttribute('aria-invalid', 'true');
  await expect(app.field(app.words.mailAddress)).not.toHaveAttribute('aria-invalid', 'true');
});

test('the language switch changes the words, keeps what was typed, and is remembered', async ({
  app,
  page,
  member,
}) => {
  await app.openRecovery();
  await app.field(app.words.loginId).fill(member.loginId);
  await page.getByRole('button', { name: 'English' }).click();

  await expect(app.heading(words.en.recovery)).toBeVisible();
  await expect(app.field(words.en.loginId)).toHaveValue(member.loginId);
  await page.reload();
  await expect(app.heading(words.en.recovery)).toBeVisible();
});
