import { join } from 'node:path';
import { inspect } from './inspect';
import { expect, test } from './test';

const settings = { BRAND_COLOR: '#006633', BRAND_LOGO: join(import.meta.dirname, 'logo.svg') };
test.use({ settings });

test('every page has the operator’s colour and logo, and its text can be read in light and dark', async ({
  app,
  page,
}) => {
  await app.openLogin();
  const logo = page.getByRole('banner').getByRole('img', { name: 'IMS' });
  await expect(logo).toBeVisible();
  expect(await logo.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  await expect(app.button(app.words.signIn)).toHaveCSS('background-color', 'rgb(0, 102, 51)');
  await inspect(page, 'login in an operator’s colours');

  await expect(page.getByRole('banner')).toContainText('オンライン会員サポート');

  await app.openRecovery();
  await expect(logo).toBeVisible();
  await inspect(page, 'recovery in an operator’s colours');

  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(app.button(app.words.send)).not.toHaveCSS('background-color', 'rgb(0, 102, 51)');
});
