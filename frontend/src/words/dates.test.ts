import { afterEach, expect, test } from 'vitest';
import { language } from '../language.svelte';
import { japanTime } from './dates';

afterEach(() => {
  language.now = 'ja';
});

test.each([
  ['ja', '2026-11-22T07:30:00Z', '2026年11月22日（日）16:30'],
  ['ja', '2026-01-02T15:05:00Z', '2026年1月3日（土）00:05'],
  ['en', '2026-11-22T07:30:00Z', 'Sunday, 22 November 2026, 16:30'],
] as const)('in %s, %s is written as %s', (spoken, at, said) => {
  language.now = spoken;
  expect(japanTime(at)).toBe(said);
});
