import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { go } from '../router.svelte';
import { open } from '../test/open';
import { answer, done, held, id, ok, problem, recovery } from '../test/wire';

afterEach(() => vi.useRealTimers());

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);
const press = (name: string) => screen.findByRole('button', { name });
const loginId = 'ログインID';
const mailAddress = '基本メールアドレス';
const [next, again] = ['新しい会員サポートパスワード', '新しい会員サポートパスワード（確認）'];
const address = 'abcd@xxx.mm-m.ne.jp';
const back = () => {
  const arrived = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }));
  history.back();
  return arrived;
};
const main = () => screen.getByRole('main');
const member = ok({
  login_id: 'abcd',
  basic_mail_address: address,
  password_changed_at: null,
  sessions: [],
  activities: [],
});
type Hands = Awaited<ReturnType<typeof open>>;

async function ask(hands: Hands) {
  answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
  await hands.type(await field(loginId), 'abcd');
  await hands.type(await field(mailAddress), address);
  await hands.click(await press('送信'));
  await screen.findByText(new RegExp(address));
}

async function complete(hands: Hands) {
  answer('put', `recoveries/${id}/password`, done);
  await hands.type(await field(next), 'Tanuki7Kettle');
  await hands.type(await field(again), 'Tanuki7Kettle');
  await hands.click(await press('変更する'));
  await screen.findByRole('heading', { level: 1, name: 'お手続き完了' });
}

/** What the next person at this browser finds on the ways that lead to typed things. */
async function nobodyIsKnown() {
  go('/');
  expect(await field(loginId)).toHaveValue('');
  await nothingElseIsKnown();
}

/** The same of all but login. */
async function nothingElseIsKnown() {
  go('/recover');
  expect(await field(mailAddress)).toHaveValue('');
  expect(await field(loginId)).toHaveValue('');
  answer('get', `recoveries/${id}`, recovery('waiting'));
  go(`/recover/${id}`);
  await field('仮パスワード');
  expect(screen.queryByText(new RegExp(address))).toBeNull();
}

describe('what was typed is forgotten', () => {
  test('when the member signs out', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('get', 'member', member);
    answer('delete', 'session', done);
    const hands = await open('/recover');
    await ask(hands);
    go('/member');
    await hands.click(await press('ログアウト'));
    await screen.findByText('ログアウトしました。');
    await nobodyIsKnown();
  });

  test('when the session has ended, but for the login ID at login', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('get', 'member', member);
    answer('delete', 'sessions', problem(401, 'session_missing'));
    const hands = await open('/recover');
    await ask(hands);
    go('/member');
    await hands.click(await press('ほかのすべての端末からログアウト'));
    await waitFor(() => expect(location.pathname).toBe('/'));
    await nothingElseIsKnown();
  });

  test('when the member signs in', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('post', 'session', ok({ login_id: 'abcd' }));
    answer('get', 'member', member);
    const hands = await open('/recover');
    await ask(hands);
    go('/');
    await hands.type(await field('パスワード'), 'Demo-pass9');
    await hands.click(await press('ログイン'));
    await press('ログアウト');
    await nobodyIsKnown();
  });

  test('when a recovery is completed, but for the login ID on its way to login', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
    answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const hands = await open('/recover');
    await ask(hands);
    await hands.type(await field('仮パスワード'), 'Kd7mPw3xR');
    await hands.click(await press('ログイン'));
    await complete(hands);
    await hands.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(loginId)).toHaveValue('abcd');
    history.back();
    await screen.findByRole('heading', { level: 1, name: 'お手続き完了' });
    expect(JSON.stringify(history.state)).not.toContain('abcd');
    history.back();
    expect(await field(mailAddress)).toHaveValue('');
    expect(await field(loginId)).toHaveValue('');
  });

  test.each(['/', '/recover'])('also in the history: going back to %s', async (path) => {
    answer('get', 'member', member);
    answer('delete', 'session', done);
    const hands = await open(path, { carry: { loginId: 'abcd' } });
    expect(await field(loginId)).toHaveValue('abcd');
    go('/member');
    await press('ログアウト');
    // Sign-out replaces this one, so that back leads to the first.
    await hands.click(await press('ログアウト'));
    await screen.findByText('ログアウトしました。');
    await back();
    if (path === '/recover') await field(mailAddress);
    expect(await field(loginId)).toHaveValue('');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });
});

