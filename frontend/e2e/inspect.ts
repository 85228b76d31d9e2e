import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/**
 * Inspects the screen as it stands: no accessibility rule broken in light and in dark, nothing wider than the
 * window, and the help desk and the language switch in their places.
 */
export async function inspect(page: Page, what: string): Promise<void> {
  await expect(page.getByText('0120-000-000'), `${what}: the help desk`).toBeVisible();
  await expect(page.getByRole('button', { name: 'English' }), `${what}: the language switch`).toBeVisible();
  expect(await overflow(page), `${what}: pixels beyond the window's right edge`).toBe(0);
  await page.emulateMedia({ colorScheme: 'dark' });
  await obeysAxe(
    new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']),
    `${what}, dark`,
  );
  await page.emulateMedia({ colorScheme: 'light' });
  await obeysAxe(new AxeBuilder({ page }), what);
}

/** Fails when the page breaks a rule of axe, naming the rule and the elements. */
export async function obeysAxe(axe: AxeBuilder, what: string): Promise<void> {
  // In legacy mode axe opens no page of its own, which would take as long as its rules; we have no foreign frames.
  const { violations } = await axe.setLegacyMode().analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
  expect(found, `${what}: rules of axe that are broken`).toEqual([]);
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
