import { screen } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { button } from '../test/page';
import { answer, delayed, done, lost, memberPage, ok, problem } from '../test/server';

const missing = problem(401, 'session_missing');

describe('a sign-out in another tab', () => {
  const told = () => dispatchEvent(new StorageEvent('storage', { key: 'session_seen_at', newValue: null }));

  test('closes the member page in this tab when the server confirms it', async () => {
    answer('get', 'member', memberPage());
    answer('get', 'session', missing);
    await open('/member');
    await button('ログアウト');
    told();
    expect(await screen.findByText('ログアウトしました。')).toBeVisible();
    expect(document.querySelector('.registered')).toBeNull();
  });

  test('does not close the member page when the server does not confirm it', async () => {
    const { late, release } = delayed(ok({ login_id: 'abcd' }));
    answer('get', 'member', memberPage());
    answer('get', 'session', late);
    await open('/member');
    await button('ログアウト');
    told();
    await release();
    expect(location.pathname).toBe('/member');
  });

  test('is reported to the other tabs', async () => {
    answer('get', 'member', memberPage());
    answer('delete', 'session', done);
    const user = await open('/member');
    await button('ログアウト');
    expect(localStorage.getItem('session_seen_at')).not.toBeNull();
    await user.click(await button('ログアウト'));
    await screen.findByText('ログアウトしました。');
    expect(localStorage.getItem('session_seen_at')).toBeNull();
  });
});

describe('after a lost sign-out', () => {
  test.each([
    ['nobody is signed in', missing],
    ['another member is', ok({ login_id: 'zzzz' })],
  ])('the session’s state shows that it was done: %s', async (_, state) => {
    answer('get', 'member', memberPage());
    answer('delete', 'session', lost);
    answer('get', 'session', state);
    const user = await open('/member');
    await user.click(await button('ログアウト'));
    expect(await screen.findByText('ログアウトしました。')).toBeVisible();
  });

  test.each([
    ['shows that it was not done', ok({ login_id: 'abcd' })],
    ['is unknown too', lost],
  ])('the session’s state %s: the error does not mention typed text', async (_, state) => {
    answer('get', 'member', memberPage());
    answer('delete', 'session', lost);
    answer('get', 'session', state);
    const user = await open('/member');
    await user.click(await button('ログアウト'));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('通信できませんでした');
    expect(alert).not.toHaveTextContent('入力した内容');
    expect(location.pathname).toBe('/member');
  });
});
