import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { go } from '../router.svelte';
import { open } from '../test/open';
import { askForRecovery, button, enterTemporaryPassword, field, labels } from '../test/page';
import { answer, delayed, done, id, lost, memberPage, ok, problem, recovery } from '../test/server';

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

  test('clears what was typed at login in this tab', async () => {
    const user = await open('/', { carry: { loginId: 'abcd' } });
    await user.type(await field(labels.password), 'Demo-pass9');
    told();
    await waitFor(async () => expect(await field(labels.password)).toHaveValue(''));
    expect(await field(labels.loginId)).toHaveValue('');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });

  test('clears what was typed in step 2 in this tab', async () => {
    const user = await open('/recover');
    await user.type(await field(labels.loginId), 'abcd');
    await user.type(await field(labels.mailAddress), 'abcd@xxx.mm-m.ne.jp');
    told();
    await waitFor(async () => expect(await field(labels.mailAddress)).toHaveValue(''));
    expect(await field(labels.loginId)).toHaveValue('');
  });

  test('leaves a recovery in this tab, but forgets what was typed to ask for it', async () => {
    answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
    const bodies = answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const user = await open('/recover');
    await askForRecovery(user);
    await user.type(await field(labels.temporaryPassword), 'Kd7m');
    told();
    await enterTemporaryPassword(user, 'Pw3xR');
    await user.type(await field(labels.newPassword), 'Tanuki7');
    expect(bodies).toEqual([{ temporary_password: 'Kd7mPw3xR' }]);
    told();
    expect(await field(labels.newPassword)).toHaveValue('Tanuki7');
    go('/recover');
    expect(await field(labels.mailAddress)).toHaveValue('');
    expect(await field(labels.loginId)).toHaveValue('');
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
