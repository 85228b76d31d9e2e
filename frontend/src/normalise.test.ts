import { expect, test } from 'vitest';
import { beforeAt, normalise } from './normalise';

test.each([
  [' ABCD ', 'abcd'],
  ['\u3000ＡＢＣＤ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ', 'abcd@xxx.mm-m.ne.jp'],
  ['abcd@xxx。mm-m｡ne．jp', 'abcd@xxx.mm-m.ne.jp'],
  ['a‐b‑c‒d–e—f―g−hーi－j', 'a-b-c-d-e-f-g-h-i-j'],
  ['\ufeffab\u200bc\u00ad\u200ed\u2060', 'abcd'],
  ['①Ｋ', '①k'],
  ['\u212aÀ', '\u212aÀ'],
])('%j is read as %s', (typed, read) => {
  expect(normalise(typed)).toBe(read);
});

test('a login ID ends at the first @, and a local part too', () => {
  expect(beforeAt('Ａbcd@en@wakwak.com')).toBe('abcd');
  expect(beforeAt('ａｂ．ｃ＠ｘｘｘ')).toBe('ab.c');
  expect(beforeAt('abcd')).toBe('abcd');
});
