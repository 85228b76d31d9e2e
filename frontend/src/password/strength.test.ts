import { describe, expect, test } from 'vitest';
import cases from '../../../backend/password/testdata/cases.json';
import { strength } from './strength';

test.each([
  ['a', 'weak'],
  ['Aaaaaaaa1', 'weak'],
  ['Abcdefghij1', 'weak'],
  ['Tokyo2026', 'weak'],
  ['Taro1950', 'weak'],
  ['Demo-pass9', 'weak'],
  ['Tanuki7Kettle', 'fair'],
  ['Asa-no-tsuki3', 'fair'],
  ['Kt7vRm2qB', 'fair'],
  ['Kani-umi-hon-tokei7', 'strong'],
  ['Kt7vRm2qB-4hNcX9dLw/', 'strong'],
])('%s is %s', (password, said) => {
  expect(strength(password)).toBe(said);
});

describe('a password that the server calls common is never strong', () => {
  const common = cases.filter((each) => each.violations.some(({ code }) => code === 'too_common'));
  test.each(common)('$name', ({ password }) => {
    expect(strength(password)).not.toBe('strong');
  });
});
