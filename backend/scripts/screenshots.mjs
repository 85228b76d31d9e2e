// Takes the pictures that README.md shows, from a running demo: the five steps and the letter, in both languages.
//
//   npm run screenshots

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { build } from './build.mjs';
import { main, onEnd, root, say, scratchFolder } from './command.mjs';
import { requirePackages } from './debian.mjs';
import { chromium, demoLetter, demoMember, startDemo, temporaryPasswordOf } from './demo.mjs';

const folder = path.join(root, 'frontend/pictures');
const phone = { width: 390, height: 844 };

/** Walks through a recovery, with a picture of each step. */
async function walk(browser, url, language) {
  const locale = language === 'ja' ? 'ja-JP' : 'en-GB';
  const context = await browser.newContext({ viewport: phone, locale, baseURL: url });
  const page = await context.newPage();
  const picture = (step, of = page) => take(of, `${step}.${language}.webp`);
  const submit = () => page.locator('button[type=submit]').first().click();

  await page.goto('/');
  await page.locator('#login_id').waitFor();
  await picture('1-login');

  await page.goto('/recover');
  await page.locator('#login_id').fill(demoMember.loginId);
  await page.locator('#mail_address').fill(demoMember.mailAddress);
  await page.evaluate(() => scrollTo(0, document.querySelector('.steps').offsetTop - 16));
  await picture('2-recovery');
  await submit();

  await page.locator('#temporary_password').waitFor();
  const letter = await demoLetter(url, () => true);
  const reader = await context.newPage();
  await reader.setContent(letter.html);
  await picture('3-letter', reader);
  await reader.close();

  await page.locator('#temporary_password').fill(temporaryPasswordOf(letter));
  await page.locator('.steps').scrollIntoViewIfNeeded();
  await picture('4-temporary-password');
  await submit();

  await page.locator('#new_password').waitFor();
  await page.locator('.made button').first().click();
  await page.evaluate(() => scrollTo(0, document.querySelector('.made').offsetTop - 16));
  await picture('5-new-password');
  await submit();
  await page.locator('.notice.success').waitFor();
  await picture('6-done');
  await context.close();
}

/** Playwright itself writes no WebP, which is a third of a PNG here. */
async function take(page, name) {
  const chrome = await page.context().newCDPSession(page);
  const { data } = await chrome.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), Buffer.from(data, 'base64'));
}

await main(import.meta, async () => {
  scratchFolder();
  await requirePackages('chromium', 'fonts-noto-cjk');
  await build();
  // Not before the packages are installed.
  const playwright = createRequire(import.meta.url)('@playwright/test');
  const browser = await playwright.chromium.launch(chromium);
  onEnd(() => browser.close());
  for (const language of ['ja', 'en']) await walk(browser, await startDemo(), language);
  say(`the pictures are in ${path.relative(root, folder)}`);
});
