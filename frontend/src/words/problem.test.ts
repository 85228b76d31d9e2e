import { beforeEach, expect, test } from 'vitest';
import { language } from '../language.svelte';
import { sayProblem } from './problem';

beforeEach(() => (language.now = 'en'));

test('cookies that grew too large while the app was open are named', () => {
  expect(sayProblem({ code: 'headers_too_large', requestId: '12345678' })).toBe(
    'Your browser’s cookies are too large. Delete them in your browser’s settings, then try again.',
  );
});
