import { brokenWords } from './inspect';
import { takePicture } from './pictures';
import { expect, test } from './test';

test('with forced colours every control has a border', async ({ app, page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await app.askForLetter();
  await app.enter('Wrong2345');
  await expect(page.getByRole('alert')).toBeVisible();
  for (const control of await page.getByRole('main').locator('button, input, .notice').all()) {
    const edge = await control.evaluate((each) => {
      const { borderTopWidth, textDecorationLine } = getComputedStyle(each);
      return textDecorationLine === 'underline' ? 1 : parseFloat(borderTopWidth);
    });
    expect(edge, await control.evaluate((each) => each.outerHTML.slice(0, 80))).toBeGreaterThan(0);
  }
  await takePicture(page, 'forced-colours');
});

test('with more contrast, quiet text and lines have the text’s colour', async ({ app, page }) => {
  await page.emulateMedia({ contrast: 'more' });
  await app.openRecovery();
  const ink = await page.evaluate(() => getComputedStyle(document.body).color);
  for (const quiet of await page.locator('.support, .help-desk dt, footer').all()) {
    await expect(quiet).toHaveCSS('color', ink);
  }
  await expect(page.locator('.help-desk')).toHaveCSS('border-top-color', ink);
  await expect(app.field(app.words.loginId)).toHaveCSS('border-top-color', ink);
});

test('a printed page has the facts and the help desk, and no buttons', async ({ app, page }) => {
  await app.askForLetter();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.getByText(/\d{8}/).first()).toBeVisible();
  await expect(page.getByText('0120-000-000')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.locator('body'), 'dark text, whatever the screen has').toHaveCSS(
    'color',
    'rgb(26, 26, 26)',
  );
  await takePicture(page, 'print');
});

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('nothing moves', async ({ app, page }) => {
    await app.openLogin();
    await expect(app.button(app.words.signIn)).toHaveCSS('transition-duration', '0s');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await expect(app.button(app.words.signIn)).toHaveCSS('transition-duration', '0.15s');
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the page says so in both languages, with the help desk', async ({ page }) => {
    for (const address of ['/', '/recover']) {
      await page.goto(address);
      await expect(page.getByRole('heading', { name: 'オンライン会員サポート' })).toBeVisible();
      await expect(page.getByText('JavaScript is turned off')).toBeVisible();
      await expect(page.locator('.brand')).toHaveText('IMS');
      await expect(page.getByRole('contentinfo')).toContainText('©');
      await expect(page.getByRole('link', { name: '0120-000-000' }).first()).toHaveAttribute(
        'href',
        'tel:0120000000',
      );
      await expect(page.getByText('電話 0120-000-000')).toBeVisible();
      await expect(page.getByText('Phone 0120-000-000')).toBeVisible();
    }
    await takePicture(page, 'without-javascript');
  });
});

test('with text of 200 % the rules of a password stay in their box', async ({ app, page }) => {
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  const beyond = await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%';
    const list = document.querySelector('.rules ul') as HTMLElement;
    return [...list.querySelectorAll('span')]
      .filter((each) => each.getBoundingClientRect().right > list.getBoundingClientRect().right + 0.5)
      .map((each) => each.textContent);
  });
  expect(beyond).toEqual([]);
});

test('no line’s end breaks a word of the notice that a mail was requested too soon', async ({
  app,
  page,
}) => {
  await app.askForLetter();
  await page.clock.setFixedTime(new Date());
  const again = app.button(app.words.askAgain);
  await again.click();
  await expect(page.locator('p.notice.success')).toBeVisible();
  await again.click();
  await expect(page.locator('p.notice.information')).toBeVisible();
  expect(await brokenWords(page, 'p.notice')).toEqual([]);
});
