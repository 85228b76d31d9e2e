import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { browser } from '../next';
import { open } from '../test/open';
import { answer, ok, problem } from '../test/wire';

const leave = () => vi.spyOn(browser, 'leave').mockImplementation(() => undefined);

afterEach(() => vi.restoreAllMocks());

async function signIn(member: Awaited<ReturnType<typeof open>>) {
  await member.type(screen.getByLabelText('ログインID'), 'abcd');
  await member.type(screen.getByLabelText('パスワード'), 'Demo-pass9');
  await member.click(screen.getByRole('button', { name: 'ログイン' }));
}

test('sign-in leads to the page that sent the member here', async () => {
  const left = leave();
  answer('get', 'session', problem(401, 'session_missing'));
  answer('post', 'session', ok({ login_id: 'abcd' }));
  const member = await open('/?next=%2Fwebmail%2Finbox%3Fpage%3D2%23top');
  await signIn(member);
  await waitFor(() => expect(left).toHaveBeenCalledExactlyOnceWith('/webmail/inbox?page=2#top'));
  expect(location.pathname).toBe('/');
});

test('a member who is signed in goes there at once', async () => {
  const left = leave();
  answer('get', 'session', ok({ login_id: 'abcd' }));
  await open('/?next=%2Fwebmail%2F');
  await waitFor(() => expect(left).toHaveBeenCalledExactlyOnceWith('/webmail/'));
});

test('an address of another site is ignored: nothing is asked, and sign-in leads to the member page', async () => {
  const left = leave();
  const asked = answer('get', 'session', ok({ login_id: 'abcd' }));
  answer('post', 'session', ok({ login_id: 'abcd' }));
  answer('get', 'member', problem(503, 'busy'));
  const member = await open('/?next=%2F%2Fevil.example');
  await signIn(member);
  await waitFor(() => expect(location.pathname).toBe('/member'));
  expect(left).not.toHaveBeenCalled();
  expect(asked).toEqual([]);
});
