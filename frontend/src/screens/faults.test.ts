import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { answer, id, ok, problem, recovery } from '../test/wire';

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);
const press = (name: string) => screen.findByRole('button', { name });
const [next, again] = ['新しい会員サポートパスワード', '新しい会員サポートパスワード（確認）'];
type Hands = Awaited<ReturnType<typeof open>>;

/** Nothing on the page says any more that something is wrong. */
function nothingIsWrong() {
  expect(screen.queryByRole('alert')).toBeNull();
  expect(document.title).not.toMatch(/^エラー/);
  expect(document.querySelectorAll('[aria-invalid], .wrong, .field .error')).toHaveLength(0);
}

async function refused(hands: Hands, button: string) {
  await hands.click(await press(button));
  await screen.findByRole('alert');
  expect(document.title).toMatch(/^エラー：/);
}

describe('a field’s fault goes as soon as its value changes', () => {
  test('by typing, and the other field’s fault stays', async () => {
    const hands = await open('/');
    await refused(hands, 'ログイン');
    await hands.type(await field('ログインID'), 'a');
    expect(await field('ログインID')).not.toBeInvalid();
    expect(await field('パスワード')).toBeInvalid();
    expect(
      within(screen.getByRole('alert'))
        .getAllByRole('link')
        .map((each) => each.textContent),
    ).toEqual(['パスワードを入力してください。']);
    expect(document.title).toMatch(/^エラー：/);
    await hands.type(await field('パスワード'), 'b');
    nothingIsWrong();
  });

  test('by pasting', async () => {
    const hands = await open('/recover');
    await hands.type(await field('ログインID'), 'abcd');
    await refused(hands, '送信');
    await hands.click(await field('基本メールアドレス'));
    await hands.paste('abcd@xxx.mm-m.ne.jp');
    nothingIsWrong();
  });

  test('by a temporary password that is picked out of what was pasted', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const hands = await open(`/recover/${id}`);
    await field('仮パスワード');
    await refused(hands, 'ログイン');
    await hands.click(await field('仮パスワード'));
    await hands.paste('【仮パスワード】\nKd7mPw3xR\n');
    await waitFor(nothingIsWrong);
  });

  test.each(['input', 'change'] as const)('by autofill, which tells of it with %s', async (event) => {
    const hands = await open('/');
    await hands.type(await field('パスワード'), 'Demo-pass9');
    await refused(hands, 'ログイン');
    const input = await field('ログインID');
    input.value = 'abcd';
    await fireEvent[event](input);
    nothingIsWrong();
  });

  test('by a password that is made', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'short');
    await refused(hands, '変更する');
    expect(await field(next)).toBeInvalid();
    await hands.click(await press('パスワードを自動で作る'));
    nothingIsWrong();
  });

  test('also when it was the other of two passwords that was changed to match', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'Tanuki7Kettl');
    await hands.type(await field(again), 'Tanuki7Kettle');
    await refused(hands, '変更する');
    expect(await field(again)).toBeInvalid();
    await hands.type(await field(next), 'e');
    nothingIsWrong();
  });

  test('and not before: what a refusal emptied stays marked', async () => {
    answer(
      'get',
      'member',
      ok({ login_id: 'abcd', basic_mail_address: 'a@b', sessions: [], activities: [] }),
    );
    answer('put', 'member/password', problem(403, 'current_password_wrong'));
    const hands = await open('/member#password');
    await hands.type(await field(next), 'Tanuki7Kettle');
    await hands.type(await field(again), 'Tanuki7Kettle');
    await hands.type(await field('現在のパスワード'), 'wrong');
    await refused(hands, '変更する');
    expect(await field('現在のパスワード')).toHaveValue('');
    expect(await field('現在のパスワード')).toBeInvalid();
    await hands.type(await field('現在のパスワード'), 'w');
    nothingIsWrong();
  });

  test('and what is no field’s stays', async () => {
    answer('post', 'session', problem(503, 'busy'));
    const hands = await open('/');
    await hands.type(await field('ログインID'), 'abcd');
    await hands.type(await field('パスワード'), 'Demo-pass9');
    await refused(hands, 'ログイン');
    await hands.type(await field('パスワード'), '0');
    expect(screen.getByRole('alert')).toHaveTextContent('混み合っています');
  });
});
