import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { open } from '../test/open';
import { answer, done, held, lost, ok, problem } from '../test/wire';

afterEach(() => vi.useRealTimers());

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);
const press = (name: string) => screen.findByRole('button', { name });
const main = () => screen.getByRole('main');
const current = '現在のパスワード';
const [next, again] = ['新しい会員サポートパスワード', '新しい会員サポートパスワード（確認）'];
const elsewhere = 'ほかのすべての端末からログアウト';
const changed = /パスワードを変更しました。ほか/;
const missing = problem(401, 'session_missing');

const session = (device: string, here: boolean) => ({
  device,
  current: here,
  signed_in_at: '2026-11-21T14:00:00Z',
  last_seen_at: '2026-11-21T14:00:00Z',
});
const alone = [session('windows', true)];
const both = [...alone, session('iphone', false)];
const member = (sessions = both, changedAt: string | null = null, loginId = 'abcd') =>
  ok({
    login_id: loginId,
    basic_mail_address: `${loginId}@xxx.mm-m.ne.jp`,
    password_changed_at: changedAt,
    sessions,
    activities: [],
  });
type Hands = Awaited<ReturnType<typeof open>>;

async function change(hands: Hands) {
  await hands.type(await field(current), 'Demo-pass9');
  await hands.type(await field(next), 'Tanuki7Kettle');
  await hands.type(await field(again), 'Tanuki7Kettle');
  await hands.click(await press('変更する'));
}

describe('one action of the member page', () => {
  test('does not swallow signing out: while others are signed out', async () => {
    const { late, release } = held(done);
    answer('get', 'member', member());
    answer('delete', 'sessions', late);
    const out = answer('delete', 'session', done);
    const hands = await open('/member');
    const button = await press(elsewhere);
    await hands.click(button);
    expect(button).toHaveAttribute('aria-busy', 'true');
    expect(within(main()).getByText(/送信しています/)).toBeVisible();
    await hands.click(await press('ログアウト'));
    await waitFor(() => expect(out).toHaveLength(1));
    expect(await screen.findByText('ログアウトしました。')).toBeVisible();
    await release();
    expect(location.pathname).toBe('/');
  });

  test('does not swallow signing out: while the password is changed', async () => {
    const { late, release } = held(done);
    answer('get', 'member', member());
    answer('put', 'member/password', late);
    const out = answer('delete', 'session', done);
    const hands = await open('/member#password');
    await change(hands);
    await hands.click(await press('ログアウト'));
    await waitFor(() => expect(out).toHaveLength(1));
    await release();
    expect(location.pathname).toBe('/');
  });

  test('keeps the faults of another', async () => {
    answer('get', 'member', member(), problem(503, 'busy'));
    answer('put', 'member/password', problem(403, 'current_password_wrong'));
    answer('delete', 'sessions', done);
    const hands = await open('/member#password');
    await change(hands);
    await screen.findByRole('alert');
    await hands.click(await press(elsewhere));
    expect(await screen.findByText(/からログアウトしました/)).toBeVisible();
    expect(screen.getByRole('alert')).toHaveTextContent('現在のパスワードが、ご登録の内容と一致しません');
  });
});

