import { inspect } from './inspect';
import type { Letter } from './server';
import { expect, test } from './test';
import { recoveryAddress } from './app';
import type { Language } from './words';

const newPassword = 'Asa-no-tsuki3';

/** The addresses in a letter. */
function addressesIn({ text, html }: Letter): string[] {
  return [...(text.match(/https?:\/\/\S+/g) ?? []), ...(html.match(/(?<=href=")[^"]+/g) ?? [])];
}

for (const language of ['ja', 'en'] satisfies Language[]) {
  test.describe(`in ${language}`, () => {
    test.use({ language });

    test(
      'a member who forgot the password sets a new one and signs in with it',
      { tag: '@everywhere' },
      async ({ app, page, member }) => {
        const { words } = app;
        const main = page.getByRole('main');

        await app.openLogin();
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await inspect(page, 'login');
        await page.getByRole('link', { name: words.forgot, exact: true }).click();

        await expect(page).toHaveURL('/recover');
        await expect(app.heading(words.recovery)).toBeVisible();
        await expect(main).toContainText('@wakwak.com');
        await expect(app.button(words.back)).toBeVisible();
        await inspect(page, 'recovery');
        await app.ask();

        await expect(app.heading(words.recovery)).toBeVisible();
        await expect(main.getByText(member.loginId, { exact: true })).toBeVisible();
        await expect(main).toContainText(member.mailAddress);
        await expect(main).toContainText(/(^|\D)\d{8}(\D|$)/);
        await inspect(page, 'temporary password');
        const { letter, temporaryPassword, link } = await app.letter();
        expect(letter.subject).toMatch(language === 'ja' ? /^【IMS】仮パスワードのお知らせ$/ : /IMS/);
        expect(temporaryPassword).toMatch(/^[A-HJ-NP-Za-km-z2-9]{9}$/);
        expect(link).toMatch(/^\/recover\//);
        expect(addressesIn(letter)).toContainEqual(expect.stringContaining(link));
        for (const address of addressesIn(letter)) {
          expect(address, 'an address in the letter').not.toContain(temporaryPassword);
        }
        await app.redeem(temporaryPassword);

        await expect(page).toHaveURL(/\/recover\/[A-Z2-7]{26}\/password$/);
        await expect(app.heading(words.recovery)).toBeVisible();
        await inspect(page, 'new password');
        await app.choose(newPassword);

        await expect(page).toHaveURL('/recover/done');
        await expect(app.heading(words.done)).toBeVisible();
        await inspect(page, 'done');
        await main.getByRole('link').click();

        await expect(app.heading(words.login)).toBeVisible();
        await expect(app.field(words.loginId)).toHaveValue(member.loginId);
        await app.signIn(newPassword);

        await expect(page).toHaveURL('/member');
        await app.seeMember();
        await inspect(page, 'registered information');
      },
    );

    test('the link in the letter leads to the temporary password on another device @server', async ({
      app,
      elsewhere,
    }) => {
      const { temporaryPassword, link } = await app.askForLetter();

      const other = await elsewhere(language === 'ja' ? 'en' : 'ja');
      await other.page.goto(link);
      await expect(other.page).not.toHaveURL(app.page.url());
      await expect(other.page.locator('html')).toHaveAttribute('lang', language);
      await other.redeem(temporaryPassword);
      await other.choose(newPassword);

      await expect(other.heading(other.words.done)).toBeVisible();
    });

    test('a notice reports the new password, and contains no password @server', async ({ app }) => {
      const { temporaryPassword } = await app.askForLetter();
      await app.redeem(temporaryPassword);
      await app.choose(newPassword);
      await expect(app.heading(app.words.done)).toBeVisible();

      const notice = await app.newest((each) => !each.text.includes('【仮パスワード】'));
      for (const secret of [temporaryPassword, newPassword, app.member.password]) {
        expect(notice.text + notice.html).not.toContain(secret);
      }
    });
  });
}

test('a temporary password is accepted in every spelling @server', async ({ app }) => {
  const { temporaryPassword } = await app.askForLetter();
  const wide = Array.from(temporaryPassword.toLowerCase(), (each) =>
    String.fromCharCode(each.charCodeAt(0) + 0xfee0),
  );

  await app.redeem(`\u3000${wide.slice(0, 4).join('')}－${wide.slice(4).join('')} `);
});

test('going back from the temporary password shows what was typed, so that it can be corrected', async ({
  app,
  page,
  member,
}) => {
  await app.openRecovery();
  await app.ask('mistyped@xxx.mm-m.ne.jp');
  await page.getByRole('main').getByRole('link').first().click();

  await expect(page).toHaveURL('/recover');
  await expect(app.field(app.words.loginId)).toHaveValue(member.loginId);
  await expect(app.field(app.words.mailAddress)).toHaveValue('mistyped@xxx.mm-m.ne.jp');
  await app.ask();
  await expect(page).toHaveURL(recoveryAddress);
});
