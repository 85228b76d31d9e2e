import { inspect } from './inspect';
import { expect, test } from './test';
import { words } from './words';

test('a refused sign-in offers recovery with the login ID filled in @server', async ({
  walk,
  page,
  member,
}) => {
  await walk.openLogin();
  await walk.signInInVain('Not-my-pass1');

  await expect(walk.field(walk.words.password)).toHaveValue('');
  await inspect(page, 'sign-in refused');
  await page.getByRole('alert').locator('a[href="/recover"]').click();
  await expect(walk.heading(walk.words.recovery)).toBeVisible();
  await expect(walk.field(walk.words.loginId)).toHaveValue(member.loginId);
});

test('an unknown login ID is refused with the same words @server', async ({ walk, page }) => {
  await walk.openLogin();
  await walk.signInInVain('Not-my-pass1');
  const known = await page.getByRole('alert').innerText();

  await walk.openLogin();
  await walk.signInInVain('Not-my-pass1', 'nobody-at-all');
  await expect(page.getByRole('alert')).toHaveText(known, { useInnerText: true });
});

test('the summary names the empty fields and links to them', async ({ walk, page }) => {
  await walk.openLogin();
  await walk.button(walk.words.signIn).click();

  const links = page.getByRole('alert').getByRole('link');
  await expect(links).toHaveCount(2);
  await inspect(page, 'login, empty');
  await links.nth(1).click();
  await expect(walk.field(walk.words.password)).toBeFocused();
});

test('a login ID is accepted with its suffix, in capitals and full width @server', async ({
  walk,
  page,
  member,
}) => {
  const wide = Array.from(member.loginId.toUpperCase(), (each) =>
    String.fromCharCode(each.charCodeAt(0) + 0xfee0),
  );
  await walk.openLogin();
  await walk.signIn(member.password, `${wide.join('')}@wakwak.com `);
  await expect(page).toHaveURL('/member');
  await walk.seeMember();
});

test('the page asks once about an address unlike the example, and never blocks it', async ({
  walk,
  page,
}) => {
  await walk.openRecovery();
  await walk.field(walk.words.loginId).fill(walk.member.loginId);
  await walk.field(walk.words.mailAddress).fill('someone@gmail.com');
  await walk.button(walk.words.send).click();

  await expect(page.getByRole('main')).toContainText('@gmail.com');
  await expect(page).toHaveURL('/recover');
  await inspect(page, 'is this right?');
  await walk.button(walk.words.send).click();
  await expect(walk.field(walk.words.temporaryPassword)).toBeVisible();
});

test('a value that cannot be a login ID or an address is reported at its field', async ({ walk, page }) => {
  await walk.openRecovery();
  await walk.button(walk.words.send).click();
  await expect(page.getByRole('alert').getByRole('link')).toHaveCount(2);
  await inspect(page, 'recovery, empty');

  await walk.field(walk.words.loginId).fill('あいう');
  await walk.field(walk.words.mailAddress).fill(walk.member.mailAddress);
  await walk.button(walk.words.send).click();
  await expect(walk.field(walk.words.loginId)).toHaveAttribute('aria-invalid', 'true');
  await expect(walk.field(walk.words.mailAddress)).not.toHaveAttribute('aria-invalid', 'true');
});

test('the language switch changes the words, keeps what was typed, and is remembered', async ({
  walk,
  page,
  member,
}) => {
  await walk.openRecovery();
  await walk.field(walk.words.loginId).fill(member.loginId);
  await page.getByRole('button', { name: 'English' }).click();

  await expect(walk.heading(words.en.recovery)).toBeVisible();
  await expect(walk.field(words.en.loginId)).toHaveValue(member.loginId);
  await page.reload();
  await expect(walk.heading(words.en.recovery)).toBeVisible();
});
