import type { Page } from '@playwright/test';
import { expect, test } from './test';

// Chrome's translator cannot run here. This function changes the page as the translator does: it replaces each text with a
// `font` element that has the translation.
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const texts: Text[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement?.closest('[translate=no], script, style, font')
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
    );
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts.filter((each) => each.data.trim())) {
      const font = document.createElement('font');
      font.append(document.createElement('font'));
      font.firstElementChild!.textContent = `[${text.data}]`;
      text.replaceWith(font);
    }
  });
}

test('the language switch changes a translated page', async ({ app, page }) => {
  await app.openLogin();
  await translate(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('[オンライン][会員][サポート ログイン]');
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
  await translate(page);
  await expect(page.locator('dl.known').first()).toContainText(member.loginId);
  await expect(page.locator('dl.known').first()).not.toContainText(`[${member.loginId}`);
  await expect(page.locator('.receipt')).toHaveText(receipt!);

  await page.locator('#temporary_password').fill('Wrong2345');
  await page.locator('form button[type=submit]').first().click();
  await expect(page.locator('.error-summary')).toBeVisible();
  await translate(page);
  await page.locator('#temporary_password').fill(temporaryPassword);
  await page.locator('form button[type=submit]').first().click();
  const next = page.locator('#new_password');
  await expect(next).toBeVisible();
  await expect(page.locator('.error-summary')).toBeHidden();

  await translate(page);
  const upperCase = page.locator('.rules li').nth(2);
  await expect(upperCase.getByRole('img', { name: 'まだ満たしていません', exact: true })).toBeVisible();
  await next.fill('A');
  await expect(upperCase.getByRole('img', { name: '満たしています', exact: true })).toBeVisible();
});

test('on a translated member page the mail address can be revealed and hidden', async ({
  app,
  page,
  member,
}) => {
  await app.openLogin();
  await app.signIn(member.password);
  await expect(page.locator('.registered')).toBeVisible();
  await translate(page);
  const button = page.locator('.registered button');
  await button.click();
  await expect(page.locator('.registered')).toContainText(member.mailAddress);
  await expect(button).toContainText('隠す');
  await translate(page);
  await button.click();
  await expect(page.locator('.registered')).not.toContainText(member.mailAddress);
  await expect(button).toContainText('表示');
});
