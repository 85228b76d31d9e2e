import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Schemas } from '../api/client';
import { open } from '../test/open';
import { button, changePassword, field, labels, main, signIn, wakeUp } from '../test/page';
import { answer, done, liveSession, lost, memberPage, ok, problem, settings } from '../test/server';

afterEach(() => vi.useRealTimers());

describe('the member page', () => {
  const here = liveSession('windows', true);
  const both = [here, liveSession('iphone', false)];
  const activities: Schemas['Activity'][] = [
    { at: '2026-11-21T15:00:00Z', kind: 'recovered', device: 'iphone' },
  ];
  const page = (changes: Partial<Schemas['Member']> = {}) =>
    memberPage({ password_changed_at: '2026-10-01T03:04:05Z', sessions: both, activities, ...changes });

  test('shows what is registered: the address masked until asked for, times in Japan time', async () => {
    answer('get', 'member', page());
    const user = await open('/member');
    expect(await screen.findByText('a•••••@xxx.mm-m.ne.jp')).toBeInTheDocument();
    expect(screen.getByText('2026年10月1日（木）12:04')).toBeInTheDocument();
    expect(screen.getByText('仮パスワードを使って、パスワードを再設定しました')).toBeInTheDocument();
    expect(screen.getByText('2026年11月22日（日）00:00')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: '基本メールアドレスを表示' }));
    expect(screen.getByText('abcd@xxx.mm-m.ne.jp')).toBeInTheDocument();
  });

  test('leads to login without a session, and back after sign-in', async () => {
    answer('get', 'member', problem(401, 'session_missing'), page());
    answer('post', 'session', ok({ login_id: 'abcd' }));
    const user = await open('/member#password');
    await waitFor(() => expect(location.pathname).toBe('/'));
    await signIn(user);
    expect(await field(labels.currentPassword)).toBeInTheDocument();
    expect(location.pathname + location.hash).toBe('/member#password');
  });

  test.each(['/member', '/member#password'])(
    'login leaves no entry in the history when %s has led to it',
    async (address) => {
      answer('get', 'member', problem(401, 'session_missing'), page());
      answer('post', 'session', ok({ login_id: 'abcd' }));
      const user = await open(address);
      await waitFor(() => expect(location.pathname).toBe('/'));
      const entries = history.length;
      await signIn(user);
      await button('ログアウト');
      expect(history.length).toBe(entries);
    },
  );

  test('has the sign-out button beside its heading, before every other button', async () => {
    answer('get', 'member', page());
    await open('/member');
    const way = await button('ログアウト');
    expect(within(main()).getAllByRole('button')[0]).toBe(way);
    expect(way.closest('.title')).toContainElement(screen.getByRole('heading', { level: 1 }));
  });

  test.each([
    ['ended', problem(401, 'session_missing')],
    ['probably ended', lost],
  ])('when the session has %s without a sign-out, login shows the login ID', async (_, session) => {
    answer('get', 'member', page());
    answer('get', 'session', session);
    vi.useFakeTimers({ toFake: ['Date'] });
    await open('/member');
    await button('ログアウト');
    vi.setSystemTime(Date.now() + 31 * 60_000);
    wakeUp();
    await waitFor(() => expect(location.pathname).toBe('/'));
    expect(await field(labels.loginId)).toHaveValue('abcd');
    expect(await field(labels.password)).toHaveValue('');
  });

  test('after signing out, login shows no login ID', async () => {
    answer('get', 'member', page());
    answer('delete', 'session', done);
    const user = await open('/member');
    await user.click(await button('ログアウト'));
    await screen.findByText('ログアウトしました。');
    expect(await field(labels.loginId)).toHaveValue('');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });

  test('changes the password, and reports a wrong current password', async () => {
    answer('get', 'member', page());
    const bodies = answer('put', 'member/password', problem(403, 'current_password_wrong'), done);
    const user = await open('/member');
    await user.click(await button('パスワードを変更する'));
    expect(await field(labels.currentPassword)).toHaveFocus();
    const fill = async (current: string) => {
      await user.type(await field(labels.currentPassword), current);
      await user.click(screen.getByRole('button', { name: '変更する' }));
    };
    await user.type(await field(labels.newPassword), 'Tanuki7Kettle');
    await user.type(await field(labels.newPasswordAgain), 'Tanuki7Kettle');
    await fill('wrong');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      '現在のパスワードが、ご登録の内容と一致しません',
    );
    await fill('Demo-pass9');
    expect(await screen.findByText(/パスワードを変更しました。ほかの端末/)).toBeInTheDocument();
    expect(bodies[1]).toEqual({ current_password: 'Demo-pass9', new_password: 'Tanuki7Kettle' });
  });

  test('after a lost answer, the time of the last change shows that the password was changed', async () => {
    answer('get', 'member', page(), page({ password_changed_at: '2026-11-22T00:00:00Z' }));
    answer('put', 'member/password', lost);
    const user = await open('/member#password');
    await changePassword(user);
    expect(await screen.findByText(/パスワードを変更しました。ほかの端末/)).toBeInTheDocument();
  });

  const everywhereElse = () => button('ほかのすべての端末からログアウト');
  const listed = () =>
    within(screen.getByRole('region', { name: 'ログイン中の端末' })).getAllByRole('listitem');

  test('lists the sessions, marks the present one, and signs out the others', async () => {
    answer('get', 'member', page(), page({ sessions: [here] }));
    const asked = answer('delete', 'sessions', done);
    const user = await open('/member');
    const signOutElsewhere = await everywhereElse();
    expect(listed().map((each) => each.textContent)).toEqual([
      expect.stringMatching(/^\s*Windows この端末\s*ログイン：2026年11月21日（土）23:00\s*$/),
      expect.stringMatching(
        /^\s*iPhone\s*ログイン：2026年11月21日（土）23:00\s*最終利用：2026年11月21日（土）23:10\s*$/,
      ),
    ]);
    await user.click(signOutElsewhere);
    const said = await screen.findByText(/^ほかのすべての端末からログアウトしました。/);
    expect(said.parentElement).toHaveFocus();
    expect(asked).toHaveLength(1);
    expect(listed()).toHaveLength(1);
  });

  test('after a lost answer, the list shows whether the other sessions were signed out', async () => {
    answer('get', 'member', page(), page(), page({ sessions: [here] }));
    answer('delete', 'sessions', lost);
    const user = await open('/member');
    await user.click(await everywhereElse());
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    expect(screen.queryByText(/からログアウトしました/)).not.toBeInTheDocument();
    await user.click(await everywhereElse());
    expect(await screen.findByText(/からログアウトしました/)).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  test('leads to login when another browser has signed this one out', async () => {
    answer('get', 'member', page());
    answer('delete', 'sessions', problem(401, 'session_missing'));
    const user = await open('/member');
    await user.click(await everywhereElse());
    await waitFor(() => expect(location.pathname).toBe('/'));
  });

  test('announces the end of the session, and the button extends the session', async () => {
    answer('get', 'member', page());
    const asked = answer('get', 'session', ok({ login_id: 'abcd' }));
    const user = await open('/member', {
      site: { lifetimes: { ...settings.lifetimes, session_idle: 240 } },
    });
    expect(await screen.findByText(/^[0-9:]{5}ごろ、自動でログアウトします。$/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: '続ける' }));
    expect((await screen.findByText('このまま続けてお使いいただけます。')).parentElement).toHaveFocus();
    expect(asked).toHaveLength(1);
  });

  test('offers no button that extends a session at its absolute limit', async () => {
    answer('get', 'member', page());
    // The session in use is ten minutes old by the server's own times.
    await open('/member', { site: { lifetimes: { ...settings.lifetimes, session_absolute: 630 } } });
    expect(await screen.findByText('まもなく、自動でログアウトします。')).toBeInTheDocument();
    expect(screen.getByText(/もう一度ログインしてください/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: '続ける' })).toBeNull();
  });

  test('moves the end of the session when another tab uses it', async () => {
    answer('get', 'member', page());
    await open('/member', { site: { lifetimes: { ...settings.lifetimes, session_idle: 240 } } });
    await button('続ける');
    const newValue = String(Date.now() + 600_000);
    dispatchEvent(new StorageEvent('storage', { key: 'session_seen_at', newValue }));
    await waitFor(() => expect(screen.queryByRole('button', { name: '続ける' })).toBeNull());
  });

  test('signs out to login, which says so', async () => {
    answer('get', 'member', page());
    answer('delete', 'session', done);
    const user = await open('/member');
    await user.click(await button('ログアウト'));
    expect(await screen.findByText('ログアウトしました。')).toBeInTheDocument();
  });
});
