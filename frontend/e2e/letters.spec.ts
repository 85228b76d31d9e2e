import { readFile } from 'node:fs/promises';
import { takePicture } from './pictures';
import { writeLetters } from './server';
import { expect, test } from './test';

const long = 'customersupportandmembershipservices';
const host = `${long}.${long}.example.jp`;

const settings = {
  'with a long help desk address': { HELP_DESK_URL: 'https://support.wakwak.com/hc/ja/requests/new' },
  'with long words everywhere': {
    PUBLIC_URL: `https://${host}`,
    MAIL_FROM: `support@${host}`,
    BRAND_JA: `IMS_${long}`,
    BRAND_EN: `IMS_${long}`,
    COMPANY_JA: `Company_${long}`,
    COMPANY_EN: `Company_${long}`,
    HELP_DESK_NAME_JA: `Desk_${long}`,
    HELP_DESK_NAME_EN: `Desk_${long}`,
    HELP_DESK_PHONE: '0120-000-000/0120-000-001/0120-000-002/0120-000-003',
    HELP_DESK_HOURS_JA: `${long}_10:00-18:00`,
    HELP_DESK_HOURS_EN: `${long}_10:00-18:00`,
    HELP_DESK_MAIL: `${long}@${host}`,
    HELP_DESK_URL: `https://${host}/${long}`,
  },
};

for (const [what, words] of Object.entries(settings)) {
  test(`a letter ${what} is not wider than the phone`, async ({ page }, { outputDir }) => {
    const letters = (await writeLetters(outputDir, words)).filter((path) => /\.(ja|en)\.html$/.test(path));
    expect(letters).toHaveLength(10);
    for (const path of letters) {
      await page.setContent(await readFile(path, 'utf8'));
      await expect(page.locator('.signature')).toContainText(words.HELP_DESK_URL);
      for (const width of [320, 360, 390]) {
        await page.setViewportSize({ width, height: 640 });
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(needed, `${path} at ${String(width)} pixels`).toBe(width);
      }
      await page.setViewportSize({ width: 320, height: 640 });
      await takePicture(page, `${what} ${path.split('/').at(-1) ?? ''}`.replace(/[^a-z]+/g, '-'));
    }
  });
}
