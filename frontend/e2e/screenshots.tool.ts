import type { Page } from '@playwright/test';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { top } from './programs';
import { expect, test } from './test';

const folder = join(top, 'frontend/pictures');

/** Stores a picture of a page as WebP, a third of the size of Playwright's PNG. */
async function take(page: Page, name: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
}

/** Scrolls until an element is at the top of the window. */
async function scrollTo(page: Page, selector: string): Promise<void> {
  await page.locator(selector).evaluate((element: HTMLElement) => {
    window.scrollTo(0, element.offsetTop - 16);
  });
}

test('the pictures of the README: the five steps and the letter', async ({
  page,
  context,
  app,
  language,
}) => {
  await app.openLogin();
  await take(page, `1-login.${language}`);

  await app.openRecovery();
  await app.field(app.words.loginId).fill(app.member.loginId);
  await app.field(app.words.mailAddress).fill(app.member.mailAddress);
  await scrollTo(page, '.steps');
  await take(page, `2-recovery.${language}`);
  await app.ask();

  const { letter, temporaryPassword } = await app.letter();
  const reader = await context.newPage();
  await reader.setContent(letter.html);
  await take(reader, `3-letter.${language}`);
  await reader.close();

  await app.field(app.words.temporaryPassword).fill(temporaryPassword);
  await page.locator('.steps').scrollIntoViewIfNeeded();
  await take(page, `4-temporary-password.${language}`);
  await app.redeem(temporaryPassword);

  await app.button(app.words.make).click();
  await scrollTo(page, '.made');
  await take(page, `5-new-password.${language}`);
  await app.button(app.words.change).click();
  await expect(page.locator('.notice.success')).toBeVisible();
  await take(page, `6-done.${language}`);
});
