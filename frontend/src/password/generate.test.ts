import { expect, test, vi } from 'vitest';
import { settings } from '../test/server';
import { below, generate } from './generate';
import { judge } from './rules';
import { strength } from './strength';

const member = { loginId: 'abcd', mailAddress: 'abcd@xxx.mm-m.ne.jp' };
const generateMany = (rules = settings.password) =>
  Array.from({ length: 300 }, () => generate(rules, member));

test('a generated password keeps the rules, is strong, has groups, no characters that look alike, and differs each time', () => {
  const made = generateMany();
  for (const each of made) {
    expect(judge(each, settings.password, member)).toEqual([]);
    expect(strength(each)).toBe('strong');
    expect(each).toMatch(/^[A-Z]{4}(-[a-z0-9]{4}){3}$/);
    expect(each).not.toMatch(/[0Oo1Il2Zz5Ss8B6b9gqvV]/);
  }
  expect(new Set(made).size).toBe(made.length);
});

test('a generated password has no hyphen when the rules do not allow it', () => {
  const rules = { ...settings.password, symbols: '_' };
  for (const each of generateMany(rules)) expect(judge(each, rules, member)).toEqual([]);
});

test('every number is equally likely: bytes from the last multiple of the limit on are discarded', () => {
  let byte = 0;
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    (array as unknown as Uint8Array)[0] = byte++;
    return array;
  });
  const numbers = Array.from({ length: 240 }, () => below(20));
  for (let each = 0; each < 20; each++) expect(numbers.filter((one) => one === each)).toHaveLength(12);
  // The bytes 240 to 255 would favour 0 to 15, so they are discarded. The next byte is 256, which is stored as 0.
  expect(below(20)).toBe(0);
  expect(byte).toBe(257);
});
