import { expect, test } from 'vitest';
import { unlikeDomain } from './mailaddress';

const example = '…@xxx.mm-m.ne.jp';

test.each([
  'abcd@xxx.mm-m.ne.jp',
  'abcd@yyy.mm-m.ne.jp',
  ' ABCD@XXX.MM-M.NE.JP ',
  'ａｂｃｄ＠ｘｘｘ．ｍｍーｍ．ｎｅ．ｊｐ',
  'abcd@xxx。mm-m｡ne。jp',
  'abcd@xxx.mm-m.ne.jp\u200b',
  'abcd@xxx\u200b.mm-m.ne.jp',
])('%s is like the example', (typed) => {
  expect(unlikeDomain(typed, example)).toBeUndefined();
});

test.each([
  ['abcd@gmail.com', 'gmail.com'],
  ['abcd@mm-m.ne.jp', 'mm-m.ne.jp'],
  ['abcd@xxx.mm-m.ne.jp.example', 'xxx.mm-m.ne.jp.example'],
  ['abcd@.mm-m.ne.jp', '.mm-m.ne.jp'],
])('%s is unlike the example', (typed, domain) => {
  expect(unlikeDomain(typed, example)).toBe(domain);
});
