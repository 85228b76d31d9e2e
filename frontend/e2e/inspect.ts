import { expect, test, type Page } from '@playwright/test';
import { obeysAxe } from './axe';
import { takePictures } from './pictures';

const desktop = { width: 1280, height: 800 };

/**
 * Inspects the screen as it stands: everything on it is there, no accessibility rule broken in light and in dark,
 * nothing wider than the window, also the narrowest and with the text spaced out, and the help desk and the language
 * switch in their places. What a phone shows is also looked at on a desktop and in the other language. On a desktop
 * before the real server, where some states are seen once more, what the phone has shown is left out. The page is left
 * as it was.
 */
export async function inspect(page: Page, what: string): Promise<void> {
  await expect(page.locator('main h1'), `${what}: the screen`).toBeVisible();
  await expect(page.locator('.loading'), `${what}: what is still being fetched`).toHaveCount(0);
  await inspectAsItIs(page, what);
  if (test.info().project.name !== 'real-desktop') {
    expect(await narrowest(page), `${what}: what is cut off at 320 pixels, spaced out too`).toEqual([]);
    expect(await brokenWords(page), `${what}: words broken at the end of a line`).toEqual([]);
    expect(await twiceAsLarge(page), `${what}: what runs out of the page with text of 200 %`).toEqual([]);
    await onADesktop(page, what);
    await page.emulateMedia({ colorScheme: 'dark' });
    await obeysAxe(page, `${what}, dark`, ['color-contrast-enhanced', 'link-in-text-block']);
    await page.emulateMedia({ colorScheme: 'light' });
  }
  await takePictures(page, what);
}

/** Inspects what a phone shows once more on a desktop, in the other language. */
async function onADesktop(page: Page, what: string) {
  const phone = page.viewportSize();
  if (!phone || phone.width >= desktop.width) return;
  const restore = await speakTheOther(page);
  await page.setViewportSize(desktop);
  await inspectAsItIs(page, `${what}, on a desktop in the other language`);
  await page.setViewportSize(phone);
  await restore();
}

async function inspectAsItIs(page: Page, what: string) {
  await expect(page.getByText('0120-000-000'), `${what}: the help desk`).toBeVisible();
  await expect(page.getByRole('button', { name: 'English' }), `${what}: the language switch`).toBeVisible();
  await expect(
    page.locator('.notice:visible:not(:has(> svg.mark))'),
    `${what}: notices without an icon`,
  ).toHaveCount(0);
  expect(await overflow(page), `${what}: pixels beyond the window's right edge`).toBe(0);
  await obeysAxe(page, what);
  // What is spoken once typing rests changes its language then.
  await expect
    .poll(() => page.evaluate(foreignText), { message: `${what}: Japanese that is not marked as such` })
    .toEqual([]);
}

/** Switches the language, without a trace in focus or storage. Gives what switches it back. */
async function speakTheOther(page: Page): Promise<() => Promise<void>> {
  const html = page.locator('html');
  const now = await html.getAttribute('lang');
  const chosen = await page.evaluate(() => {
    try {
      return localStorage.getItem('language');
    } catch {
      return 'nowhere: storage is blocked';
    }
  });
  const speak = async (language: string) => {
    const button = page.getByRole('button', { name: language === 'en' ? 'English' : '日本語' });
    await button.evaluate((each: HTMLButtonElement) => {
      each.click();
    });
    await expect(html).toHaveAttribute('lang', language);
  };
  await speak(now === 'en' ? 'ja' : 'en');
  return async () => {
    await speak(now ?? 'ja');
    if (chosen === null) await page.evaluate(() => localStorage.removeItem('language'));
  };
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

/**
 * Words of headings, steps and the way to recovery that a line's end cuts, on the narrowest phone and on a usual one.
 * The page is shown as by a browser that cannot tell phrases (Safari).
 */
async function brokenWords(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 640 });
    found.push(...(await withSheet(page, ':lang(ja) { word-break: normal }', cutWords)));
  }
  if (before) await page.setViewportSize(before);
  return found;
}

/** What does not fit a usual phone when its text is twice as large (WCAG 1.4.4). */
async function twiceAsLarge(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  const found = await withSheet(page, 'html { font-size: 200% }', cutOff);
  if (before) await page.setViewportSize(before);
  return found;
}

/** Runs a function in the page while it has one more style sheet. */
async function withSheet<T>(page: Page, css: string, look: () => T): Promise<T> {
  await page.evaluate((rules) => {
    // A constructed sheet: the content security policy blocks any other that a test could add.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
  }, css);
  const seen = await page.evaluate(look);
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  return seen as T;
}

/** Runs in the page. */
function cutWords(): string[] {
  const words = new Intl.Segmenter('ja', { granularity: 'word' });
  return [...document.querySelectorAll('h1, h2, .steps li > :last-child, .service, .way a')].flatMap(
    (each) => {
      const text = each.textContent;
      const starts = new Set(Array.from(words.segment(text), ({ index }) => index));
      const breaks = lineStarts(each).filter((at) => !starts.has(at));
      return breaks.map((at) => `${text.slice(0, at)}／${text.slice(at)}`);
    },
  );

  /** Where a line begins, but for the first one, in characters. */
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
        // Half a line: the boxes of two lines overlap, because a face may be higher than its line.
        if (top !== undefined && box.top > top + box.height / 2) found.push(at);
        top = box.top;
      }
    }
    return found;
  }
}

/** Japanese texts that a screen reader would read in another language (WCAG 3.1.2). Runs in the page. */
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

/** Runs in the page. */
function cutOff(): string[] {
  const width = document.documentElement.clientWidth;
  const elements = [
    ...document.querySelectorAll('body *:not(.visually-hidden, .visually-hidden *, .skip, svg *)'),
  ];
  return elements
    .filter((each) => each.getBoundingClientRect().right > width + 1 || hides(each))
    .map((each) => `${each.localName}.${each.className}`);

  function hides(each: Element): boolean {
    return getComputedStyle(each).overflow === 'hidden' && each.scrollHeight > each.clientHeight + 1;
  }
}
