import type { Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const folder = process.env['SHOTS'];

const sizes = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];

/**
 * With SHOTS=FOLDER, stores pictures of the present state: Japanese and English, light and dark, phone and desktop. The page is
 * left as it was.
 */
export async function takePictures(page: Page, state: string): Promise<void> {
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  const before = page.viewportSize();
  const language = await page.locator('html').getAttribute('lang');
  for (const [lang, name] of [
    ['ja', '日本語'],
    ['en', 'English'],
  ]) {
    await page.getByRole('button', { name: name as string }).click();
    for (const size of sizes) {
      await page.setViewportSize(size);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const file = `${state.replace(/[^a-z0-9]+/gi, '-')}.${lang as string}.${String(size.width)}.${colorScheme}.png`;
        await page.screenshot({ path: join(folder, file), fullPage: true, scale: 'css' });
      }
    }
  }
  await page.getByRole('button', { name: language === 'en' ? 'English' : '日本語' }).click();
  await page.emulateMedia({ colorScheme: 'light' });
  if (before) await page.setViewportSize(before);
}

/** With SHOTS=FOLDER, stores one picture of the page as it is shown. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, scale: 'css' });
}
