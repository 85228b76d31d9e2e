import { describe, expect, test } from 'vitest';
import cases from '../../../backend/password/testdata/cases.json';
import { settings } from '../test/server';
import { forManagers, judge } from './rules';

const verdict = (each: (typeof cases)[number]) =>
  judge(each.password, settings.password, { loginId: each.login_id, mailAddress: each.mail_address });

describe('the browser finds the same broken rules as the server', () => {
  test.each(cases.filter((each) => each.browser))('$name', (each) => {
    expect(verdict(each)).toEqual(each.violations);
  });
});

describe('the browser finds no other rules broken than the server', () => {
  test.each(cases.filter((each) => !each.browser))('$name', (each) => {
    const expected = new Set(each.violations.map(({ code }) => code));
    const surplus = verdict(each).filter(({ code }) => !expected.has(code));
    expect(surplus).toEqual([]);
  });
});

test('the rules for password managers have the hyphen first in the list of symbols', () => {
  expect(forManagers({ ...settings.password, symbols: '_/-@' })).toBe(
    'minlength: 9; maxlength: 20; required: upper; required: lower; required: digit, [-_/@]; allowed: upper, lower, digit, [-_/@];',
  );
});
