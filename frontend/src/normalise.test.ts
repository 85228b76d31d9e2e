import { expect, test } from 'vitest';
import cases from '../../backend/member/testdata/folds.json';
import { beforeAt, normalise } from './normalise';

test.each(cases)('$typed is normalised as on the server', ({ typed, folded }) => {
  expect(normalise(typed)).toBe(folded);
});

test('a login ID and a local part end at the first @', () => {
  expect(beforeAt('Ａbcd@en@wakwak.com')).toBe('abcd');
  expect(beforeAt('ａｂ．ｃ＠ｘｘｘ')).toBe('ab.c');
  expect(beforeAt('abcd')).toBe('abcd');
});
