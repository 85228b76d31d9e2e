import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { open } from '../test/open';
import {
  askForRecovery,
  button,
  enterTemporaryPassword,
  field,
  firstLineOfDeadEnd,
  labels,
  main,
} from '../test/page';
import { answer, id, lost, ok, problem, recovery } from '../test/server';

afterEach(() => vi.useRealTimers());

const elsewhere = '別の画面（タブ）で入力された場合は、その画面でお続けください。';

describe('step 4', () => {
  test('shows the typed address from memory only, and step 2 shows it again', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const user = await open('/recover');
    answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
    await askForRecovery(user);
    expect(await screen.findByText(/abcd@xxx.mm-m.ne.jp/)).toBeInTheDocument();
    expect(screen.getByText('12345678')).toBeInTheDocument();
    expect(localStorage).toHaveLength(0);
    expect(sessionStorage).toHaveLength(0);
    expect(JSON.stringify(history.state)).not.toContain('@');
    await user.click(screen.getByRole('link', { name: '入力し直す' }));
    expect(await field(labels.mailAddress)).toHaveValue('abcd@xxx.mm-m.ne.jp');
  });

  test('opened from the mail, it asks for the temporary password only, unmasked', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    await open(`/recover/${id}?lang=ja`);
    const input = await field(labels.temporaryPassword);
    expect(input).toHaveAttribute('type', 'text');
    expect(input).toHaveAttribute('autocapitalize', 'none');
    expect(input).toHaveAttribute('autocomplete', 'one-time-code');
    expect(screen.queryByLabelText(labels.loginId)).toBeNull();
    expect(screen.getByText('abcd')).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: '入力し直す' })).toBeNull();
  });

  test('sends a pasted temporary password without the white space around it', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
    const bodies = answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const user = await open(`/recover/${id}`);
    await user.click(await field(labels.temporaryPassword));
    await user.paste('\t Abc234xyz　\n');
    await user.click(await button('ログイン'));
    await waitFor(() => expect(location.pathname).toBe(`/recover/${id}/password`));
    expect(bodies).toEqual([{ temporary_password: 'Abc234xyz' }]);
  });

  test('finds the temporary password in a pasted text, and says so', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const user = await open(`/recover/${id}`);
    const input = await field(labels.temporaryPassword);
    await user.type(input, 'Kd7');
    await user.paste('【仮パスワード】\nKd7mPw3xR\n');
    expect(input).toHaveValue('Kd7mPw3xR');
    const picked = screen.getByText('Kd7mPw3xR');
    expect(picked).toHaveAttribute('translate', 'no');
    expect(picked.closest('[role=status]')).toHaveTextContent('「Kd7mPw3xR」を取り出しました');
  });

  test.each([
    ['\t Abc234xyz　\n', 'Abc234xyz'],
    ['【仮パスワード】\nKd7mPw3xR\n', 'Kd7mPw3xR'],
  ])('the paste button treats %j as if it were pasted by hand', async (copied, sent) => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
    const bodies = answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const user = await open(`/recover/${id}`);
    await navigator.clipboard.writeText(copied);
    await user.click(await button('貼り付ける'));
    await waitFor(async () => expect(await field(labels.temporaryPassword)).toHaveValue(sent));
    await user.click(await button('ログイン'));
    await waitFor(() => expect(bodies).toEqual([{ temporary_password: sent }]));
  });

  test.each(['\u200b', '\ufeff　\u00ad', ' \u200f\u2060\u200d'])(
    'a text of invisible characters only is an empty field, and is not sent',
    async (typed) => {
      answer('get', `recoveries/${id}`, recovery('waiting'));
      const bodies = answer('post', `recoveries/${id}/redemption`, problem(500, 'internal'));
      const user = await open(`/recover/${id}`);
      await enterTemporaryPassword(user, typed);
      expect(await screen.findByRole('alert')).toHaveTextContent('仮パスワードを入力してください。');
      expect(bodies).toEqual([]);
    },
  );

  test.each([
    ['is empty', () => Promise.resolve(' \n')],
    ['has only invisible characters', () => Promise.resolve('\u200b\ufeff')],
    ['cannot be read', () => Promise.reject(new DOMException('denied', 'NotAllowedError'))],
  ])('when the clipboard %s, the paste button says so and keeps what was typed', async (_, readText) => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const user = await open(`/recover/${id}`);
    await user.type(await field(labels.temporaryPassword), 'Kd7');
    vi.spyOn(navigator.clipboard, 'readText').mockImplementation(readText);
    await user.click(await button('貼り付ける'));
    expect(await screen.findByText(/貼り付けられませんでした/)).toBeVisible();
    expect(await field(labels.temporaryPassword)).toHaveValue('Kd7');
  });

  test('there is no paste button in a browser where no page can read the clipboard', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(undefined as unknown as Clipboard);
    await open(`/recover/${id}`);
    await field(labels.temporaryPassword);
    expect(screen.queryByRole('button', { name: '貼り付ける' })).toBeNull();
  });

  test('does not change a pasted text that holds two temporary passwords', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const user = await open(`/recover/${id}`);
    await user.click(await field(labels.temporaryPassword));
    await user.paste('Kd7mPw3xR Qm4tYk9vB');
    expect(await field(labels.temporaryPassword)).toHaveValue('Kd7mPw3xR Qm4tYk9vB');
    expect(screen.queryByText(/取り出しました/)).toBeNull();
  });

  test('a wrong temporary password stays in the field, and the error says how many guesses are left', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer(
      'post',
      `recoveries/${id}/redemption`,
      problem(422, 'temporary_password_wrong', { guesses_left: 4 }),
    );
    const user = await open(`/recover/${id}`);
    await enterTemporaryPassword(user, 'wrong');
    expect((await screen.findByRole('alert')).parentElement).toHaveFocus();
    expect(await field(labels.temporaryPassword)).toHaveAccessibleDescription(/あと4回入力できます/);
    expect(await field(labels.temporaryPassword)).toHaveValue('wrong');
  });

  test('says at once that the browser blocks cookies, and sends no temporary password', async () => {
    vi.spyOn(document, 'cookie', 'get').mockReturnValue('');
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const sent = answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const user = await open(`/recover/${id}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('このサイトのCookieを許可してください');
    await enterTemporaryPassword(user, 'Kd7mPw3xR');
    await waitFor(() => expect(screen.getByRole('alert').parentElement).toHaveFocus());
    expect(sent).toEqual([]);
  });

  test.each([
    ['guesses', '5回一致しなかった'],
    ['expired', '有効期限が過ぎています'],
    ['used', 'すでに使われています'],
  ])(
    'explains why the recovery ended (%s), and offers one button to step 2 with the login ID filled in',
    async (reason, words) => {
      answer('get', `recoveries/${id}`, recovery('waiting'), recovery('ended', reason === 'guesses' ? 0 : 5));
      answer('post', `recoveries/${id}/redemption`, problem(410, 'recovery_ended', { reason }));
      const user = await open(`/recover/${id}`);
      await enterTemporaryPassword(user, 'x');
      expect(await screen.findByText(new RegExp(words))).toBeInTheDocument();
      expect(document.title).toMatch(/^エラー：/);
      expect(screen.getByText('12345678'), 'the help desk asks for it').toBeVisible();
      const buttons = within(main()).getAllByRole('button');
      expect(buttons).toHaveLength(1);
      await user.click(buttons[0] as HTMLElement);
      expect(await field(labels.loginId)).toHaveValue('abcd');
    },
  );

  test.each([
    ['with a temporary password that is used', 'used', elsewhere],
    ['by five wrong ones', 'guesses', '仮パスワードが5回一致しなかったため、この手続きを終了しました。'],
    ['with one that has expired', 'expired', 'この仮パスワードは、有効期限が過ぎています。'],
  ])('the first line of a recovery that ended %s says the most likely reason', async (_, reason, line) => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('ended', reason === 'guesses' ? 0 : 5));
    answer('post', `recoveries/${id}/redemption`, problem(410, 'recovery_ended', { reason }));
    const user = await open(`/recover/${id}`);
    await enterTemporaryPassword(user, 'x');
    expect(await firstLineOfDeadEnd()).toBe(line);
  });

  test('a recovery that was continued in another tab names that tab first', async () => {
    answer('get', `recoveries/${id}`, recovery('ended'));
    await open(`/recover/${id}`);
    expect(await firstLineOfDeadEnd()).toBe(elsewhere);
  });

  test('after five wrong guesses, names the link in the letter first, and a new recovery second', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('ended', 0));
    answer('post', `recoveries/${id}/redemption`, problem(410, 'recovery_ended', { reason: 'guesses' }));
    const user = await open('/recover');
    answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
    await askForRecovery(user);
    await enterTemporaryPassword(user, 'x');
    expect(await screen.findByText(/メールのボタンから開いた画面で/)).toHaveTextContent(
      /変わっていません。メールが届いているときは、.*入力できます。届いていないときは、はじめからもう一度お手続きください。$/,
    );
  });

  test('an unknown or old recovery offers to start again', async () => {
    answer('get', `recoveries/${id}`, problem(404, 'not_found'));
    await open(`/recover/${id}`);
    expect(await button('もう一度手続きする')).toBeInTheDocument();
    expect(await firstLineOfDeadEnd()).toBe('この手続きは見つからないか、期限が過ぎています。');
  });

  test('requests the letter again', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const bodies = answer('post', `recoveries/${id}/letter`, ok({}, 202));
    const user = await open(`/recover/${id}`);
    await user.click(await button('メールをもう一度送る'));
    expect(await screen.findByText(/再送を受け付けました/)).toBeInTheDocument();
    expect(bodies).toEqual([{}]);
  });

  test('sends no second request for the letter within a minute, and says from when it will', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T16:30:20') });
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const bodies = answer('post', `recoveries/${id}/letter`, ok({}, 202));
    const user = await open(`/recover/${id}`);
    const askAgain = await button('メールをもう一度送る');
    await user.click(askAgain);
    expect(await screen.findByText(/^再送を受け付けました。16:32になっても/)).toBeVisible();
    await user.click(askAgain);
    expect(await screen.findByText(/受け付けたばかりのため、.*16:32になっても/)).toBeVisible();
    expect(askAgain).toBeEnabled();
    expect(bodies).toHaveLength(1);

    vi.setSystemTime(new Date('2026-11-22T16:31:20'));
    await user.click(askAgain);
    expect(await screen.findByText(/^再送を受け付けました。16:33になっても/)).toBeVisible();
    expect(bodies).toHaveLength(2);
  });

  test('goes to step 5 at once when this browser has redeemed the temporary password before', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    await open(`/recover/${id}`);
    expect(await field(labels.newPassword)).toBeInTheDocument();
    expect(location.pathname).toBe(`/recover/${id}/password`);
  });

  test('offers to read the state again when reading it failed', async () => {
    answer('get', `recoveries/${id}`, lost, recovery('waiting'));
    const user = await open(`/recover/${id}`);
    await user.click(await button('もう一度読み込む'));
    expect(await field(labels.temporaryPassword)).toBeInTheDocument();
  });
});
