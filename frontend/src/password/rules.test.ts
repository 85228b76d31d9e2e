import { describe, expect, test } from 'vitest';
import cases from '../../../backend/password/testdata/cases.json';
import { settings } from '../test/wire';
import { forManagers, judge } from './rules';

const verdict = (each: (typeof cases)[number]) =>
  judge(each.password, settings.password, { loginId: each.login_id, mailAddress: each.mail_address });

describe('the browser judges as the server does', () => {
  test.each(cases.filter((each) => each.browser))('$name', (each) => {
    expect(verdict(each)).toEqual(each.violations);
  });
});

describe('what only the server can judge, the browser leaves to it', () => {
  test.each(cases.filter((each) => !each.browser))('$name', (each) => {
    const expected = new Set(each.violations.map(({ code }) => code));
    const surplus = verdict(each).filter(({ code }) => !expected.has(code));
    expect(surplus).toEqual([]);
  });
});

test('password managers are told the rules, with the hyphen first in the list of symbols', () => {
  expect(forManagers({ ...settings.password, symbols: '_/-@' })).toBe(
    'minlength: 9; maxlength: 20; required: upper; required: lower; required: digit, [-_/@]; allowed: upper, lower, digit, [-_/@];',
  );
});
