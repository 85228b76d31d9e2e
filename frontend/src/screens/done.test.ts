import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { takeChosen } from '../memory';
import { go } from '../router.svelte';
import { open } from '../test/open';
import { button, field, heading, labels, main, setNewPassword, wakeUp } from '../test/page';
import { answer, delayed, done, id, lost, memberPage, ok, problem, recovery } from '../test/server';

afterEach(() => vi.useRealTimers());

const signInNow = '続けてログインする';

/** Completes a recovery with a typed password. */
async function completed() {
  answer('get', `recoveries/${id}`, recovery('redeemed'));
  answer('put', `recoveries/${id}/password`, done);
  const user = await open(`/recover/${id}/password`);
  await setNewPassword(user);
  await heading('お手続き完了');
  return user;
}

/** Completes a recovery with a generated password, and returns that. */
async function completedWithGenerated() {
  answer('get', `recoveries/${id}`, recovery('redeemed'));
  answer('put', `recoveries/${id}/password`, done);
  const user = await open(`/recover/${id}/password`);
  await user.click(await button('パスワードを自動で作る'));
  const made = (await field(labels.newPassword)).value;
  await user.click(await button('変更する'));
  await heading('お手続き完了');
  return { user, made };
}

/** Fires an event of the page. `persisted`: the page goes into the back-forward cache, or comes out of it. */
const pageEvent = (type: 'pagehide' | 'pageshow', persisted: boolean) =>
  dispatchEvent(Object.assign(new Event(type), { persisted }));

describe('at the end of a recovery', () => {
  test('the first button signs in with the new password, in one request', async () => {
    const user = await completed();
    const bodies = answer('post', 'session', ok({ login_id: 'abcd' }));
    answer('get', 'member', memberPage());
    expect(within(main()).getAllByRole('button')[0]).toHaveTextContent(signInNow);
    await user.dblClick(await button(signInNow));
    await heading('登録情報');
    expect(bodies).toEqual([{ login_id: 'abcd', password: 'Tanuki7Kettle' }]);
    expect(location.pathname).toBe('/member');
  });

  test('nobody is signed in before the button is pressed', async () => {
    const bodies = answer('post', 'session', ok({ login_id: 'abcd' }));
    await completed();
    pageEvent('pagehide', false);
    go('/');
    await field(labels.password);
    expect(bodies).toEqual([]);
  });

  test('a typed password is neither shown nor written to storage or history', async () => {
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

  test('a generated password is shown, and until when', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T16:30:20') });
    const { made } = await completedWithGenerated();
    expect(screen.getByText(made)).toHaveAttribute('translate', 'no');
    expect(main()).toHaveTextContent(/16:35に表示を終わります/);
    expect(JSON.stringify(history.state)).not.toContain(made);
  });

  test('without the new password in this tab, there is only the link to login', async () => {
    answer('get', `recoveries/${id}`, recovery('completed'));
    await open(`/recover/${id}/password`);
    await heading('お手続き完了');
    expect(screen.queryByRole('button', { name: signInNow })).toBeNull();
    expect(screen.getByRole('link', { name: 'ログインの画面へ' })).toHaveClass('primary');
  });
});

describe('the new password is forgotten', () => {
  const isForgotten = async (made: string) => {
    await waitFor(() => expect(main().textContent).not.toContain(made));
    expect(screen.queryByRole('button', { name: signInNow })).toBeNull();
    expect(takeChosen()).toBeUndefined();
  };

  test('when the member leaves the page, also for a member who comes back', async () => {
    const { made } = await completedWithGenerated();
    go('/recover');
    await field(labels.mailAddress);
    history.back();
    await heading('お手続き完了');
    await isForgotten(made);
  });

  test.each([true, false])('when the page is hidden (back-forward cache: %s)', async (persisted) => {
    const { made } = await completedWithGenerated();
    pageEvent('pagehide', persisted);
    pageEvent('pageshow', persisted);
    await heading('お手続き完了');
    await isForgotten(made);
  });

  test('five minutes after the change, not before', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { made } = await completedWithGenerated();
    const at = Date.now();
    vi.setSystemTime(at + 4.9 * 60_000);
    wakeUp();
    expect(await button(signInNow)).toBeVisible();
    expect(screen.getByText(made)).toBeVisible();
    vi.setSystemTime(at + 5.1 * 60_000);
    wakeUp();
    await isForgotten(made);
  });

  test('after sign-in, also in the history', async () => {
    const { user, made } = await completedWithGenerated();
    answer('post', 'session', ok({ login_id: 'abcd' }));
    answer('get', 'member', memberPage());
    await user.click(await button(signInNow));
    await heading('登録情報');
    await isForgotten(made);
    go('/');
    expect(await field(labels.loginId)).toHaveValue('');
  });

  test('when the member leaves during the sign-in, which is cancelled and changes no page', async () => {
    const user = await completed();
    const { late, release, requests } = delayed(ok({ login_id: 'abcd' }));
    answer('post', 'session', late);
    await user.click(await button(signInNow));
    await waitFor(() => expect(requests).toHaveLength(1));
    go('/recover');
    await field(labels.mailAddress);
    await release();
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(location.pathname).toBe('/recover');
  });
});

