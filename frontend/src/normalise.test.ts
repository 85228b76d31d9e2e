import { expect, test } from 'vitest';
import cases from '../../backend/member/testdata/folds.json';
import { beforeAt, normalise } from './normalise';

test.each(cases)('$typed is read as on the server', ({ typed, folded }) => {
  expect(normalise(typed)).toBe(folded);
});

test('a login ID ends at the first @, and a local part too', () => {
  expect(beforeAt('Ａbcd@en@wakwak.com')).toBe('abcd');
  expect(beforeAt('ａｂ．ｃ＠ｘｘｘ')).toBe('ab.c');
  expect(beforeAt('abcd')).toBe('abcd');
});
