import type { Page } from '@playwright/test';
import { expect, test } from './test';

type Translator = 'replaces texts' | 'inserts translations, then removes texts' | 'sets the text of elements';

// Chrome's translator cannot run here. This function changes the page as translators do: it shows a `font` element that has the
// translation in place of each text, or sets the text of each element that has one.
async function translate(page: Page, translator: Translator): Promise<void> {
  await page.evaluate((how) => {
    const texts: Text[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement?.closest('[translate=no], script, style, font')
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
    );
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts.filter((each) => each.data.trim())) {
      const parent = text.parentElement;
      if (how === 'sets the text of elements') {
        if (!parent || parent.querySelector('[translate=no], a, button, input')) continue;
        parent.textContent = `[${parent.textContent}]`;
        continue;
      }
      const font = document.createElement('font');
      font.append(document.createElement('font'));
      font.firstElementChild!.textContent = `[${text.data}]`;
      if (how === 'replaces texts') text.replaceWith(font);
      else {
        text.after(font);
        text.remove();
      }
    }
  }, translator);
}

const translators: Translator[] = [
  'replaces texts',
  'inserts translations, then removes texts',
  'sets the text of elements',
];

for (const translator of translators) {
  test.describe(`when a translator ${translator}`, () => {
    test('the language switch changes a translated page', async ({ app, page }) => {
      await app.openLogin();
      await translate(page, translator);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^\[オンライン.*ログイン\]$/);
      await page.getByRole('button', { name: 'English' }).click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Member support: sign in');
      await expect(page.locator('label[for=login_id]')).toHaveText('Login ID');
      await expect(page.locator('button[type=submit]')).toHaveText('Sign in');
    });

    test('a translated page keeps IDs, numbers and addresses, and shows new states', async ({
      app,
      page,
      member,
    }) => {
      await app.openRecovery();
      await app.ask();
      const receipt = await page.locator('.receipt').textContent();
      const { temporaryPassword } = await app.letter();
      await translate(page, translator);
      await expect(page.locator('dl.known').first()).toContainText(member.loginId);
      await expect(page.locator('dl.known').first()).not.toContainText(`[${member.loginId}`);
      await expect(page.locator('.receipt')).toHaveText(receipt!);

      await page.locator('#temporary_password').fill('Wrong2345');
      await page.locator('form button[type=submit]').first().click();
      await expect(page.locator('.error-summary')).toBeVisible();
      await translate(page, translator);
      await page.locator('#temporary_password').fill(temporaryPassword);
      await page.locator('form button[type=submit]').first().click();
      const next = page.locator('#new_password');
      await expect(next).toBeVisible();
      await expect(page.locator('.error-summary')).toBeHidden();

      await translate(page, translator);
      const upperCase = page.locator('.rules li').nth(2);
      await expect(upperCase.getByRole('img', { name: 'まだ満たしていません', exact: true })).toBeVisible();
      await next.fill('A');
      await expect(upperCase.getByRole('img', { name: '満たしています', exact: true })).toBeVisible();

      const strength = page.locator('.strength');
      await expect(strength).toContainText('弱い');
      await translate(page, translator);
      await next.fill('Asa-no-tsuki3-kumo');
      await expect(strength).toContainText('強い');
      const reveal = page.locator('.field', { has: next }).getByRole('button');
      await translate(page, translator);
      await reveal.click();
      await expect(reveal).toContainText('隠す');
    });

    test('on a translated member page the mail address can be revealed and hidden', async ({
      app,
      page,
      member,
    }) => {
      await app.openLogin();
      await app.signIn(member.password);
      await expect(page.locator('.registered')).toBeVisible();
      await translate(page, translator);
      const button = page.locator('.registered button');
      await button.click();
      await expect(page.locator('.registered')).toContainText(member.mailAddress);
      await expect(button).toContainText('隠す');
      await translate(page, translator);
      await button.click();
      await expect(page.locator('.registered')).not.toContainText(member.mailAddress);
      await expect(button).toContainText('表示');
    });
  });
}