describe('the page of a completed recovery', () => {
  const completed = async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const hands = await open(`/recover/${id}/password`);
    await complete(hands);
    return hands;
  };

  test('opened without a completion in this tab leads to login', async () => {
    await open('/recover/done');
    expect(await screen.findByRole('heading', { level: 1, name: /ログイン$/ })).toBeVisible();
    expect(location.pathname).toBe('/');
    expect(screen.queryByText(/設定しました/)).toBeNull();
  });

  test('leads to login once another member has signed in and out', async () => {
    const hands = await completed();
    answer('get', 'member', member);
    answer('delete', 'session', done);
    go('/member');
    await hands.click(await press('ログアウト'));
    await screen.findByText('ログアウトしました。');
    await back();
    await waitFor(() => expect(location.pathname).toBe('/'));
    expect(screen.queryByText(/設定しました/)).toBeNull();
  });

  test('fills in the login ID for five minutes', async () => {
    const hands = await completed();
    expect(JSON.stringify(history.state)).toContain('abcd');
    const at = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: at + 4.9 * 60_000 });
    document.dispatchEvent(new Event('visibilitychange'));
    expect(JSON.stringify(history.state)).toContain('abcd');
    vi.setSystemTime(at + 5.1 * 60_000);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(JSON.stringify(history.state)).not.toContain('abcd');
    expect(screen.getByRole('heading', { level: 1, name: 'お手続き完了' })).toBeVisible();
    await hands.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(loginId)).toHaveValue('');
  });

  test('forgets the login ID after five minutes by itself', async () => {
    await completed();
    const carry = history.state as { completedAt: number };
    go('/');
    await field(loginId);
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: carry.completedAt });
    go('/recover/done', { carry: { loginId: 'abcd', completedAt: carry.completedAt } });
    await vi.advanceTimersByTimeAsync(4.9 * 60_000);
    expect(JSON.stringify(history.state)).toContain('abcd');
    await vi.advanceTimersByTimeAsync(0.2 * 60_000);
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });
});

describe('a page that comes back from the back-forward cache', () => {
  const page = (type: 'pagehide' | 'pageshow', persisted = true) =>
    dispatchEvent(Object.assign(new Event(type), { persisted }));

  test.each([
    ['/member', 'member', member],
    [`/recover/${id}`, `recoveries/${id}`, recovery('waiting')],
    [`/recover/${id}/password`, `recoveries/${id}`, recovery('redeemed')],
  ])('shows nothing of a member at %s before the server has answered', async (path, call, state) => {
    const { late, release } = held(state);
    answer('get', call, state, late);
    await open(path);
    await waitFor(() =>
      expect([...screen.queryAllByText(/abcd/), ...screen.queryAllByDisplayValue('abcd')]).not.toHaveLength(
        0,
      ),
    );
    await waitFor(() => expect(main().querySelectorAll('form').length).toBeGreaterThan(0));
    page('pagehide');
    await waitFor(() => expect(main().textContent).toBe(''));
    page('pageshow');
    await screen.findByText('読み込んでいます。');
    expect(main().innerHTML).not.toContain('abcd');
    await release();
    await waitFor(() => expect(main().querySelectorAll('form').length).toBeGreaterThan(0));
  });

  test('leads to login when nobody is signed in any more, though it was not seen going', async () => {
    answer('get', 'member', member, problem(401, 'session_missing'));
    await open('/member');
    await screen.findByText('abcd');
    page('pageshow');
    await waitFor(() => expect(location.pathname).toBe('/'));
    expect(screen.queryByText('abcd')).toBeNull();
  });

  test.each(['/', '/recover'])('shows nothing typed or carried at %s', async (path) => {
    const hands = await open(path, { carry: { loginId: 'abcd' } });
    expect(await field(loginId)).toHaveValue('abcd');
    if (path === '/recover') await hands.type(await field(mailAddress), address);
    page('pagehide');
    page('pageshow');
    await waitFor(async () => expect(await field(loginId)).toHaveValue(''));
    if (path === '/recover') expect(await field(mailAddress)).toHaveValue('');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });

  test('a page that was not there keeps what is typed', async () => {
    const hands = await open('/recover');
    await hands.type(await field(mailAddress), address);
    page('pagehide', false);
    page('pageshow', false);
    expect(await field(mailAddress)).toHaveValue(address);
  });
});

describe('a login ID that was corrected is not lost by going back', () => {
  test('to step 2 after a dead end', async () => {
    answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const hands = await open('/recover', { carry: { loginId: 'abcd' } });
    await hands.clear(await field(loginId));
    await hands.type(await field(loginId), 'efgh');
    await hands.type(await field(mailAddress), 'efgh@xxx.mm-m.ne.jp');
    await hands.click(await press('送信'));
    await field('仮パスワード');
    history.back();
    expect(await field(loginId)).toHaveValue('efgh');
    expect(await field(mailAddress)).toHaveValue('efgh@xxx.mm-m.ne.jp');
  });

  test('to login after a recovery', async () => {
    const hands = await open('/', { carry: { loginId: 'abcd' } });
    await hands.clear(await field(loginId));
    await hands.type(await field(loginId), 'efgh');
    await hands.click(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' }));
    await field(mailAddress);
    expect(await field(loginId)).toHaveValue('efgh');
    history.back();
    await field('パスワード');
    expect(await field(loginId)).toHaveValue('efgh');
  });
});
