import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { takeChosen } from '../memory';
import { go } from '../router.svelte';
import { open } from '../test/open';
import { answer, done, held, id, lost, ok, problem, recovery } from '../test/wire';

afterEach(() => vi.useRealTimers());

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);
const [next, again] = ['新しい会員サポートパスワード', '新しい会員サポートパスワード（確認）'];
const press = (name: string) => screen.findByRole('button', { name });
const now = '続けてログインする';
const main = () => screen.getByRole('main');
const heading = (name: string) => screen.findByRole('heading', { level: 1, name });
const member = ok({
  login_id: 'abcd',
  basic_mail_address: 'abcd@xxx.mm-m.ne.jp',
  password_changed_at: null,
  sessions: [],
  activities: [],
});
type Hands = Awaited<ReturnType<typeof open>>;

async function change(hands: Hands, password = 'Tanuki7Kettle') {
  for (const label of [next, again]) {
    await hands.clear(await field(label));
    await hands.type(await field(label), password);
  }
  await hands.click(await press('変更する'));
}

async function completed() {
  answer('get', `recoveries/${id}`, recovery('redeemed'));
  answer('put', `recoveries/${id}/password`, done);
  const hands = await open(`/recover/${id}/password`);
  await change(hands);
  await heading('お手続き完了');
  return hands;
}

/** Completes with a password that was made, and gives it. */
async function completedWithAMade() {
  answer('get', `recoveries/${id}`, recovery('redeemed'));
  answer('put', `recoveries/${id}/password`, done);
  const hands = await open(`/recover/${id}/password`);
  await hands.click(await press('パスワードを自動で作る'));
  const made = (await field(next)).value;
  await hands.click(await press('変更する'));
  await heading('お手続き完了');
  return { hands, made };
}

const page = (type: 'pagehide' | 'pageshow', persisted: boolean) =>
  dispatchEvent(Object.assign(new Event(type), { persisted }));

describe('at the end of a recovery', () => {
  test('the first button signs in with what was just set, in one request', async () => {
    const hands = await completed();
    const bodies = answer('post', 'session', ok({ login_id: 'abcd' }));
    answer('get', 'member', member);
    expect(within(main()).getAllByRole('button')[0]).toHaveTextContent(now);
    await hands.dblClick(await press(now));
    await heading('登録情報');
    expect(bodies).toEqual([{ login_id: 'abcd', password: 'Tanuki7Kettle' }]);
    expect(location.pathname).toBe('/member');
  });

  test('nobody is signed in without a press', async () => {
    const bodies = answer('post', 'session', ok({ login_id: 'abcd' }));
    await completed();
    page('pagehide', false);
    go('/');
    await field('パスワード');
    expect(bodies).toEqual([]);
  });

  test('a typed password is not shown, and none is written to storage or history', async () => {
    await completed();
    for (const kept of [
      main().outerHTML,
      JSON.stringify(history.state),
      JSON.stringify({ ...sessionStorage }),
    ]) {
      expect(kept).not.toContain('Tanuki7Kettle');
    }
    expect(localStorage).toHaveLength(0);
  });

  test('a made password is on show, with the time until which it is', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T16:30:20') });
    const { made } = await completedWithAMade();
    expect(screen.getByText(made)).toHaveAttribute('translate', 'no');
    expect(main()).toHaveTextContent(/16:35に表示を終わります/);
    expect(JSON.stringify(history.state)).not.toContain(made);
  });

  test('without what was set in this tab there is only the way to login', async () => {
    answer('get', `recoveries/${id}`, recovery('completed'));
    await open(`/recover/${id}/password`);
    await heading('お手続き完了');
    expect(screen.queryByRole('button', { name: now })).toBeNull();
    expect(screen.getByRole('link', { name: 'ログインの画面へ' })).toHaveClass('primary');
  });
});

