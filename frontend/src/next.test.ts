import { describe, expect, test } from 'vitest';
import { nextOf } from './next';

const origin = 'https://support.example.jp';
const next = (text: string) => nextOf({ search: `?next=${text}`, origin });

describe('the address in /?next=', () => {
  test.each([
    ['/webmail/', '/webmail/'],
    ['/webmail/inbox?folder=1&page=2#top', '/webmail/inbox?folder=1&page=2#top'],
    ['/search?q=1+2', '/search?q=1+2'],
    ['/search?q=a%26b', '/search?q=a%26b'],
    ['/検索?q=合鍵', '/%E6%A4%9C%E7%B4%A2?q=%E5%90%88%E9%8D%B5'],
    ['/a/../b/./c', '/b/c'],
    ['/a//b', '/a//b'],
    ['/member@evil.example', '/member@evil.example'],
    ['/?to=https://evil.example/', '/?to=https://evil.example/'],
    ['/', '/'],
  ])('%s is accepted', (address, want) => {
    expect(next(encodeURIComponent(address))).toBe(want);
  });

  test.each([
    '',
    'webmail',
    'https://evil.example/',
    'https://support.example.jp/webmail',
    'HTTPS://evil.example',
    'javascript:alert(1)',
    'data:text/html,evil',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    ' /webmail',
    ' //evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/a/../\\evil.example',
    '/%2e//evil.example',
    '/a/%2e%2e//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r/evil.example',
    '\t//evil.example',
    '/webmail\u0000',
    '/web\u007fmail',
    '/web\u0085mail',
    '/webmail\r\nSet-Cookie: evil=1',
    '@evil.example',
    ':80',
    '?next=/webmail',
    '#/webmail',
  ])('%j is ignored', (address) => {
    expect(next(encodeURIComponent(address))).toBeUndefined();
  });

  test.each([
    '%',
    '/%zz',
    '%2',
    '/a%ff',
    '/a&next=/b',
    '%2F%2Fevil.example',
    '%2F%5Cevil.example',
    '%5C%5Cevil.example',
  ])('%s, not encoded further, is ignored', (text) => {
    expect(next(text)).toBeUndefined();
  });

  test('a part of the path that is encoded twice is decoded once', () => {
    expect(next(encodeURIComponent('/%2Fevil.example'))).toBe('/%2Fevil.example');
    expect(next(encodeURIComponent('/%09/evil.example'))).toBe('/%09/evil.example');
  });

  test('is nothing without the parameter, or under another name', () => {
    for (const search of ['', '?', '?other=/a', '?anext=/a', '?next', '?NEXT=/a']) {
      expect(nextOf({ search, origin })).toBeUndefined();
    }
    expect(nextOf({ search: '?other=1&next=%2Fa', origin })).toBe('/a');
  });
});
