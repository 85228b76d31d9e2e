import '@testing-library/jest-dom/vitest';
import { configure } from '@testing-library/svelte';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { forget } from '../memory';
import { server } from './wire';

// The first screen behind the login page is loaded on demand, and compiled by the test runner then.
configure({ asyncUtilTimeout: 60_000 });

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  vi.stubGlobal('scrollTo', () => undefined);
  // A test begins in a tab of its own, whatever the one before it typed.
  forget();
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());