describe('a sign-in from the last page', () => {
  test('that is refused leads to login with the login ID, and login says so without an error', async () => {
    const user = await completed();
    answer('post', 'session', problem(401, 'login_rejected'));
    await user.click(await button(signInNow));
    expect(await field(labels.loginId)).toHaveValue('abcd');
    expect(location.pathname).toBe('/');
    expect(screen.getByText(/新しいパスワードを入力して/)).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' })).toBeVisible();
  });

  test.each([
    ['429', problem(429, 'too_many_attempts', {}, { 'Retry-After': '90' }), '2分ほど待ってから'],
    ['503', problem(503, 'busy', {}, { 'Retry-After': '7' }), '7秒ほど待ってから'],
    ['500', problem(500, 'internal', { request_id: '12345678' }), '12345678'],
  ])(
    'that is answered %s says when to try again, and keeps the button and the link',
    async (_, refusal, said) => {
      const { user, made } = await completedWithGenerated();
      const bodies = answer('post', 'session', refusal, ok({ login_id: 'abcd' }));
      answer('get', 'member', memberPage());
      await user.click(await button(signInNow));
      const alert = await screen.findByRole('alert');
      expect(alert).toHaveTextContent(said);
      expect(alert.parentElement).toHaveFocus();
      expect(screen.getByText(made)).toBeVisible();
      expect(screen.getByRole('link', { name: 'ログインの画面へ' })).toBeVisible();
      await user.click(await button(signInNow));
      await heading('登録情報');
      expect(bodies).toHaveLength(2);
    },
  );

  test.each([
    ['but which was done, leads to the member page', ok({ login_id: 'abcd' }), '登録情報'],
    ['and which was not done, says so and can be repeated', problem(401, 'session_missing'), 'お手続き完了'],
    [
      'and after which another member is signed in, does not show that member',
      ok({ login_id: 'zzzz' }),
      'お手続き完了',
    ],
  ])('whose answer was lost, %s', async (_, session, title) => {
    const user = await completed();
    answer('post', 'session', lost);
    const asked = answer('get', 'session', session);
    answer('get', 'member', memberPage());
    await user.click(await button(signInNow));
    await waitFor(() => expect(asked).toHaveLength(1));
    if (title === 'お手続き完了') {
      expect(await screen.findByRole('alert')).toBeVisible();
      expect(await button(signInNow)).toBeVisible();
    }
    expect(await heading(title)).toBeVisible();
  });
});

describe('the app knows which password was set', () => {
  test('after a lost answer, when only one password was sent', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('redeemed'), recovery('completed'));
    answer('put', `recoveries/${id}/password`, lost, problem(401, 'grant_missing'));
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user);
    await screen.findByRole('alert');
    await user.click(await button('変更する'));
    await heading('お手続き完了');
    expect(await button(signInNow)).toBeVisible();
  });

  test.each([
    ['of which the first may have been set', [lost, lost], recovery('completed')],
    [
      'of which the second was refused, because the first was set',
      [lost, problem(401, 'grant_missing')],
      recovery('completed'),
    ],
  ])('but not after two different passwords, %s', async (_, answers, last) => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('redeemed'), last);
    answer('put', `recoveries/${id}/password`, ...answers);
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user);
    await screen.findByRole('alert');
    for (const label of [labels.newPassword, labels.newPasswordAgain]) await user.clear(await field(label));
    await setNewPassword(user, 'Kitsune9Teapot');
    await heading('お手続き完了');
    expect(screen.queryByRole('button', { name: signInNow })).toBeNull();
  });
});
