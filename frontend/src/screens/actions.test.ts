import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { button, changePassword, field, labels, main } from '../test/page';
import { answer, delayed, done, liveSession, memberPage, problem } from '../test/server';

const elsewhere = 'ほかのすべての端末からログアウト';
const changed = /パスワードを変更しました。ほか/;

const alone = [liveSession('windows', true)];
const both = [...alone, liveSession('iphone', false)];

describe('one action of the member page', () => {
  test('does not block signing out: signing out the other browsers', async () => {
    const { late, release } = delayed(done);
    answer('get', 'member', memberPage());
    answer('delete', 'sessions', late);
    const out = answer('delete', 'session', done);
    const user = await open('/member');
    const signOutElsewhere = await button(elsewhere);
    await user.click(signOutElsewhere);
    expect(signOutElsewhere).toHaveAttribute('aria-busy', 'true');
    expect(within(main()).getByText(/送信しています/)).toBeVisible();
    await user.click(await button('ログアウト'));
    await waitFor(() => expect(out).toHaveLength(1));
    expect(await screen.findByText('ログアウトしました。')).toBeVisible();
    await release();
    expect(location.pathname).toBe('/');
  });

  test('does not block signing out: changing the password', async () => {
    const { late, release } = delayed(done);
    answer('get', 'member', memberPage());
    answer('put', 'member/password', late);
    const out = answer('delete', 'session', done);
    const user = await open('/member#password');
    await changePassword(user);
    await user.click(await button('ログアウト'));
    await waitFor(() => expect(out).toHaveLength(1));
    await release();
    expect(location.pathname).toBe('/');
  });

  test('keeps the faults of another action', async () => {
    answer('get', 'member', memberPage(), problem(503, 'busy'));
    answer('put', 'member/password', problem(403, 'current_password_wrong'));
    answer('delete', 'sessions', done);
    const user = await open('/member#password');
    await changePassword(user);
    await screen.findByRole('alert');
    await user.click(await button(elsewhere));
    expect(await screen.findByText(/からログアウトしました/)).toBeVisible();
    expect(screen.getByRole('alert')).toHaveTextContent('現在のパスワードが、ご登録の内容と一致しません');
  });
});

describe('a change that is cancelled while its answer is awaited', () => {
  test.each([
    ['current_password_wrong', problem(403, 'current_password_wrong')],
    ['password_rejected', problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] })],
    ['busy', problem(503, 'busy')],
  ])('shows no error summary when it is refused (%s)', async (_, refusal) => {
    const { late, release } = delayed(refusal);
    answer('get', 'member', memberPage());
    answer('put', 'member/password', late);
    const user = await open('/member#password');
    await changePassword(user);
    await user.click(await button('やめる'));
    expect(await button('パスワードを変更する')).toHaveFocus();
    await release();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(document.title).not.toMatch(/^エラー/);
  });

  test('is reported when it was done', async () => {
    const { late, release } = delayed(done);
    answer('get', 'member', memberPage());
    answer('put', 'member/password', late);
    const user = await open('/member#password');
    await changePassword(user);
    await user.click(await button('やめる'));
    await release();
    expect(await screen.findByText(changed)).toBeVisible();
  });

  test('does not block the next change', async () => {
    const { late, release } = delayed(problem(403, 'current_password_wrong'));
    answer('get', 'member', memberPage());
    const bodies = answer('put', 'member/password', late, done);
    const user = await open('/member#password');
    await changePassword(user);
    await user.click(await button('やめる'));
    await user.click(await button('パスワードを変更する'));
    await changePassword(user);
    await waitFor(() => expect(bodies).toHaveLength(2));
    expect(await screen.findByText(changed)).toBeVisible();
    await release();
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

test('the answer to an older read does not replace the answer to a newer one', async () => {
  const { late, release } = delayed(memberPage({ sessions: both }));
  answer('get', 'member', memberPage({ sessions: both }), late, memberPage({ sessions: alone }));
  answer('put', 'member/password', done);
  answer('delete', 'sessions', done);
  const user = await open('/member#password');
  await changePassword(user);
  await screen.findByText(changed);
  await user.click(await button(elsewhere));
  await screen.findByText(/からログアウトしました/);
  await release();
  expect(document.querySelectorAll('.sessions li')).toHaveLength(1);
});

test('when another member has signed in, a read of the member page shows neither member', async () => {
  answer('get', 'member', memberPage(), memberPage({ login_id: 'zzzz' }));
  answer('delete', 'sessions', done);
  const user = await open('/member');
  await user.click(await button(elsewhere));
  await waitFor(() => expect(location.pathname).toBe('/'));
  expect(document.querySelector('.registered')).toBeNull();
});

test('#password in the address of the member page opens the form, also after it was closed', async () => {
  answer('get', 'member', memberPage());
  const user = await open('/member');
  await button('パスワードを変更する');
  location.hash = '#password';
  expect(await field(labels.currentPassword)).toHaveFocus();
  await user.click(await button('やめる'));
  expect(location.hash).toBe('');
  location.hash = '#password';
  expect(await field(labels.currentPassword)).toHaveFocus();
});
