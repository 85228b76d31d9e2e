import { beforeEach, expect, test } from 'vitest';
import { language } from '../language.svelte';
import { settings } from '../test/server';
import { sayViolations } from './password';
import { sayProblem } from './problem';
import { recoveryWords, sayLifetime } from './recovery';
import { localized } from './words';

beforeEach(() => (language.now = 'en'));

test.each([
  [1, '1 minute'],
  [60, '1 minute'],
  [61, '2 minutes'],
  [1800, '30 minutes'],
  [3600, '60 minutes'],
  [7200, '2 hours'],
])('%i seconds are %s in English', (seconds, said) => {
  expect(sayLifetime(seconds)).toBe(said);
});

test.each([
  [1, 'in about 1 second.'],
  [2, 'in about 2 seconds.'],
  [60, 'in about 1 minute.'],
  [61, 'in about 2 minutes.'],
])('a wait of %i seconds is %s in English', (retryAfter, said) => {
  expect(sayProblem({ code: 'busy', retryAfter })).toContain(said);
});

test('one character is singular', () => {
  const rules = { ...settings.password, min_length: 1, max_length: 2 };
  expect(sayViolations([{ code: 'too_short' }, { code: 'too_long' }], rules)).toEqual([
    'Use 1 character or more.',
    'Use 2 characters or fewer.',
  ]);
});

test.each([
  [1, 'You can try 1 more time.'],
  [4, 'You can try 4 more times.'],
])('%i guesses that are left are “%s” in English', (left, said) => {
  const words = localized(recoveryWords);
  expect(words.guessesLeft(left)).toBe(said);
  expect(words.wrong(left)).toContain(said);
});
