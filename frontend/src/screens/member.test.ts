import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { open } from '../test/open';
import { answer, done, lost, ok, problem, settings } from '../test/wire';

afterEach(() => vi.useRealTimers());

const loginId = () => screen.getByLabelText('ログインID');
const password = () => screen.getByLabelText('パスワード');
const signIn = () => screen.getByRole('button', { name: 'ログイン' });

describe('the member page', () => {
  const session = (device: string, current: boolean) => ({
    device,
    signed_in_at: '2026-11-21T14:00:00Z',
    last_seen_at: '2026-11-21T14:10:00Z',
    current,
  });
  const here = session('windows', true);
  const member = (changedAt = '2026-10-01T03:04:05Z', sessions = [here, session('iphone', false)]) =>
    ok({
      login_id: 'abcd',
      basic_mail_address: 'abcd@xxx.mm-m.ne.jp',
      password_changed_at: changedAt,
      sessions,
      activities: [{ at: '2026-11-21T15:00:00Z', kind: 'recovered', device: 'iphone' }],
    });

  test('shows what is registered, the address masked until asked for, times in Japan time', async () => {
    answer('get', 'member', member());
    const hands = await open('/member');
    expect(await screen.findByText('a•••••@xxx.mm-m.ne.jp')).toBeInTheDocument();
    expect(screen.getByText('2026年10月1日（木）12:04')).toBeInTheDocument();
    expect(screen.getByText('仮パスワードを使って、パスワードを再設定しました')).toBeInTheDocument();
    expect(screen.getByText('2026年11月22日（日）00:00')).toBeInTheDocument();
    await hands.click(screen.getByRole('button', { name: '基本メールアドレスを表示' }));
    expect(screen.getByText('abcd@xxx.mm-m.ne.jp')).toBeInTheDocument();
  });

  test('without a session leads to login and back again', async () => {
    answer('get', 'member', problem(401, 'session_missing'), member());
    answer('post', 'session', ok({ login_id: 'abcd' }));
    const hands = await open('/member#password');
    await waitFor(() => expect(location.pathname).toBe('/'));
    await hands.type(loginId(), 'abcd');
    await hands.type(password(), 'Demo-pass9');
    await hands.click(signIn());
    expect(await screen.findByLabelText('現在のパスワード')).toBeInTheDocument();
    expect(location.pathname + location.hash).toBe('/member#password');
  });

  test('has the way out beside its heading, before all else that can be pressed', async () => {
    answer('get', 'member', member());
    await open('/member');
    const way = await screen.findByRole('button', { name: 'ログアウト' });
    expect(within(screen.getByRole('main')).getAllByRole('button')[0]).toBe(way);
    expect(way.closest('.title')).toContainElement(screen.getByRole('heading', { level: 1 }));
  });

  test.each([
    ['ended', problem(401, 'session_missing')],
    ['ended for all that is known', lost],
  ])('when the session has %s by itself, login has the login ID', async (_, session) => {
    answer('get', 'member', member());
    answer('get', 'session', session);
    vi.useFakeTimers({ toFake: ['Date'] });
    await open('/member');
    await screen.findByRole('button', { name: 'ログアウト' });
    vi.setSystemTime(Date.now() + 31 * 60_000);
    document.dispatchEvent(new Event('visibilitychange'));
    await waitFor(() => expect(location.pathname).toBe('/'));
    expect(loginId()).toHaveValue('abcd');
    expect(password()).toHaveValue('');
  });

  test('after signing out, login has no login ID', async () => {
    answer('get', 'member', member());
    answer('delete', 'session', done);
    const hands = await open('/member');
    await hands.click(await screen.findByRole('button', { name: 'ログアウト' }));
    await screen.findByText('ログアウトしました。');
    expect(loginId()).toHaveValue('');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });

  test('changes the password; a wrong present one is said', async () => {
    answer('get', 'member', member());
    const bodies = answer('put', 'member/password', problem(403, 'current_password_wrong'), done);
    const hands = await open('/member');
    await hands.click(await screen.findByRole('button', { name: 'パスワードを変更する' }));
    expect(screen.getByLabelText('現在のパスワード')).toHaveFocus();
    const fill = async (current: string) => {
      await hands.type(screen.getByLabelText('現在のパスワード'), current);
      await hands.click(screen.getByRole('button', { name: '変更する' }));
    };
    await hands.type(screen.getByLabelText('新しい会員サポートパスワード'), 'Tanuki7Kettle');
    await hands.type(screen.getByLabelText('新しい会員サポートパスワード（確認）'), 'Tanuki7Kettle');
    await fill('wrong');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      '現在のパスワードが、ご登録の内容と一致しません',
    );
    await fill('Demo-pass9');
    expect(await screen.findByText(/パスワードを変更しました。ほかの端末/)).toBeInTheDocument();
    expect(bodies[1]).toEqual({ current_password: 'Demo-pass9', new_password: 'Tanuki7Kettle' });
  });

  test('after a lost answer the time of the last change tells whether it was changed', async () => {
    answer('get', 'member', member(), member('2026-11-22T00:00:00Z'));
    answer('put', 'member/password', lost);
    const hands = await open('/member#password');
    await hands.type(await screen.findByLabelText('現在のパスワード'), 'Demo-pass9');
    await hands.type(screen.getByLabelText('新しい会員サポートパスワード'), 'Tanuki7Kettle');
    await hands.type(screen.getByLabelText('新しい会員サポートパスワード（確認）'), 'Tanuki7Kettle');
    await hands.click(screen.getByRole('button', { name: '変更する' }));
    expect(await screen.findByText(/パスワードを変更しました。ほかの端末/)).toBeInTheDocument();
  });

  const everywhereElse = () => screen.findByRole('button', { name: 'ほかのすべての端末からログアウト' });
  const listed = () =>
    within(screen.getByRole('region', { name: 'ログイン中の端末' })).getAllByRole('listitem');

  test('shows where the member is signed in and which of it is here; signs out everywhere else', async () => {
    answer('get', 'member', member(), member(undefined, [here]));
    const asked = answer('delete', 'sessions', done);
    const hands = await open('/member');
    const button = await everywhereElse();
    expect(listed().map((each) => each.textContent)).toEqual([
      expect.stringMatching(/^\s*Windows この端末\s*ログイン：2026年11月21日（土）23:00\s*$/),
      expect.stringMatching(
        /^\s*iPhone\s*ログイン：2026年11月21日（土）23:00\s*最終利用：2026年11月21日（土）23:10\s*$/,
      ),
    ]);
    await hands.click(button);
    const said = await screen.findByText(/^ほかのすべての端末からログアウトしました。/);
    expect(said.parentElement).toHaveFocus();
    expect(asked).toHaveLength(1);
    expect(listed()).toHaveLength(1);
  });

  test('after a lost answer the list tells whether it was signed out everywhere else', async () => {
    answer('get', 'member', member(), member(), member(undefined, [here]));
    answer('delete', 'sessions', lost);
    const hands = await open('/member');
    await hands.click(await everywhereElse());
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    expect(screen.queryByText(/からログアウトしました/)).not.toBeInTheDocument();
    await hands.click(await everywhereElse());
    expect(await screen.findByText(/からログアウトしました/)).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  test('a browser that was signed out from elsewhere is led to login', async () => {
    answer('get', 'member', member());
    answer('delete', 'sessions', problem(401, 'session_missing'));
    const hands = await open('/member');
    await hands.click(await everywhereElse());
    await waitFor(() => expect(location.pathname).toBe('/'));
  });

  test('tells of the end of the session before it comes, and goes on when asked to', async () => {
    answer('get', 'member', member());
    const asked = answer('get', 'session', ok({ login_id: 'abcd' }));
    const hands = await open('/member', {
      site: { lifetimes: { ...settings.lifetimes, session_idle: 240 } },
    });
    expect(await screen.findByText(/^[0-9:]{5}ごろ、自動でログアウトします。$/)).toBeInTheDocument();
    await hands.click(screen.getByRole('button', { name: '続ける' }));
    expect((await screen.findByText('このまま続けてお使いいただけます。')).parentElement).toHaveFocus();
    expect(asked).toHaveLength(1);
  });

  test('an old session’s end is told without a way that would not help', async () => {
    answer('get', 'member', member());
    // The session in use is ten minutes old by the server's own times.
    await open('/member', { site: { lifetimes: { ...settings.lifetimes, session_absolute: 630 } } });
    expect(await screen.findByText('まもなく、自動でログアウトします。')).toBeInTheDocument();
    expect(screen.getByText(/もう一度ログインしてください/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: '続ける' })).toBeNull();
  });

  test('another tab that uses the session puts its end off here too', async () => {
    answer('get', 'member', member());
    await open('/member', { site: { lifetimes: { ...settings.lifetimes, session_idle: 240 } } });
    await screen.findByRole('button', { name: '続ける' });
    const newValue = String(Date.now() + 600_000);
    dispatchEvent(new StorageEvent('storage', { key: 'session_seen_at', newValue }));
    await waitFor(() => expect(screen.queryByRole('button', { name: '続ける' })).toBeNull());
  });

  test('signs out to login, which says so', async () => {
    answer('get', 'member', member());
    answer('delete', 'session', done);
    const hands = await open('/member');
    await hands.click(await screen.findByRole('button', { name: 'ログアウト' }));
    expect(await screen.findByText('ログアウトしました。')).toBeInTheDocument();
  });
});
