import { expect, test, type Page } from '@playwright/test';
import { obeysAxe } from './axe';
import { takePictures } from './pictures';

const desktop = { width: 1280, height: 800 };
/** Headings, steps and the link to recovery: the app breaks their lines between phrases. */
const headings = 'h1, h2, .steps li > :last-child, .service, .way a';
/** Shows the page as a browser that cannot find phrases does (Safari). */
const withoutPhrases = ':lang(ja) { word-break: normal }';

/**
 * Inspects the present screen: it is complete, breaks no accessibility rule in light and in dark, fits the window, also the
 * narrowest one and with wide text spacing, and has the help desk and the language switch. A screen on a phone is also inspected
 * on a desktop in the other language. On the desktop with the real server, which repeats states of the phone, only the first
 * checks run. The page is left as it was.
 */
export async function inspect(page: Page, what: string): Promise<void> {
  await expect(page.locator('main h1'), `${what}: the screen's heading`).toBeVisible();
  await expect(page.locator('.loading'), `${what}: still loading`).toHaveCount(0);
  await inspectAsShown(page, what);
  if (test.info().project.name !== 'real-desktop') {
    expect(await cutOffWhenNarrow(page), `${what}: cut off at 320 pixels, also with wide spacing`).toEqual(
      [],
    );
    expect(
      await brokenWords(page, headings, withoutPhrases),
      `${what}: words that a line's end breaks`,
    ).toEqual([]);
    expect(await cutOffWhenLarge(page), `${what}: cut off with text of 200 %`).toEqual([]);
    await inspectOnDesktop(page, what);
    await page.emulateMedia({ colorScheme: 'dark' });
    await obeysAxe(page, `${what}, dark`, ['color-contrast-enhanced', 'link-in-text-block']);
    await page.emulateMedia({ colorScheme: 'light' });
  }
  await takePictures(page, what);
}

/** Inspects the screen of a phone on a desktop, in the other language. */
async function inspectOnDesktop(page: Page, what: string) {
  const phone = page.viewportSize();
  if (!phone || phone.width >= desktop.width) return;
  const restore = await switchLanguage(page);
  await page.setViewportSize(desktop);
  await inspectAsShown(page, `${what}, on a desktop in the other language`);
  await page.setViewportSize(phone);
  await restore();
}

async function inspectAsShown(page: Page, what: string) {
  await expect(page.getByText('0120-000-000'), `${what}: the help desk`).toBeVisible();
  await expect(page.getByRole('button', { name: 'English' }), `${what}: the language switch`).toBeVisible();
  await expect(
    page.locator('.notice:visible:not(:has(> svg.mark))'),
    `${what}: notices without an icon`,
  ).toHaveCount(0);
  expect(await overflow(page), `${what}: pixels beyond the window's right edge`).toBe(0);
  await obeysAxe(page, what);
  // The text that screen readers read after a pause in typing changes its language with a delay.
  await expect
    .poll(() => page.evaluate(foreignText), { message: `${what}: Japanese that is not marked as such` })
    .toEqual([]);
}

