import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import { open } from '../test/open';
import { button, field, firstLineOfDeadEnd, heading, labels, main, setNewPassword } from '../test/page';
import { answer, done, id, lost, problem, recovery } from '../test/server';

const elsewhere = '別の画面（タブ）で入力された場合は、その画面でお続けください。';

describe('step 5', () => {
  test('says nothing about the strength of an empty field', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    await field(labels.newPassword);
    const strength = main().querySelector('.strength');
    expect(strength).toHaveTextContent(/^$/);
    expect(main()).not.toHaveTextContent('未入力');
    await user.type(await field(labels.newPassword), 'T');
    expect(strength).toHaveTextContent(/^パスワードの強さの目安/);
    await user.clear(await field(labels.newPassword));
    expect(strength).toHaveTextContent(/^$/);
    expect(main()).not.toHaveTextContent('未入力');
  });

  test('advises once to write a generated password down, and marks the examples as not to be translated', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    for (const example of ['Password1', 'Abcd12345']) {
      expect(await screen.findByText(example)).toHaveAttribute('translate', 'no');
    }
    await user.click(await button('パスワードを自動で作る'));
    expect(screen.getAllByText(/忘れないように/)).toHaveLength(1);
    await user.type(await field(labels.newPassword), 'Kitsune9Teapot');
    expect(screen.getAllByText(/忘れないように/)).toHaveLength(1);
  });

  test('checks the password before it is sent, and names every broken rule', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    await user.type(await field(labels.newPassword), 'ａbcd');
    await user.type(await field(labels.newPasswordAgain), 'other');
    await user.click(await button('変更する'));
    const summary = await screen.findByRole('alert');
    expect(
      within(summary)
        .getAllByRole('link')
        .map((each) => each.textContent),
    ).toEqual([
      '9文字以上にしてください。',
      '使えない文字があります：1文字目の全角の「ａ」。日本語入力を切って、半角で入力してください。',
      '英大文字（A〜Z）を1文字以上入れてください。',
      '数字または記号（- _ / @）を1文字以上入れてください。',
      '2つのパスワードが同じではありません。同じものを入力してください。',
    ]);
  });

  test('supports password managers and pasting', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    const input = await field(labels.newPassword);
    expect(input).toHaveAttribute('autocomplete', 'new-password');
    expect(input.getAttribute('passwordrules')).toContain('minlength: 9; maxlength: 20;');
    expect(input).not.toHaveAttribute('maxlength');
    expect(document.querySelector('input[autocomplete=username]')).toHaveValue('abcd');
    await user.click(input);
    await user.paste('Tanuki7Kettle');
    expect(input).toHaveValue('Tanuki7Kettle');
  });

  test('makes a password that keeps the rules, enters it twice, shows it and copies it', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const bodies = answer('put', `recoveries/${id}/password`, done);
    const user = await open(`/recover/${id}/password`);
    await user.click(await button('パスワードを自動で作る'));
    const input = await field(labels.newPassword);
    expect(input.value).toMatch(/^[A-Z]{4}(-[a-z0-9]{4}){3}$/);
    expect(input).toHaveAttribute('type', 'text');
    expect(await field(labels.newPasswordAgain)).toHaveValue(input.value);
    expect(document.querySelectorAll('.rules li:not(.met)')).toHaveLength(0);
    expect(document.querySelector('.strength')).toHaveTextContent('強い');

    await user.click(await button('コピーする'));
    expect(await screen.findByText('コピーしました。')).toHaveAttribute('role', 'status');
    expect(await navigator.clipboard.readText()).toBe(input.value);
    const made = input.value;
    await user.click(await button('変更する'));
    expect(await heading('お手続き完了')).toBeVisible();
    expect(bodies).toEqual([{ new_password: made }]);
  });

  test('a generated password stays visible when the change fails, but not in the fields', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer('put', `recoveries/${id}/password`, problem(503, 'busy'));
    const user = await open(`/recover/${id}/password`);
    await user.click(await button('パスワードを自動で作る'));
    const input = await field(labels.newPassword);
    await user.click(await button('変更する'));
    await screen.findByRole('alert');
    expect(screen.getByText(input.value)).toBeVisible();
    expect(input).toHaveAttribute('type', 'password');
  });

  test('selects the generated password in a browser where no page can write the clipboard', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const user = await open(`/recover/${id}/password`);
    await user.click(await button('パスワードを自動で作る'));
    vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(undefined as unknown as Clipboard);
    await user.click(await button('コピーする'));
    expect(await screen.findByText(/選択しました/)).toBeVisible();
    expect(String(getSelection())).toBe((await field(labels.newPassword)).value);
  });

  test('a password that the server calls common is weak, whatever its form', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer(
      'put',
      `recoveries/${id}/password`,
      problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] }),
    );
    const user = await open(`/recover/${id}/password`);
    await user.type(await field(labels.newPassword), 'Kt7vRm2qB');
    await user.type(await field(labels.newPasswordAgain), 'Kt7vRm2qB');
    expect(document.querySelector('.strength')).toHaveTextContent('ふつう');
    await user.click(await button('変更する'));
    await screen.findByRole('alert');
    expect(document.querySelector('.strength')).toHaveTextContent('弱い');
  });

  test('a member who typed the current password is offered to sign in with it', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer(
      'put',
      `recoveries/${id}/password`,
      problem(422, 'password_rejected', { violations: [{ code: 'same_as_current' }] }),
    );
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user, 'Demo-pass9');
    const way = await screen.findByRole('link', { name: 'ログインを試す' });
    expect(screen.getByRole('alert')).toContainElement(way);
    await user.click(way);
    expect(await field(labels.loginId)).toHaveValue('abcd');
    expect(location.pathname).toBe('/');
  });

  test('says until when the password can be set, if the temporary password was entered in this tab', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    sessionStorage.setItem(`redeemed_at:${id}`, String(Date.now() - 26 * 60_000));
    await open(`/recover/${id}/password`);
    expect(await screen.findByText(/^安全のため、この画面は[0-9:]{5}まで使えます。$/)).toBeVisible();
    const told = screen.getByText(/^この画面を使えるのは、[0-9:]{5}までです。$/);
    expect(told.closest('[role=status]')).not.toBeNull();
  });

  test.each([
    [951, 'static'],
    [200, ''],
  ])(
    'a warning %i px high has the position "%s", so that large text does not hide the fields',
    async (height, position) => {
      vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(height);
      answer('get', `recoveries/${id}`, recovery('redeemed'));
      sessionStorage.setItem(`redeemed_at:${id}`, String(Date.now() - 26 * 60_000));
      await open(`/recover/${id}/password`);
      const warning = (await screen.findByText(/^この画面を使えるのは/)).closest<HTMLElement>(
        '[role=status]',
      );
      await waitFor(() => expect(warning?.style.position).toBe(position));
    },
  );

  test('offers to start again when the server says that the time is over', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('ended'));
    sessionStorage.setItem(`redeemed_at:${id}`, String(Date.now() - 31 * 60_000));
    await open(`/recover/${id}/password`);
    expect(await button('もう一度手続きする')).toBeVisible();
    expect(screen.getByText('12345678')).toBeVisible();
    expect(screen.queryByLabelText(labels.newPassword)).toBeNull();
    expect(await firstLineOfDeadEnd(), 'nobody continued it elsewhere').toMatch(
      /^再設定できる時間が過ぎたか/,
    );
  });

  test('leads to the last page, and from there to login with the login ID filled in', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer('put', `recoveries/${id}/password`, done);
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user);
    expect(await heading('お手続き完了')).toHaveFocus();
    expect(location.pathname).toBe('/recover/done');
    await user.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(labels.loginId)).toHaveValue('abcd');
  });

  test('a rejected password stays in the field, and the error says why', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer(
      'put',
      `recoveries/${id}/password`,
      problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] }),
    );
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user, 'Password1');
    expect(await screen.findByRole('alert')).toHaveTextContent('よく使われていて');
    expect(await field(labels.newPassword)).toHaveValue('Password1');
  });

  test('keeps what was typed when the answer is lost', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer('put', `recoveries/${id}/password`, lost);
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user);
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    expect(await field(labels.newPassword)).toHaveValue('Tanuki7Kettle');
  });

  test('says that the grant is missing and offers to start again', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('ended'));
    answer('put', `recoveries/${id}/password`, problem(401, 'grant_missing'));
    const user = await open(`/recover/${id}/password`);
    await setNewPassword(user);
    expect(await firstLineOfDeadEnd()).toBe(elsewhere);
    await user.click(await button('もう一度手続きする'));
    expect(await field(labels.loginId)).toHaveValue('abcd');
  });

  test('leads to step 4 while no temporary password was entered', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    await open(`/recover/${id}/password`);
    expect(await screen.findByRole('link', { name: '仮パスワードの入力へ' })).toHaveAttribute(
      'href',
      `/recover/${id}`,
    );
  });

  test('leads to the last page when the recovery is completed, also after a reload', async () => {
    answer('get', `recoveries/${id}`, recovery('completed'));
    await open(`/recover/${id}/password`);
    expect(await heading('お手続き完了')).toBeInTheDocument();
  });
});
