import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { button, field, labels } from '../test/page';
import { answer, id, memberPage, problem, recovery } from '../test/server';

/** Asserts that nothing on the page reports an error. */
function expectNoError() {
  expect(screen.queryByRole('alert')).toBeNull();
  expect(document.title).not.toMatch(/^エラー/);
  expect(document.querySelectorAll('[aria-invalid], .wrong, .field .error')).toHaveLength(0);
}

/** Presses a button, and waits for the error summary. */
async function submitInvalid(user: UserEvent, name: string) {
  await user.click(await button(name));
  await screen.findByRole('alert');
  expect(document.title).toMatch(/^エラー：/);
}

describe('the error at a field disappears as soon as its value changes', () => {
  test('by typing, and the error at the other field stays', async () => {
    const user = await open('/');
    await submitInvalid(user, 'ログイン');
    await user.type(await field(labels.loginId), 'a');
    expect(await field(labels.loginId)).not.toBeInvalid();
    expect(await field(labels.password)).toBeInvalid();
    expect(
      within(screen.getByRole('alert'))
        .getAllByRole('link')
        .map((each) => each.textContent),
    ).toEqual(['パスワードを入力してください。']);
    expect(document.title).toMatch(/^エラー：/);
    await user.type(await field(labels.password), 'b');
    expectNoError();
  });

  test('by pasting', async () => {
    const user = await open('/recover');
    await user.type(await field(labels.loginId), 'abcd');
    await submitInvalid(user, '送信');
    await user.click(await field(labels.mailAddress));
    await user.paste('abcd@xxx.mm-m.ne.jp');
    expectNoError();
  });

  test('by a temporary password that was found in the pasted text', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const user = await open(`/recover/${id}`);
    await field(labels.temporaryPassword);
    await submitInvalid(user, 'ログイン');
    await user.click(await field(labels.temporaryPassword));
    await user.paste('【仮パスワード】\nKd7mPw3xR\n');
    await waitFor(expectNoError);
  });

  test.each(['input', 'change'] as const)('by autofill, which fires %s', async (event) => {
    const user = await open('/');
    await user.type(await field(labels.password), 'Demo-pass9');
    await submitInvalid(user, 'ログイン');
    const input = await field(labels.loginId);
    input.value = 'abcd';
    await fireEvent[event](input);
    expectNoError();
  });

  test('by a generated password', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    await user.type(await field(labels.newPassword), 'short');
    await submitInvalid(user, '変更する');
    expect(await field(labels.newPassword)).toBeInvalid();
    await user.click(await button('パスワードを自動で作る'));
    expectNoError();
  });

  test('also when the other one of two different passwords is changed', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    await user.type(await field(labels.newPassword), 'Tanuki7Kettl');
    await user.type(await field(labels.newPasswordAgain), 'Tanuki7Kettle');
    await submitInvalid(user, '変更する');
    expect(await field(labels.newPasswordAgain)).toBeInvalid();
    await user.type(await field(labels.newPassword), 'e');
    expectNoError();
  });

  test('and not before: a field that the app has emptied stays marked', async () => {
    answer('get', 'member', memberPage());
    answer('put', 'member/password', problem(403, 'current_password_wrong'));
    const user = await open('/member#password');
    await user.type(await field(labels.newPassword), 'Tanuki7Kettle');
    await user.type(await field(labels.newPasswordAgain), 'Tanuki7Kettle');
    await user.type(await field(labels.currentPassword), 'wrong');
    await submitInvalid(user, '変更する');
    expect(await field(labels.currentPassword)).toHaveValue('');
    expect(await field(labels.currentPassword)).toBeInvalid();
    await user.type(await field(labels.currentPassword), 'w');
    expectNoError();
  });

  test('and an error that belongs to no field stays', async () => {
    answer('post', 'session', problem(503, 'busy'));
    const user = await open('/');
    await user.type(await field(labels.loginId), 'abcd');
    await user.type(await field(labels.password), 'Demo-pass9');
    await submitInvalid(user, 'ログイン');
    await user.type(await field(labels.password), '0');
    expect(screen.getByRole('alert')).toHaveTextContent('混み合っています');
  });
});
