import { screen, waitFor } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { go } from '../router.svelte';
import { open } from '../test/open';
import {
  askForRecovery,
  button,
  enterTemporaryPassword,
  field,
  heading,
  labels,
  main,
  setNewPassword,
  wakeUp,
} from '../test/page';
import { answer, delayed, done, id, memberPage, ok, problem, recovery } from '../test/server';

afterEach(() => vi.useRealTimers());

const address = 'abcd@xxx.mm-m.ne.jp';
/** Goes back in the history, and waits for the event of that. */
const back = () => {
  const arrived = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }));
  history.back();
  return arrived;
};

/** Asks for recovery, and waits for step 4, which shows the address. */
async function askAndWait(user: UserEvent) {
  answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
  await askForRecovery(user);
  await screen.findByText(new RegExp(address));
}

async function complete(user: UserEvent) {
  answer('put', `recoveries/${id}/password`, done);
  await setNewPassword(user);
  await heading('お手続き完了');
}

/** Asserts that no page shows the next person at this browser what was typed. */
async function everythingIsForgotten() {
  go('/');
  expect(await field(labels.loginId)).toHaveValue('');
  await everythingButLoginIsForgotten();
}

/** Asserts the same about every page except login. */
async function everythingButLoginIsForgotten() {
  go('/recover');
  expect(await field(labels.mailAddress)).toHaveValue('');
  expect(await field(labels.loginId)).toHaveValue('');
  answer('get', `recoveries/${id}`, recovery('waiting'));
  go(`/recover/${id}`);
  await field(labels.temporaryPassword);
  expect(screen.queryByText(new RegExp(address))).toBeNull();
}

describe('what was typed is forgotten', () => {
  test('when the member signs out', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('get', 'member', memberPage());
    answer('delete', 'session', done);
    const user = await open('/recover');
    await askAndWait(user);
    go('/member');
    await user.click(await button('ログアウト'));
    await screen.findByText('ログアウトしました。');
    await everythingIsForgotten();
  });

  test('when the session has ended, except the login ID at login', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('get', 'member', memberPage());
    answer('delete', 'sessions', problem(401, 'session_missing'));
    const user = await open('/recover');
    await askAndWait(user);
    go('/member');
    await user.click(await button('ほかのすべての端末からログアウト'));
    await waitFor(() => expect(location.pathname).toBe('/'));
    await everythingButLoginIsForgotten();
  });

  test('when the member signs in', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('post', 'session', ok({ login_id: 'abcd' }));
    answer('get', 'member', memberPage());
    const user = await open('/recover');
    await askAndWait(user);
    go('/');
    await user.type(await field(labels.password), 'Demo-pass9');
    await user.click(await button('ログイン'));
    await button('ログアウト');
    await everythingIsForgotten();
  });

  test('when a recovery is completed, except the login ID for login', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
    answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const user = await open('/recover');
    await askAndWait(user);
    await enterTemporaryPassword(user, 'Kd7mPw3xR');
    await complete(user);
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('abcd');
    history.back();
    await heading('お手続き完了');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
    history.back();
    expect(await field(labels.mailAddress)).toHaveValue('');
    expect(await field(labels.loginId)).toHaveValue('');
  });

  test.each(['/', '/recover'])('also in the history: going back to %s', async (path) => {
    answer('get', 'member', memberPage());
    answer('delete', 'session', done);
    const user = await open(path, { carry: { loginId: 'abcd' } });
    expect(await field(labels.loginId)).toHaveValue('abcd');
    go('/member');
    await button('ログアウト');
    // Sign-out replaces the member page in the history, so that back leads to the first entry.
    await user.click(await button('ログアウト'));
    await screen.findByText('ログアウトしました。');
    await back();
    if (path === '/recover') await field(labels.mailAddress);
    expect(await field(labels.loginId)).toHaveValue('');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });
});

