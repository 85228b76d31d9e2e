import AxeBuilder from '@axe-core/playwright';
import { obeysAxe } from './inspect';
import { expect, test } from './test';

test('a demo says that it is one and leads to its mailbox, and nothing else does', async ({
  walk,
  page,
  kind,
}) => {
  await walk.openLogin();
  const mailbox = page.locator('a[href="/demo/mailbox"]');
  if (kind === 'real') {
    await expect(mailbox).toHaveCount(0);
    expect((await page.request.get('/demo/letters')).status()).toBe(404);
    return;
  }
  const { temporaryPassword } = await walk.askForLetter();
  const opened = page.context().waitForEvent('page');
  await mailbox.click();
  const letters = await opened;
  await expect(letters.locator('body')).toContainText('【IMS】仮パスワードのお知らせ');
  await obeysAxe(new AxeBuilder({ page: letters }), 'the demo mailbox');
  expect(temporaryPassword).not.toBe('');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the page names the help desk', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('body')).toContainText('0120-000-000');
  });
});
