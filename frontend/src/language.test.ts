import { beforeEach, describe, expect, test, vi } from 'vitest';

/** Starts the app's language anew, as a page load does. */
async function load(address: string, browser: string[]) {
  history.replaceState(null, '', address);
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(browser);
  vi.resetModules();
  return import('./language.svelte');
}

beforeEach(() => vi.resetModules());

describe('the language', () => {
  test('is the one chosen, whatever a letter’s link says', async () => {
    (await load('/', ['ja'])).choose('en');
    expect((await load('/?lang=ja', ['ja'])).language.now).toBe('en');
  });

  test('is else the letter’s, also at later addresses of the tab', async () => {
    expect((await load('/?lang=en', ['ja'])).language.now).toBe('en');
    expect((await load('/recover', ['ja'])).language.now).toBe('en');
  });

  test('is else the first of the browser’s that the app speaks', async () => {
    expect((await load('/', ['fr-FR', 'en-GB', 'ja'])).language.now).toBe('en');
  });

  test('is else Japanese', async () => {
    expect((await load('/?lang=fr', ['fr-FR'])).language.now).toBe('ja');
  });

  test('is found where the browser blocks storage', async () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    expect((await load('/', ['en'])).language.now).toBe('en');
  });
});