describe('the page of a completed recovery', () => {
  const completed = async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    await complete(user);
    return user;
  };

  test('opened without a completion in this tab leads to login', async () => {
    await open('/recover/done');
    expect(await screen.findByRole('heading', { level: 1, name: /ログイン$/ })).toBeVisible();
    expect(location.pathname).toBe('/');
    expect(screen.queryByText(/設定しました/)).toBeNull();
  });

  test('leads to login after another member has signed in and out', async () => {
    const user = await completed();
    answer('get', 'member', memberPage());
    answer('delete', 'session', done);
    go('/member');
    await user.click(await button('ログアウト'));
    await screen.findByText('ログアウトしました。');
    await back();
    await waitFor(() => expect(location.pathname).toBe('/'));
    expect(screen.queryByText(/設定しました/)).toBeNull();
  });

  test('offers the login ID to login for five minutes', async () => {
    const user = await completed();
    expect(JSON.stringify(history.state)).toContain('abcd');
    const at = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: at + 4.9 * 60_000 });
    wakeUp();
    expect(JSON.stringify(history.state)).toContain('abcd');
    vi.setSystemTime(at + 5.1 * 60_000);
    wakeUp();
    expect(JSON.stringify(history.state)).not.toContain('abcd');
    expect(screen.getByRole('heading', { level: 1, name: 'お手続き完了' })).toBeVisible();
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('');
  });

  test('forgets the login ID after five minutes, without any event', async () => {
    await completed();
    const carry = history.state as { completedAt: number };
    go('/');
    await field(labels.loginId);
    // The page of another completion: this one was left.
    const completedAt = carry.completedAt + 1;
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: completedAt });
    go('/recover/done', { carry: { loginId: 'abcd', completedAt } });
    await vi.advanceTimersByTimeAsync(4.9 * 60_000);
    expect(JSON.stringify(history.state)).toContain('abcd');
    await vi.advanceTimersByTimeAsync(0.2 * 60_000);
    expect(JSON.stringify(history.state)).not.toContain('abcd');
  });
});

describe('the login ID of a completed recovery ends five minutes after the change', () => {
  const minutes = 60_000;
  const inHistory = () => JSON.stringify(history.state);

  /** Completes a recovery and goes to login, with the clock under the test's control. Returns when it was completed. */
  async function atLogin() {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    await complete(user);
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('abcd');
    const { completedAt } = history.state as { completedAt: number };
    vi.useFakeTimers({ toFake: ['Date'], now: completedAt });
    return { user, completedAt };
  }

  test('at login, when the device wakes up', async () => {
    const { completedAt } = await atLogin();
    vi.setSystemTime(completedAt + 4.9 * minutes);
    wakeUp();
    expect(await field(labels.loginId)).toHaveValue('abcd');
    vi.setSystemTime(completedAt + 20 * minutes);
    wakeUp();
    await waitFor(async () => expect(await field(labels.loginId)).toHaveValue(''));
    expect(inHistory()).not.toContain('abcd');
  });

  test('at login, without any event', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    await open('/', { carry: { loginId: 'abcd', completedAt: Date.now() } });
    expect(screen.getByLabelText(labels.loginId)).toHaveValue('abcd');
    await vi.advanceTimersByTimeAsync(4.9 * minutes);
    expect(screen.getByLabelText(labels.loginId)).toHaveValue('abcd');
    await vi.advanceTimersByTimeAsync(0.2 * minutes);
    expect(screen.getByLabelText(labels.loginId)).toHaveValue('');
    expect(inHistory()).not.toContain('abcd');
  });

  test.each(['/', '/recover'])('after a reload of %s', async (path) => {
    await open(path, { carry: { loginId: 'abcd', completedAt: Date.now() - 20 * minutes } });
    expect(await field(labels.loginId)).toHaveValue('');
    expect(inHistory()).not.toContain('abcd');
  });

  test('also in step 2, to which login has given it, and on the way back', async () => {
    const { user, completedAt } = await atLogin();
    await user.click(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' }));
    await field(labels.mailAddress);
    expect(await field(labels.loginId)).toHaveValue('abcd');
    await user.click(await button('戻る'));
    await field(labels.password);
    expect(await field(labels.loginId)).toHaveValue('abcd');
    await back();
    await field(labels.mailAddress);
    vi.setSystemTime(completedAt + 20 * minutes);
    wakeUp();
    await waitFor(async () => expect(await field(labels.loginId)).toHaveValue(''));
    expect(inHistory()).not.toContain('abcd');
    await back();
    await field(labels.password);
    expect(await field(labels.loginId)).toHaveValue('');
    expect(inHistory()).not.toContain('abcd');
  });

  test('or as soon as its page was left by going back', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open('/');
    go(`/recover/${id}/password`);
    await complete(user);
    expect(inHistory()).toContain('abcd');
    await back();
    await field(labels.password);
    history.forward();
    await heading('お手続き完了');
    expect(inHistory()).not.toContain('abcd');
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('');
  });

  test('but not one that the member types', async () => {
    const { user, completedAt } = await atLogin();
    await user.clear(await field(labels.loginId));
    await user.type(await field(labels.loginId), 'efgh');
    vi.setSystemTime(completedAt + 20 * minutes);
    wakeUp();
    expect(await field(labels.loginId)).toHaveValue('efgh');
  });
});

