import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { takePictures } from './pictures';

/**
 * Inspects the screen as it stands: no accessibility rule broken in light and in dark, nothing wider than the
 * window, also the narrowest and with the text spaced out, and the help desk and the language switch in their
 * places. On a desktop before the real server, where every state is seen once more, what a phone has shown is left out.
 */
export async function inspect(page: Page, what: string): Promise<void> {
  await expect(page.getByText('0120-000-000'), `${what}: the help desk`).toBeVisible();
  await expect(page.getByRole('button', { name: 'English' }), `${what}: the language switch`).toBeVisible();
  expect(await overflow(page), `${what}: pixels beyond the window's right edge`).toBe(0);
  if (test.info().project.name !== 'real-desktop') {
    expect(await narrowest(page), `${what}: what is cut off at 320 pixels, spaced out too`).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await obeysAxe(
      new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']),
      `${what}, dark`,
    );
    await page.emulateMedia({ colorScheme: 'light' });
  }
  await obeysAxe(new AxeBuilder({ page }), what);
  await takePictures(page, what);
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

/**
 * What does not fit at 320 pixels (which is also 1280 at 400 %), as it is and with the text spaced out as
 * WCAG 1.4.12 wants it: elements that reach beyond the window, or whose text is cut off.
 */
async function narrowest(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const plain = await page.evaluate(cutOff);
  await page.evaluate(() => {
    const spacing = new CSSStyleSheet();
    // A constructed sheet: the content security policy blocks any other that a test could add.
    spacing.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }' +
        'p { margin-bottom: 2em !important }',
    );
    document.adoptedStyleSheets = [spacing];
  });
  const spaced = await page.evaluate(cutOff);
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  if (before) await page.setViewportSize(before);
  return [...plain, ...spaced.map((each) => `${each}, spaced out`)];
}

/** Runs in the page. */
function cutOff(): string[] {
  const width = document.documentElement.clientWidth;
  const elements = [...document.querySelectorAll('body *:not(.spoken, .spoken *, .skip, svg *)')];
  return elements
    .filter((each) => each.getBoundingClientRect().right > width + 1 || hides(each))
    .map((each) => `${each.localName}.${each.className}`);

  function hides(each: Element): boolean {
    return getComputedStyle(each).overflow === 'hidden' && each.scrollHeight > each.clientHeight + 1;
  }
}