/** Switches the language without changing the focus or the storage. Returns a function that switches it back. */
async function switchLanguage(page: Page): Promise<() => Promise<void>> {
  const html = page.locator('html');
  const now = await html.getAttribute('lang');
  const chosen = await page.evaluate(() => {
    try {
      return localStorage.getItem('language');
    } catch {
      return 'nowhere: storage is blocked';
    }
  });
  const choose = async (language: string) => {
    const button = page.getByRole('button', { name: language === 'en' ? 'English' : '日本語' });
    await button.evaluate((each: HTMLButtonElement) => {
      each.click();
    });
    await expect(html).toHaveAttribute('lang', language);
  };
  await choose(now === 'en' ? 'ja' : 'en');
  return async () => {
    await choose(now ?? 'ja');
    if (chosen === null) await page.evaluate(() => localStorage.removeItem('language'));
  };
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/**
 * Elements that reach beyond a window of 320 pixels (which is also 1280 at 400 %) or whose text is cut off in it, also with the
 * text spacing of WCAG 1.4.12.
 */
async function cutOffWhenNarrow(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const plain = await page.evaluate(cutOff);
  const spacing =
    '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }' +
    'p { margin-bottom: 2em !important }';
  const spaced = await withSheet(page, spacing, cutOff);
  if (before) await page.setViewportSize(before);
  return [...plain, ...spaced.map((each) => `${each}, with wide spacing`)];
}

/** Words in the selected elements that a line's end breaks, on the narrowest phone and on a usual one, with one more style sheet. */
export async function brokenWords(page: Page, selector: string, css = ''): Promise<string[]> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 640 });
    found.push(...(await withSheet(page, css, cutWords, selector)));
  }
  if (before) await page.setViewportSize(before);
  return found;
}

/** Elements that do not fit the narrowest phone or a usual one with text of 200 % (WCAG 1.4.4). */
async function cutOffWhenLarge(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 844 });
    found.push(...(await withSheet(page, 'html { font-size: 200% }', cutOff)));
  }
  if (before) await page.setViewportSize(before);
  return found;
}

/** Runs a function in the page, for a selector if it takes one, while the page has one more style sheet. */
async function withSheet<T>(
  page: Page,
  css: string,
  measure: (selector: string) => T,
  selector = '',
): Promise<T> {
  await page.evaluate((rules) => {
    // A constructed sheet: the content security policy blocks any other that a test could add.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
  }, css);
  const result = await page.evaluate(measure, selector);
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  return result as T;
}

/** The words that a line's end breaks. Runs in the page. */
function cutWords(selector: string): string[] {
  const words = new Intl.Segmenter('ja', { granularity: 'word' });
  return [...document.querySelectorAll(selector)].flatMap((each) => {
    const text = each.textContent;
    const starts = new Set(Array.from(words.segment(text), ({ index }) => index));
    const breaks = lineStarts(each).filter((at) => !starts.has(at));
    return breaks.map((at) => `${text.slice(0, at)}／${text.slice(at)}`);
  });

  /** The positions at which a line begins, except the first line. */
  function lineStarts(element: Element): number[] {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const found: number[] = [];
    let top: number | undefined;
    let at = 0;
    while (texts.nextNode()) {
      const node = texts.currentNode as Text;
      for (let i = 0; i < node.length; i++, at++) {
        const range = document.createRange();
        range.setStart(node, i);
        range.setEnd(node, i + 1);
        const box = range.getClientRects()[0];
        if (!box?.width) continue;
        // Compares with half a line, because the boxes of two lines may overlap.
        if (top !== undefined && box.top > top + box.height / 2) found.push(at);
        top = box.top;
      }
    }
    return found;
  }
}

/** Japanese texts that are not marked as Japanese (WCAG 3.1.2). Runs in the page. */
function foreignText(): string[] {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode as Text;
    const language = parentElement?.closest('[lang]')?.getAttribute('lang');
    if (/[ぁ-んァ-ヶ一-龠]/.test(data) && language !== 'ja') found.push(data);
  }
  return found;
}

/** The elements that reach beyond the window, or whose text is cut off. Runs in the page. */
function cutOff(): string[] {
  const width = document.documentElement.clientWidth;
  const elements = [
    ...document.querySelectorAll('body *:not(.visually-hidden, .visually-hidden *, .skip, svg *)'),
  ];
  const found = elements
    .filter((each) => each.getBoundingClientRect().right > width + 1 || hides(each))
    .map((each) => `${each.localName}.${each.className}`);
  // A margin can make the page wider too.
  return document.documentElement.scrollWidth > width ? ['html', ...found] : found;

  function hides(each: Element): boolean {
    return getComputedStyle(each).overflow === 'hidden' && each.scrollHeight > each.clientHeight + 1;
  }
}
