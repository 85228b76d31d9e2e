import { inspect } from './inspect';
import type { Letter } from './server';
import { expect, test } from './test';
import { recoveryAddress } from './walk';
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
      async ({ walk, page, member }) => {
        const { words } = walk;
        const main = page.getByRole('main');

        await walk.openLogin();
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await inspect(page, 'login');
        await page.getByRole('link', { name: words.forgot, exact: true }).click();

        await expect(page).toHaveURL('/recover');
        await expect(walk.heading(words.recovery)).toBeVisible();
        await expect(main).toContainText('@wakwak.com');
        await expect(walk.button(words.back)).toBeVisible();
        await inspect(page, 'recovery');
        await walk.ask();

        await expect(walk.heading(words.recovery)).toBeVisible();
        await expect(main.getByText(member.loginId, { exact: true })).toBeVisible();
        await expect(main).toContainText(member.mailAddress);
        await expect(main).toContainText(/(^|\D)\d{8}(\D|$)/);
        await inspect(page, 'temporary password');
        const { letter, temporaryPassword, link } = await walk.letter();
        expect(letter.subject).toMatch(language === 'ja' ? /^【IMS】仮パスワードのお知らせ$/ : /IMS/);
        expect(temporaryPassword).toMatch(/^[A-HJ-NP-Za-km-z2-9]{9}$/);
        expect(link).toMatch(/^\/recover\//);
        expect(addressesIn(letter)).toContainEqual(expect.stringContaining(link));
        for (const address of addressesIn(letter)) {
          expect(address, 'an address in the letter').not.toContain(temporaryPassword);
        }
        await walk.redeem(temporaryPassword);

        await expect(page).toHaveURL(/\/recover\/[A-Z2-7]{26}\/password$/);
        await expect(walk.heading(words.recovery)).toBeVisible();
        await inspect(page, 'new password');
        await walk.choose(newPassword);

        await expect(page).toHaveURL('/recover/done');
        await expect(walk.heading(words.done)).toBeVisible();
        await inspect(page, 'done');
        await main.getByRole('link').click();

        await expect(walk.heading(words.login)).toBeVisible();
        await expect(walk.field(words.loginId)).toHaveValue(member.loginId);
        await walk.signIn(newPassword);

        await expect(page).toHaveURL('/member');
        await walk.seeMember();
        await inspect(page, 'registered information');
      },
    );

    test('the link in the letter leads to the temporary password on another device @server', async ({
      walk,
      elsewhere,
    }) => {
      const { temporaryPassword, link } = await walk.askForLetter();

      const other = await elsewhere(language === 'ja' ? 'en' : 'ja');
      await other.page.goto(link);
      await expect(other.page).not.toHaveURL(walk.page.url());
      await expect(other.page.locator('html')).toHaveAttribute('lang', language);
      await other.redeem(temporaryPassword);
      await other.choose(newPassword);

      await expect(other.heading(other.words.done)).toBeVisible();
    });

    test('a notice reports the new password, and contains no password @server', async ({ walk }) => {
      const { temporaryPassword } = await walk.askForLetter();
      await walk.redeem(temporaryPassword);
      await walk.choose(newPassword);
      await expect(walk.heading(walk.words.done)).toBeVisible();

      const notice = await walk.newest((each) => !each.text.includes('【仮パスワード】'));
      for (const secret of [temporaryPassword, newPassword, walk.member.password]) {
        expect(notice.text + notice.html).not.toContain(secret);
      }
    });
  });
}

test('a temporary password is accepted in every spelling @server', async ({ walk }) => {
  const { temporaryPassword } = await walk.askForLetter();
  const wide = Array.from(temporaryPassword.toLowerCase(), (each) =>
    String.fromCharCode(each.charCodeAt(0) + 0xfee0),
  );

  await walk.redeem(`\u3000${wide.slice(0, 4).join('')}－${wide.slice(4).join('')} `);
});

test('going back from the temporary password shows what was typed, so that it can be corrected', async ({
  walk,
  page,
  member,
}) => {
  await walk.openRecovery();
  await walk.ask('mistyped@xxx.mm-m.ne.jp');
  await page.getByRole('main').getByRole('link').first().click();

  await expect(page).toHaveURL('/recover');
  await expect(walk.field(walk.words.loginId)).toHaveValue(member.loginId);
  await expect(walk.field(walk.words.mailAddress)).toHaveValue('mistyped@xxx.mm-m.ne.jp');
  await walk.ask();
  await expect(page).toHaveURL(recoveryAddress);
});