describe('a change that is cancelled under way', () => {
  test.each([
    ['current_password_wrong', problem(403, 'current_password_wrong')],
    ['password_rejected', problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] })],
    ['busy', problem(503, 'busy')],
  ])('leaves no summary when it is refused (%s)', async (_, refusal) => {
    const { late, release } = held(refusal);
    answer('get', 'member', member());
    answer('put', 'member/password', late);
    const hands = await open('/member#password');
    await change(hands);
    await hands.click(await press('やめる'));
    expect(await press('パスワードを変更する')).toHaveFocus();
    await release();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(document.title).not.toMatch(/^エラー/);
  });

  test('is told when it was done', async () => {
    const { late, release } = held(done);
    answer('get', 'member', member());
    answer('put', 'member/password', late);
    const hands = await open('/member#password');
    await change(hands);
    await hands.click(await press('やめる'));
    await release();
    expect(await screen.findByText(changed)).toBeVisible();
  });

  test('does not swallow the next one', async () => {
    const { late, release } = held(problem(403, 'current_password_wrong'));
    answer('get', 'member', member());
    const bodies = answer('put', 'member/password', late, done);
    const hands = await open('/member#password');
    await change(hands);
    await hands.click(await press('やめる'));
    await hands.click(await press('パスワードを変更する'));
    await change(hands);
    await waitFor(() => expect(bodies).toHaveLength(2));
    expect(await screen.findByText(changed)).toBeVisible();
    await release();
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

test('a re-read that a later one overtook is dropped', async () => {
  const { late, release } = held(member(both));
  answer('get', 'member', member(both), late, member(alone));
  answer('put', 'member/password', done);
  answer('delete', 'sessions', done);
  const hands = await open('/member#password');
  await change(hands);
  await screen.findByText(changed);
  await hands.click(await press(elsewhere));
  await screen.findByText(/からログアウトしました/);
  await release();
  expect(document.querySelectorAll('.sessions li')).toHaveLength(1);
});

test('a re-read that finds another member signed in here shows neither', async () => {
  answer('get', 'member', member(), member(alone, null, 'zzzz'));
  answer('delete', 'sessions', done);
  const hands = await open('/member');
  await hands.click(await press(elsewhere));
  await waitFor(() => expect(location.pathname).toBe('/'));
  expect(document.querySelector('.registered')).toBeNull();
});

describe('a sign-out in another tab', () => {
  const told = () => dispatchEvent(new StorageEvent('storage', { key: 'session_seen_at', newValue: null }));

  test('closes the member page here too, once the server confirms it', async () => {
    answer('get', 'member', member());
    answer('get', 'session', missing);
    await open('/member');
    await press('ログアウト');
    told();
    expect(await screen.findByText('ログアウトしました。')).toBeVisible();
    expect(document.querySelector('.registered')).toBeNull();
  });

  test('that the server does not confirm closes nothing', async () => {
    const { late, release } = held(ok({ login_id: 'abcd' }));
    answer('get', 'member', member());
    answer('get', 'session', late);
    await open('/member');
    await press('ログアウト');
    told();
    await release();
    expect(location.pathname).toBe('/member');
  });

  test('is told to the other tabs', async () => {
    answer('get', 'member', member());
    answer('delete', 'session', done);
    const hands = await open('/member');
    await press('ログアウト');
    expect(localStorage.getItem('session_seen_at')).not.toBeNull();
    await hands.click(await press('ログアウト'));
    await screen.findByText('ログアウトしました。');
    expect(localStorage.getItem('session_seen_at')).toBeNull();
  });
});

describe('after a lost sign-out', () => {
  test.each([
    ['nobody is signed in', missing],
    ['another member is', ok({ login_id: 'zzzz' })],
  ])('the state tells that it was done: %s', async (_, state) => {
    answer('get', 'member', member());
    answer('delete', 'session', lost);
    answer('get', 'session', state);
    const hands = await open('/member');
    await hands.click(await press('ログアウト'));
    expect(await screen.findByText('ログアウトしました。')).toBeVisible();
  });

  test.each([
    ['tells that it was not', ok({ login_id: 'abcd' })],
    ['is not known either', lost],
  ])('the state %s; what is said speaks of no typing', async (_, state) => {
    answer('get', 'member', member());
    answer('delete', 'session', lost);
    answer('get', 'session', state);
    const hands = await open('/member');
    await hands.click(await press('ログアウト'));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('通信できませんでした');
    expect(alert).not.toHaveTextContent('入力した内容');
    expect(location.pathname).toBe('/member');
  });
});

describe('the end of the session', () => {
  const minutes = (count: number) => count * 60_000;
  let began: number;

  /** Sets the device's clock, and wakes the page up. */
  const at = (minute: number) => {
    vi.setSystemTime(began + minutes(minute));
    document.dispatchEvent(new Event('visibilitychange'));
  };
  const openAt = async (address: string) => {
    began = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: began });
    const hands = await open(address);
    await press('ログアウト');
    return hands;
  };

  test.each([
    ['current_password_wrong', problem(403, 'current_password_wrong')],
    ['password_rejected', problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] })],
    ['too_many_attempts', problem(429, 'too_many_attempts')],
  ])('is put off by a refused change, as the server puts it off (%s)', async (_, refusal) => {
    answer('get', 'member', member());
    answer('put', 'member/password', refusal);
    const hands = await openAt('/member#password');
    at(20);
    await change(hands);
    await screen.findByRole('alert');
    at(40);
    await hands.type(await field(next), 'a');
    expect(screen.queryByRole('button', { name: '続ける' })).toBeNull();
    at(46);
    expect(await press('続ける')).toBeVisible();
  });

  test('is not put off by a lost change', async () => {
    answer('get', 'member', member(), problem(503, 'busy'));
    answer('put', 'member/password', lost);
    const hands = await openAt('/member#password');
    at(20);
    await change(hands);
    await screen.findByRole('alert');
    at(26);
    expect(await press('続ける')).toBeVisible();
  });

  test('is asked of the server, and what is typed is kept while the session lives', async () => {
    answer('get', 'member', member());
    const asked = answer('get', 'session', ok({ login_id: 'abcd' }), missing);
    const hands = await openAt('/member#password');
    await hands.type(await field(next), 'Tanuki7Kettle');
    at(31);
    await waitFor(() => expect(asked).toHaveLength(1));
    at(50);
    await waitFor(() => expect(screen.queryByRole('button', { name: '続ける' })).toBeNull());
    expect(await field(next)).toHaveValue('Tanuki7Kettle');
    expect(location.pathname).toBe('/member');
    at(62);
    expect(await screen.findByText(/自動でログアウトしました/)).toBeVisible();
  });

  test.each([
    ['lost', lost],
    ['busy', problem(503, 'busy')],
  ])('closes the page without claiming a sign-out when the server cannot say (%s)', async (_, state) => {
    answer('get', 'member', member());
    answer('get', 'session', state);
    await openAt('/member');
    at(31);
    expect(await screen.findByText(/登録情報の画面を閉じました/)).toBeVisible();
    expect(screen.queryByText(/自動でログアウトしました/)).toBeNull();
    expect(document.querySelector('.registered')).toBeNull();
  });

  test('is told when another member is signed in here by now', async () => {
    answer('get', 'member', member());
    answer('get', 'session', ok({ login_id: 'zzzz' }));
    const hands = await openAt('/member');
    at(26);
    await hands.click(await press('続ける'));
    expect(await screen.findByText(/自動でログアウトしました/)).toBeVisible();
  });
});

test('#password entered on the member page opens the form, also after it was closed', async () => {
  answer('get', 'member', member());
  const hands = await open('/member');
  await press('パスワードを変更する');
  location.hash = '#password';
  expect(await field(current)).toHaveFocus();
  await hands.click(await press('やめる'));
  expect(location.hash).toBe('');
  location.hash = '#password';
  expect(await field(current)).toHaveFocus();
});
