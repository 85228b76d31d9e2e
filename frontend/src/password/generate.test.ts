import { expect, test, vi } from 'vitest';
import { settings } from '../test/wire';
import { below, generate } from './generate';
import { judge } from './rules';
import { strength } from './strength';

const nobody = { loginId: 'abcd', mailAddress: 'abcd@xxx.mm-m.ne.jp' };
const many = (rules = settings.password) => Array.from({ length: 300 }, () => generate(rules, nobody));

test('a made password is taken by the rules, strong, in groups, without what looks alike, and new each time', () => {
  const made = many();
  for (const each of made) {
    expect(judge(each, settings.password, nobody)).toEqual([]);
    expect(strength(each)).toBe('strong');
    expect(each).toMatch(/^[A-Z]{4}(-[a-z0-9]{4}){3}$/);
    expect(each).not.toMatch(/[0Oo1Il2Zz5Ss8B6b9gqvV]/);
  }
  expect(new Set(made).size).toBe(made.length);
});

test('where no hyphen is allowed there is none', () => {
  const rules = { ...settings.password, symbols: '_' };
  for (const each of many(rules)) expect(judge(each, rules, nobody)).toEqual([]);
});

test('every number is as likely as the other: bytes beyond the last multiple are thrown away', () => {
  let byte = 0;
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    (array as unknown as Uint8Array)[0] = byte++;
    return array;
  });
  const given = Array.from({ length: 240 }, () => below(20));
  for (let each = 0; each < 20; each++) expect(given.filter((one) => one === each)).toHaveLength(12);
  // 240 … 255 would have favoured 0 … 15; the counter begins anew at 256, which is 0.
  expect(below(20)).toBe(0);
  expect(byte).toBe(257);
});
