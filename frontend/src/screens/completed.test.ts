import { screen, waitFor } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { open } from '../test/open';
import { button, enterTemporaryPassword, field, heading, labels, setNewPassword, wakeUp } from '../test/page';
import { answer, done, id, lost, problem, recovery } from '../test/server';

describe('the login ID of a recovery that this screen did not complete is not kept', () => {
  /** Asserts that the page of the completion and the pages that follow it have no login ID. */
  async function nothingIsKept(user: UserEvent) {
    await heading('お手続き完了');
    expect(JSON.stringify(history.state)).not.toContain('abcd');
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('');
    await user.click(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' }));
    await field(labels.mailAddress);
    expect(await field(labels.loginId)).toHaveValue('');
  }

  test.each([`/recover/${id}`, `/recover/${id}/password`])('when %s finds it completed', async (path) => {
    answer('get', `recoveries/${id}`, recovery('completed'));
    await nothingIsKept(await open(path));
  });

  test('when step 4 learns it from the answer to a temporary password', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('completed'));
    answer('post', `recoveries/${id}/redemption`, problem(409, 'recovery_ended'));
    const user = await open(`/recover/${id}`);
    await enterTemporaryPassword(user, 'Kd7mPw3xR');
    await nothingIsKept(user);
  });

  test('when step 5 learns it from a refused password', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('completed'));
    answer('put', `recoveries/${id}/password`, problem(401, 'grant_missing'));
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user);
    await nothingIsKept(user);
  });
});

test('a lost answer that completed a recovery keeps the login ID', async () => {
  answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('completed'));
  answer('put', `recoveries/${id}/password`, lost);
  const user = await open(`/recover/${id}/password`);
  await setNewPassword(user);
  await heading('お手続き完了');
  await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
  expect(await field(labels.loginId)).toHaveValue('abcd');
});

describe('when the time to set a password is over after a lost answer, and the recovery is found completed', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    sessionStorage.setItem(`redeemed_at:${id}`, String(Date.now()));
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('redeemed'), recovery('completed'));
    answer('put', `recoveries/${id}/password`, lost);
  });
  afterEach(() => vi.useRealTimers());

  function reachEnd() {
    vi.setSystemTime(Date.now() + 31 * 60_000);
    wakeUp();
    return heading('お手続き完了');
  }

  test('a generated password is still shown, and the login ID is kept', async () => {
    const user = await open(`/recover/${id}/password`);
    await user.click(await button('パスワードを自動で作る'));
    const made = (await field(labels.newPassword)).value;
    await user.click(await button('変更する'));
    await screen.findByRole('alert');
    await reachEnd();
    expect(screen.getByText(made)).toBeVisible();
    expect(await button('続けてログインする')).toBeVisible();
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('abcd');
  });

  test('only the login ID is kept when either of two passwords may have been set', async () => {
    answer('get', `recoveries/${id}`, ...[1, 2, 3].map(() => recovery('redeemed')), recovery('completed'));
    const user = await open(`/recover/${id}/password`);
    const failed = async () => waitFor(() => expect(screen.getByRole('alert').parentElement).toHaveFocus());
    await setNewPassword(user);
    await failed();
    for (const label of [labels.newPassword, labels.newPasswordAgain]) await user.clear(await field(label));
    await setNewPassword(user, 'Kitsune9Teapot');
    await failed();
    await reachEnd();
    expect(screen.queryByRole('button', { name: '続けてログインする' })).toBeNull();
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('abcd');
  });
});

describe('the other tabs', () => {
  const seenAt = () => localStorage.getItem('session_seen_at');
  beforeEach(() => localStorage.setItem('session_seen_at', '1'));

  test('are told to forget by the screen that completes a recovery', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer('put', `recoveries/${id}/password`, done);
    await setNewPassword(await open(`/recover/${id}/password`));
    await heading('お手続き完了');
    expect(seenAt()).toBeNull();
  });

  test.each([`/recover/${id}`, `/recover/${id}/password`])(
    'are told nothing when %s finds it completed: the new password may be typed there',
    async (path) => {
      answer('get', `recoveries/${id}`, recovery('completed'));
      await open(path);
      await heading('お手続き完了');
      expect(seenAt()).toBe('1');
    },
  );
});
