import '@testing-library/jest-dom/vitest';
import { configure } from '@testing-library/svelte';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { forget } from '../memory';
import { server } from './server';

// The screens other than login are loaded on demand: the test runner compiles them while the first test waits.
configure({ asyncUtilTimeout: 60_000 });

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  vi.stubGlobal('scrollTo', () => undefined);
  // Each test begins in a new tab: nothing that the previous test typed is left.
  forget();
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());
