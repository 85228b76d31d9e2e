import { beforeEach, describe, expect, test, vi } from 'vitest';

/** Loads the module again, as a page load does. */
async function load(address: string, browser: string[]) {
  history.replaceState(null, '', address);
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(browser);
  vi.resetModules();
  return import('./language.svelte');
}

beforeEach(() => vi.resetModules());

describe('the language', () => {
  test('is the chosen one, whatever the letter’s link says', async () => {
    (await load('/', ['ja'])).choose('en');
    expect((await load('/?lang=ja', ['ja'])).language.now).toBe('en');
  });

  test('is the one of the letter’s link when none was chosen, also at later addresses of the tab', async () => {
    expect((await load('/?lang=en', ['ja'])).language.now).toBe('en');
    expect((await load('/recover', ['ja'])).language.now).toBe('en');
  });

  test('is the first of the browser’s languages that the app has when there is neither', async () => {
    expect((await load('/', ['fr-FR', 'en-GB', 'ja'])).language.now).toBe('en');
  });

  test('is Japanese when nothing else applies', async () => {
    expect((await load('/?lang=fr', ['fr-FR'])).language.now).toBe('ja');
  });

  test('is found when the browser blocks storage', async () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    expect((await load('/', ['en'])).language.now).toBe('en');
  });
});