describe('what was set is gone', () => {
  const gone = async (made: string) => {
    await waitFor(() => expect(main().textContent).not.toContain(made));
    expect(screen.queryByRole('button', { name: now })).toBeNull();
    expect(takeChosen()).toBeUndefined();
  };

  test('when the page is left, also for who comes back', async () => {
    const { made } = await completedWithAMade();
    go('/recover');
    await field('基本メールアドレス');
    history.back();
    await heading('お手続き完了');
    await gone(made);
  });

  test.each([true, false])('when the page is hidden (kept by the history: %s)', async (persisted) => {
    const { made } = await completedWithAMade();
    page('pagehide', persisted);
    page('pageshow', persisted);
    await heading('お手続き完了');
    await gone(made);
  });

  test('five minutes after the change, and not before', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { made } = await completedWithAMade();
    const at = Date.now();
    vi.setSystemTime(at + 4.9 * 60_000);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(await press(now)).toBeVisible();
    expect(screen.getByText(made)).toBeVisible();
    vi.setSystemTime(at + 5.1 * 60_000);
    document.dispatchEvent(new Event('visibilitychange'));
    await gone(made);
  });

  test('after sign-in, from the history too', async () => {
    const { hands, made } = await completedWithAMade();
    answer('post', 'session', ok({ login_id: 'abcd' }));
    answer('get', 'member', member);
    await hands.click(await press(now));
    await heading('登録情報');
    await gone(made);
    go('/');
    expect(await field('ログインID')).toHaveValue('');
  });

  test('when a sign-in that was left is answered: it is cancelled and moves nobody', async () => {
    const hands = await completed();
    const { late, release, requests } = held(ok({ login_id: 'abcd' }));
    answer('post', 'session', late);
    await hands.click(await press(now));
    await waitFor(() => expect(requests).toHaveLength(1));
    go('/recover');
    await field('基本メールアドレス');
    await release();
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(location.pathname).toBe('/recover');
  });
});

describe('a sign-in from there', () => {
  test('that is refused leads to login with the login ID, and says so calmly', async () => {
    const hands = await completed();
    answer('post', 'session', problem(401, 'login_rejected'));
    await hands.click(await press(now));
    expect(await field('ログインID')).toHaveValue('abcd');
    expect(location.pathname).toBe('/');
    expect(screen.getByText(/新しいパスワードを入力して/)).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' })).toBeVisible();
  });

  test.each([
    ['429', problem(429, 'too_many_attempts', {}, { 'Retry-After': '90' }), '2分ほど待ってから'],
    ['503', problem(503, 'busy', {}, { 'Retry-After': '7' }), '7秒ほど待ってから'],
    ['500', problem(500, 'internal', { request_id: '12345678' }), '12345678'],
  ])('that is answered %s says when to try again, and both ways stay', async (_, refusal, said) => {
    const { hands, made } = await completedWithAMade();
    const bodies = answer('post', 'session', refusal, ok({ login_id: 'abcd' }));
    answer('get', 'member', member);
    await hands.click(await press(now));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(said);
    expect(alert.parentElement).toHaveFocus();
    expect(screen.getByText(made)).toBeVisible();
    expect(screen.getByRole('link', { name: 'ログインの画面へ' })).toBeVisible();
    await hands.click(await press(now));
    await heading('登録情報');
    expect(bodies).toHaveLength(2);
  });

  test.each([
    ['that was done all the same leads to the member page', ok({ login_id: 'abcd' }), '登録情報'],
    ['that was not done says so and can be tried again', problem(401, 'session_missing'), 'お手続き完了'],
    [
      'over which another member is signed in does not show that member',
      ok({ login_id: 'zzzz' }),
      'お手続き完了',
    ],
  ])('whose answer was lost, %s', async (_, session, title) => {
    const hands = await completed();
    answer('post', 'session', lost);
    const asked = answer('get', 'session', session);
    answer('get', 'member', member);
    await hands.click(await press(now));
    await waitFor(() => expect(asked).toHaveLength(1));
    if (title === 'お手続き完了') {
      expect(await screen.findByRole('alert')).toBeVisible();
      expect(await press(now)).toBeVisible();
    }
    expect(await heading(title)).toBeVisible();
  });
});

describe('which password was set is known', () => {
  test('after a lost answer, when no other one was sent', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('redeemed'), recovery('completed'));
    answer('put', `recoveries/${id}/password`, lost, problem(401, 'grant_missing'));
    const hands = await open(`/recover/${id}/password`);
    await change(hands);
    await screen.findByRole('alert');
    await hands.click(await press('変更する'));
    await heading('お手続き完了');
    expect(await press(now)).toBeVisible();
  });

  test.each([
    ['of which an earlier one may have been set', [lost, lost], recovery('completed')],
    [
      'of which the last was refused, because an earlier one was set',
      [lost, problem(401, 'grant_missing')],
      recovery('completed'),
    ],
  ])('not after two different ones %s', async (_, answers, last) => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('redeemed'), last);
    answer('put', `recoveries/${id}/password`, ...answers);
    const hands = await open(`/recover/${id}/password`);
    await change(hands);
    await screen.findByRole('alert');
    await change(hands, 'Kitsune9Teapot');
    await heading('お手続き完了');
    expect(screen.queryByRole('button', { name: now })).toBeNull();
  });
});
