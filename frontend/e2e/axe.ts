import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

/**
 * Fails when the page breaks a rule of axe, and names the rule and the elements. `rules` are names or tags; by default all rules
 * are checked, and also the contrast of WCAG's level AAA. Frames are not checked: ours allow no script, which axe needs.
 */
export async function obeysAxe(page: Page, what: string, rules?: string[]): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (only) => {
    const { violations } = await window.axe.run(document, {
      ...(only ? { runOnly: only } : { rules: { 'color-contrast-enhanced': { enabled: true } } }),
      iframes: false,
      resultTypes: ['violations'],
    });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
    );
  }, rules);
  expect(found, `${what}: rules of axe that are broken`).toEqual([]);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
