import { expect, test } from './test';

test('only a demo has a mailbox @real', async ({ app, page }) => {
  await app.openLogin();
  await expect(page.locator('a[href="/demo/mailbox"]')).toHaveCount(0);
  expect((await page.request.get('/demo/letters')).status()).toBe(404);
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the page names the help desk @real', async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('body')).toContainText('0120-000-000');
  });
});
