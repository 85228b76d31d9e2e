import type { Locator, Page } from '@playwright/test';
import { expect, test } from './test';

/** The most characters of a recovery in Japanese, without white space: the five screens and the letter's text. */
const maxLength = 1700;
/** The most characters of the letter. */
const maxLetterLength = 520;

/** Counts the characters that a screen shows first, with folded texts closed. */
async function count(page: Page): Promise<number> {
  await expect(page.locator('.loading')).toHaveCount(0);
  return length(await page.getByRole('main').innerText());
}

function length(text: string): number {
  return Array.from(text.replace(/\s/g, '')).length;
}

/** Asserts that a field is visible without scrolling. */
async function isVisibleWithoutScrolling(field: Locator, what: string) {
  await expect(field).toBeVisible();
  const { top, height } = await field.evaluate((each) => ({
    top: each.getBoundingClientRect().top + scrollY,
    height: innerHeight,
  }));
  test.info().annotations.push({ type: `y of the first field, ${what}`, description: String(top) });
  expect(top, `the first field of ${what}`).toBeLessThan(height);
}

test('the recovery is short, and the first field of each form is visible without scrolling', async ({
  app,
  page,
}) => {
  const { words } = app;
  const counts: Record<string, number> = {};
  await app.openLogin();
  counts['login'] = await count(page);
  await isVisibleWithoutScrolling(app.field(words.loginId), 'login');

  await app.openRecovery();
  counts['recovery'] = await count(page);
  await isVisibleWithoutScrolling(app.field(words.loginId), 'recovery');

  await app.ask();
  counts['temporary password'] = await count(page);
  await isVisibleWithoutScrolling(app.field(words.temporaryPassword), 'temporary password');
  const { letter, temporaryPassword } = await app.letter();

  await app.redeem(temporaryPassword);
  counts['new password'] = await count(page);
  await isVisibleWithoutScrolling(app.field(words.newPassword), 'new password');

  await app.choose('Asa-no-tsuki3');
  await expect(app.heading(words.done)).toBeVisible();
  counts['done'] = await count(page);

  counts['letter'] = length(letter.text);
  const what = `characters: ${JSON.stringify(counts)}`;
  test.info().annotations.push({ type: 'length', description: what });
  expect(counts['letter'], what).toBeLessThanOrEqual(maxLetterLength);
  expect(
    Object.values(counts).reduce((sum, each) => sum + each),
    what,
  ).toBeLessThanOrEqual(maxLength);
});
