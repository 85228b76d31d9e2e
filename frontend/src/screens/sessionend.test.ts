import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { open } from '../test/open';
import { button, changePassword, field, labels, wakeUp } from '../test/page';
import { answer, lost, memberPage, ok, problem } from '../test/server';

afterEach(() => vi.useRealTimers());

const missing = problem(401, 'session_missing');

describe('the end of the session', () => {
  const minutes = (count: number) => count * 60_000;
  let began: number;

  /** Sets the device's clock to some minutes after the start. */
  const at = (minute: number) => {
    vi.setSystemTime(began + minutes(minute));
    wakeUp();
  };
  const openAt = async (address: string) => {
    began = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: began });
    const user = await open(address);
    await button('ログアウト');
    return user;
  };

  test.each([
    ['current_password_wrong', problem(403, 'current_password_wrong')],
    ['password_rejected', problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] })],
    ['too_many_attempts', problem(429, 'too_many_attempts')],
  ])('moves later with a refused change, as on the server (%s)', async (_, refusal) => {
    answer('get', 'member', memberPage());
    answer('put', 'member/password', refusal);
    const user = await openAt('/member#password');
    at(20);
    await changePassword(user);
    await screen.findByRole('alert');
    at(40);
    await user.type(await field(labels.newPassword), 'a');
    expect(screen.queryByRole('button', { name: '続ける' })).toBeNull();
    at(46);
    expect(await button('続ける')).toBeVisible();
  });

  test('does not move with a change whose answer was lost', async () => {
    answer('get', 'member', memberPage(), problem(503, 'busy'));
    answer('put', 'member/password', lost);
    const user = await openAt('/member#password');
    at(20);
    await changePassword(user);
    await screen.findByRole('alert');
    at(26);
    expect(await button('続ける')).toBeVisible();
  });

  test('is confirmed by the server, and what was typed stays while the session lasts', async () => {
    answer('get', 'member', memberPage());
    const asked = answer('get', 'session', ok({ login_id: 'abcd' }), missing);
    const user = await openAt('/member#password');
    await user.type(await field(labels.newPassword), 'Tanuki7Kettle');
    at(31);
    await waitFor(() => expect(asked).toHaveLength(1));
    at(50);
    await waitFor(() => expect(screen.queryByRole('button', { name: '続ける' })).toBeNull());
    expect(await field(labels.newPassword)).toHaveValue('Tanuki7Kettle');
    expect(location.pathname).toBe('/member');
    at(62);
    expect(await screen.findByText(/自動でログアウトしました/)).toBeVisible();
  });

  test.each([
    ['lost', lost],
    ['busy', problem(503, 'busy')],
  ])(
    'closes the page, and claims no sign-out, when the server does not confirm it (%s)',
    async (_, state) => {
      answer('get', 'member', memberPage());
      answer('get', 'session', state);
      await openAt('/member');
      at(31);
      expect(await screen.findByText(/登録情報の画面を閉じました/)).toBeVisible();
      expect(screen.queryByText(/自動でログアウトしました/)).toBeNull();
      expect(document.querySelector('.registered')).toBeNull();
    },
  );

  test('is reported when another member has signed in', async () => {
    answer('get', 'member', memberPage());
    answer('get', 'session', ok({ login_id: 'zzzz' }));
    const user = await openAt('/member');
    at(26);
    await user.click(await button('続ける'));
    expect(await screen.findByText(/自動でログアウトしました/)).toBeVisible();
  });
});