describe('a page that comes back from the back-forward cache', () => {
  const pageEvent = (type: 'pagehide' | 'pageshow', persisted = true) =>
    dispatchEvent(Object.assign(new Event(type), { persisted }));

  test.each([
    ['/member', 'member', memberPage()],
    [`/recover/${id}`, `recoveries/${id}`, recovery('waiting')],
    [`/recover/${id}/password`, `recoveries/${id}`, recovery('redeemed')],
  ])('shows no data of a member at %s before the server has answered', async (path, call, state) => {
    const { late, release } = delayed(state);
    answer('get', call, state, late);
    await open(path);
    await waitFor(() =>
      expect([...screen.queryAllByText(/abcd/), ...screen.queryAllByDisplayValue('abcd')]).not.toHaveLength(
        0,
      ),
    );
    await waitFor(() => expect(main().querySelectorAll('form').length).toBeGreaterThan(0));
    pageEvent('pagehide');
    await waitFor(() => expect(main().textContent).toBe(''));
    pageEvent('pageshow');
    await screen.findByText('読み込んでいます。');
    expect(main().innerHTML).not.toContain('abcd');
    await release();
    await waitFor(() => expect(main().querySelectorAll('form').length).toBeGreaterThan(0));
  });

  test('leads to login when the session has ended, also without a pagehide event', async () => {
    answer('get', 'member', memberPage(), problem(401, 'session_missing'));
    await open('/member');
    await screen.findByText('abcd');
    pageEvent('pageshow');
    await waitFor(() => expect(location.pathname).toBe('/'));
    expect(screen.queryByText('abcd')).toBeNull();
  });

  test.each(['/', '/recover'])(
    'shows at %s neither what was typed nor what the history carried',
    async (path) => {
      const user = await open(path, { carry: { loginId: 'abcd' } });
      expect(await field(labels.loginId)).toHaveValue('abcd');
      if (path === '/recover') await user.type(await field(labels.mailAddress), address);
      pageEvent('pagehide');
      pageEvent('pageshow');
      await waitFor(async () => expect(await field(labels.loginId)).toHaveValue(''));
      if (path === '/recover') expect(await field(labels.mailAddress)).toHaveValue('');
      expect(JSON.stringify(history.state)).not.toContain('abcd');
    },
  );

  test('a page that was not in the cache keeps what was typed', async () => {
    const user = await open('/recover');
    await user.type(await field(labels.mailAddress), address);
    pageEvent('pagehide', false);
    pageEvent('pageshow', false);
    expect(await field(labels.mailAddress)).toHaveValue(address);
  });
});

describe('a login ID that was corrected is not lost by going back', () => {
  test('to step 2 after a dead end', async () => {
    answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const user = await open('/recover', { carry: { loginId: 'abcd' } });
    await user.clear(await field(labels.loginId));
    await user.type(await field(labels.loginId), 'efgh');
    await user.type(await field(labels.mailAddress), 'efgh@xxx.mm-m.ne.jp');
    await user.click(await button('送信'));
    await field(labels.temporaryPassword);
    history.back();
    expect(await field(labels.loginId)).toHaveValue('efgh');
    expect(await field(labels.mailAddress)).toHaveValue('efgh@xxx.mm-m.ne.jp');
  });

  test('to login after a recovery', async () => {
    const user = await open('/', { carry: { loginId: 'abcd' } });
    await user.clear(await field(labels.loginId));
    await user.type(await field(labels.loginId), 'efgh');
    await user.click(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' }));
    await field(labels.mailAddress);
    expect(await field(labels.loginId)).toHaveValue('efgh');
    history.back();
    await field(labels.password);
    expect(await field(labels.loginId)).toHaveValue('efgh');
  });
});
