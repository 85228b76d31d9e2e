import { expect, test } from 'vitest';
import cases from '../../backend/member/testdata/folds.json';
import { fold } from './fold';

test.each(cases)('$typed folds as on the server', ({ typed, folded }) => {
  expect(fold(typed)).toBe(folded);
});
