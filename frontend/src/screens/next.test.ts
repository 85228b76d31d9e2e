import { waitFor } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { browser } from '../next';
import { open } from '../test/open';
import { signIn } from '../test/page';
import { answer, ok, problem } from '../test/server';

/** Records where the app sends the browser. */
const leave = () => vi.spyOn(browser, 'leave').mockImplementation(() => undefined);

afterEach(() => vi.restoreAllMocks());

test('sign-in leads to the page that sent the member here', async () => {
  const left = leave();
  answer('get', 'session', problem(401, 'session_missing'));
  answer('post', 'session', ok({ login_id: 'abcd' }));
  const user = await open('/?next=%2Fwebmail%2Finbox%3Fpage%3D2%23top');
  await signIn(user);
  await waitFor(() => expect(left).toHaveBeenCalledExactlyOnceWith('/webmail/inbox?page=2#top'));
  expect(location.pathname).toBe('/');
});

test('a member who is signed in is sent there at once', async () => {
  const left = leave();
  answer('get', 'session', ok({ login_id: 'abcd' }));
  await open('/?next=%2Fwebmail%2F');
  await waitFor(() => expect(left).toHaveBeenCalledExactlyOnceWith('/webmail/'));
});

test('an address of another site is ignored: the page does not ask for the session, and sign-in leads to the member page', async () => {
  const left = leave();
  const asked = answer('get', 'session', ok({ login_id: 'abcd' }));
  answer('post', 'session', ok({ login_id: 'abcd' }));
  answer('get', 'member', problem(503, 'busy'));
  const user = await open('/?next=%2F%2Fevil.example');
  await signIn(user);
  await waitFor(() => expect(location.pathname).toBe('/member'));
  expect(left).not.toHaveBeenCalled();
  expect(asked).toEqual([]);
});
