import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { open } from '../test/open';
import { answer, done, id, lost, ok, problem, recovery } from '../test/wire';

afterEach(() => vi.useRealTimers());

const title = '会員サポートパスワードのリカバリー';
const field = (label: string) => screen.findByLabelText(label);
const loginId = 'ログインID';
const mailAddress = '基本メールアドレス';
const temporary = '仮パスワード';
const next = '新しい会員サポートパスワード';
const again = '新しい会員サポートパスワード（確認）';
const press = (name: string) => screen.getByRole('button', { name });
const elsewhere = '別の画面（タブ）で入力された場合は、その画面でお続けください。';

/** The first line below the heading of a dead end. */
async function firstLine() {
  const heading = await screen.findByRole('heading', { name: 'この手続きは続けられません' });
  return heading.closest('.notice')?.querySelector('p')?.textContent;
}

async function askedFor(hands: Awaited<ReturnType<typeof open>>) {
  answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
  await hands.type(await field(loginId), 'abcd');
  await hands.type(await field(mailAddress), 'abcd@xxx.mm-m.ne.jp');
  await hands.click(press('送信'));
}

describe('step 2', () => {
  test('asks with what was typed, in any width, and in the language spoken', async () => {
    const bodies = answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const hands = await open('/recover');
    await hands.type(await field(loginId), 'ＡＢＣＤ');
    await hands.type(await field(mailAddress), 'ａｂｃｄ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ');
    await hands.click(press('送信'));
    await waitFor(() => expect(location.pathname).toBe(`/recover/${id}`));
    expect(bodies).toEqual([
      { login_id: 'ＡＢＣＤ', mail_address: 'ａｂｃｄ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ', language: 'ja' },
    ]);
    expect(await screen.findByRole('heading', { level: 1, name: title })).toHaveFocus();
  });

  test('asks once about a domain unlike the example, and never blocks', async () => {
    const bodies = answer('post', 'recoveries', problem(503, 'busy'));
    const hands = await open('/recover');
    await hands.type(await field(loginId), 'abcd');
    await hands.type(await field(mailAddress), 'abcd@gmail.com');
    await hands.click(press('送信'));
    expect(await screen.findByText('@gmail.com')).toHaveAttribute('translate', 'no');
    expect(screen.getByRole('main')).toHaveTextContent(/「@gmail.com」.*合っていますか/);
    expect(bodies).toHaveLength(0);
    await hands.type(await field(mailAddress), '.jp');
    await hands.click(press('送信'));
    expect(await screen.findByRole('alert')).toHaveTextContent('ただいま混み合っています');
    expect(bodies).toHaveLength(1);
    expect(await field(mailAddress)).toHaveValue('abcd@gmail.com.jp');
  });

  test('says what is missing, and what the server cannot read', async () => {
    answer('post', 'recoveries', problem(422, 'input_rejected', { field: 'login_id' }));
    const hands = await open('/recover');
    await field(loginId);
    await hands.click(press('送信'));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'ログインIDを入力してください。基本メールアドレスを入力してください。',
    );
    await hands.type(await field(loginId), '!');
    await hands.type(await field(mailAddress), 'abcd');
    await hands.click(press('送信'));
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('「@」を入れて'));
    await hands.type(await field(mailAddress), '@xxx.mm-m.ne.jp');
    await hands.click(press('送信'));
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('半角の英数字で'));
  });

  test('says that recovery is paused, with the help desk at hand', async () => {
    await open('/recover', { site: { recovery: 'paused' } });
    expect(await screen.findByText(/リカバリーを休止しています/)).toBeInTheDocument();
    expect(screen.queryByLabelText(mailAddress)).toBeNull();
    expect(screen.getByRole('link', { name: '0120-000-000' })).toHaveAttribute('href', 'tel:0120000000');
  });
});

test('a pause that is heard after pressing is said once', async () => {
  answer('post', 'recoveries', problem(503, 'paused'));
  const hands = await open('/recover');
  await hands.type(await field(loginId), 'abcd');
  await hands.type(await field(mailAddress), 'abcd@xxx.mm-m.ne.jp');
  await hands.click(press('送信'));
  expect(await screen.findAllByText(/リカバリーを休止しています/)).toHaveLength(1);
  expect(screen.queryByRole('alert')).toBeNull();
});

test('the heading, which steps 2, 4 and 5 share, is described by the step', async () => {
  answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
  answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
  const hands = await open('/recover');
  const heading = () => screen.findByRole('heading', { level: 1, name: title });
  expect(await heading()).toHaveAccessibleDescription('本人確認');
  await askedFor(hands);
  await hands.type(await field(temporary), 'Kd7mPw3xR');
  expect(await heading()).toHaveAccessibleDescription('仮パスワードの入力');
  await hands.click(press('ログイン'));
  await field(next);
  expect(await heading()).toHaveAccessibleDescription('会員サポートパスワードの再設定');
});

describe('step 4', () => {
  test('shows where the mail goes from this tab’s memory, and leads back with what was typed', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const hands = await open('/recover');
    await askedFor(hands);
    expect(await screen.findByText(/abcd@xxx.mm-m.ne.jp/)).toBeInTheDocument();
    expect(screen.getByText('12345678')).toBeInTheDocument();
    expect(localStorage).toHaveLength(0);
    expect(sessionStorage).toHaveLength(0);
    expect(JSON.stringify(history.state)).not.toContain('@');
    await hands.click(screen.getByRole('link', { name: '入力し直す' }));
    expect(await field(mailAddress)).toHaveValue('abcd@xxx.mm-m.ne.jp');
  });

  test('opened from the mail it asks for nothing but the temporary password, unmasked', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    await open(`/recover/${id}?lang=ja`);
    const input = await field(temporary);
    expect(input).toHaveAttribute('type', 'text');
    expect(input).toHaveAttribute('autocapitalize', 'none');
    expect(input).toHaveAttribute('autocomplete', 'one-time-code');
    expect(screen.queryByLabelText(loginId)).toBeNull();
    expect(screen.getByText('abcd')).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: '入力し直す' })).toBeNull();
  });

  test('a pasted one is sent without what the copy brought along', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
    const bodies = answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const hands = await open(`/recover/${id}`);
    await hands.click(await field(temporary));
    await hands.paste('\t Abc234xyz　\n');
    await hands.click(press('ログイン'));
    await waitFor(() => expect(location.pathname).toBe(`/recover/${id}/password`));
    expect(bodies).toEqual([{ temporary_password: 'Abc234xyz' }]);
  });

  test('one pasted with the words around it is picked out, and the member is told', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const hands = await open(`/recover/${id}`);
    const input = await field(temporary);
    await hands.type(input, 'Kd7');
    await hands.paste('【仮パスワード】\nKd7mPw3xR\n');
    expect(input).toHaveValue('Kd7mPw3xR');
    const picked = screen.getByText('Kd7mPw3xR');
    expect(picked).toHaveAttribute('translate', 'no');
    expect(picked.closest('[role=status]')).toHaveTextContent('「Kd7mPw3xR」を取り出しました');
  });

  test.each([
    ['\t Abc234xyz　\n', 'Abc234xyz'],
    ['【仮パスワード】\nKd7mPw3xR\n', 'Kd7mPw3xR'],
  ])('a button pastes %j, which is taken as when it is pasted by hand', async (copied, sent) => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
    const bodies = answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const hands = await open(`/recover/${id}`);
    await navigator.clipboard.writeText(copied);
    await hands.click(await screen.findByRole('button', { name: '貼り付ける' }));
    await waitFor(async () => expect(await field(temporary)).toHaveValue(sent));
    await hands.click(press('ログイン'));
    await waitFor(() => expect(bodies).toEqual([{ temporary_password: sent }]));
  });

  test.each([
    ['is empty', () => Promise.resolve(' \n')],
    ['may not be read', () => Promise.reject(new DOMException('denied', 'NotAllowedError'))],
  ])('where the clipboard %s, the button says so and leaves what was typed', async (_, readText) => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const hands = await open(`/recover/${id}`);
    await hands.type(await field(temporary), 'Kd7');
    vi.spyOn(navigator.clipboard, 'readText').mockImplementation(readText);
    await hands.click(await screen.findByRole('button', { name: '貼り付ける' }));
    expect(await screen.findByText(/貼り付けられませんでした/)).toBeVisible();
    expect(await field(temporary)).toHaveValue('Kd7');
  });

  test('where no page can read the clipboard there is no button for it', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(undefined as unknown as Clipboard);
    await open(`/recover/${id}`);
    await field(temporary);
    expect(screen.queryByRole('button', { name: '貼り付ける' })).toBeNull();
  });

  test('a paste that holds two of them is left as it is', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const hands = await open(`/recover/${id}`);
    await hands.click(await field(temporary));
    await hands.paste('Kd7mPw3xR Qm4tYk9vB');
    expect(await field(temporary)).toHaveValue('Kd7mPw3xR Qm4tYk9vB');
    expect(screen.queryByText(/取り出しました/)).toBeNull();
  });

  test('a wrong one tells the guesses left and stays to be corrected', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer(
      'post',
      `recoveries/${id}/redemption`,
      problem(422, 'temporary_password_wrong', { guesses_left: 4 }),
    );
    const hands = await open(`/recover/${id}`);
    await hands.type(await field(temporary), 'wrong');
    await hands.click(press('ログイン'));
    expect((await screen.findByRole('alert')).parentElement).toHaveFocus();
    expect(await field(temporary)).toHaveAccessibleDescription(/あと4回入力できます/);
    expect(await field(temporary)).toHaveValue('wrong');
  });

  test('blocked cookies are said at once, and no temporary password is spent', async () => {
    vi.spyOn(document, 'cookie', 'get').mockReturnValue('');
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const sent = answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
    const hands = await open(`/recover/${id}`);
    expect(await screen.findByRole('alert')).toHaveTextContent('このサイトのCookieを許可してください');
    await hands.type(await field(temporary), 'Kd7mPw3xR');
    await hands.click(press('ログイン'));
    await waitFor(() => expect(screen.getByRole('alert').parentElement).toHaveFocus());
    expect(sent).toEqual([]);
  });

  test.each([
    ['guesses', '5回一致しなかった'],
    ['expired', '有効期限が過ぎています'],
    ['used', 'すでに使われています'],
  ])(
    'an end by %s is explained, with one button to step 2 and the login ID filled in',
    async (reason, words) => {
      answer('get', `recoveries/${id}`, recovery('waiting'), recovery('ended', reason === 'guesses' ? 0 : 5));
      answer('post', `recoveries/${id}/redemption`, problem(410, 'recovery_ended', { reason }));
      const hands = await open(`/recover/${id}`);
      await hands.type(await field(temporary), 'x');
      await hands.click(press('ログイン'));
      expect(await screen.findByText(new RegExp(words))).toBeInTheDocument();
      expect(document.title).toMatch(/^エラー：/);
      expect(screen.getByText('12345678'), 'the help desk asks for it').toBeVisible();
      const buttons = within(screen.getByRole('main')).getAllByRole('button');
      expect(buttons).toHaveLength(1);
      await hands.click(buttons[0] as HTMLElement);
      expect(await field(loginId)).toHaveValue('abcd');
    },
  );

  test.each([
    ['with a temporary password that is used', 'used', elsewhere],
    ['by five wrong ones', 'guesses', '仮パスワードが5回一致しなかったため、この手続きを終了しました。'],
    ['with one that has expired', 'expired', 'この仮パスワードは、有効期限が過ぎています。'],
  ])('ended %s, its first line says what is most likely true', async (_, reason, line) => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('ended', reason === 'guesses' ? 0 : 5));
    answer('post', `recoveries/${id}/redemption`, problem(410, 'recovery_ended', { reason }));
    const hands = await open(`/recover/${id}`);
    await hands.type(await field(temporary), 'x');
    await hands.click(press('ログイン'));
    expect(await firstLine()).toBe(line);
  });

  test('a recovery that went on in another tab points there first', async () => {
    answer('get', `recoveries/${id}`, recovery('ended'));
    await open(`/recover/${id}`);
    expect(await firstLine()).toBe(elsewhere);
  });

  test('after five wrong ones, whoever asked here is led to the letter, and anew only without it', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'), recovery('ended', 0));
    answer('post', `recoveries/${id}/redemption`, problem(410, 'recovery_ended', { reason: 'guesses' }));
    const hands = await open('/recover');
    await askedFor(hands);
    await hands.type(await field(temporary), 'x');
    await hands.click(press('ログイン'));
    expect(await screen.findByText(/メールのボタンから開いた画面で/)).toHaveTextContent(
      /変わっていません。メールが届いているときは、.*入力できます。届いていないときは、はじめからもう一度お手続きください。$/,
    );
  });

  test('an unknown or old recovery leads to step 2', async () => {
    answer('get', `recoveries/${id}`, problem(404, 'not_found'));
    await open(`/recover/${id}`);
    expect(await screen.findByRole('button', { name: 'もう一度手続きする' })).toBeInTheDocument();
    expect(await firstLine()).toBe('この手続きは見つからないか、期限が過ぎています。');
  });

  test('asks for the mail again', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const bodies = answer('post', `recoveries/${id}/letter`, ok({}, 202));
    const hands = await open(`/recover/${id}`);
    await hands.click(await screen.findByRole('button', { name: 'メールをもう一度送る' }));
    expect(await screen.findByText(/再送を受け付けました/)).toBeInTheDocument();
    expect(bodies).toEqual([{}]);
  });

  test('asking again within a minute asks nothing of the server, and says from when it makes sense', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T16:30:20') });
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const bodies = answer('post', `recoveries/${id}/letter`, ok({}, 202));
    const hands = await open(`/recover/${id}`);
    const button = await screen.findByRole('button', { name: 'メールをもう一度送る' });
    await hands.click(button);
    expect(await screen.findByText(/^再送を受け付けました。16:32になっても/)).toBeVisible();
    await hands.click(button);
    expect(await screen.findByText(/受け付けたばかりですので、.*16:32になっても/)).toBeVisible();
    expect(button).toBeEnabled();
    expect(bodies).toHaveLength(1);

    vi.setSystemTime(new Date('2026-11-22T16:31:20'));
    await hands.click(button);
    expect(await screen.findByText(/^再送を受け付けました。16:33になっても/)).toBeVisible();
    expect(bodies).toHaveLength(2);
  });

  test('redeemed or completed in this browser before, it goes on by itself', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    await open(`/recover/${id}`);
    expect(await field(next)).toBeInTheDocument();
    expect(location.pathname).toBe(`/recover/${id}/password`);
  });

  test('a state that cannot be read can be read again', async () => {
    answer('get', `recoveries/${id}`, lost, recovery('waiting'));
    const hands = await open(`/recover/${id}`);
    await hands.click(await screen.findByRole('button', { name: 'もう一度読み込む' }));
    expect(await field(temporary)).toBeInTheDocument();
  });
});

describe('step 5', () => {
  test('before anything is typed, nothing is said of the password', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const hands = await open(`/recover/${id}/password`);
    await field(next);
    const strength = screen.getByRole('main').querySelector('.strength');
    expect(strength).toHaveTextContent(/^$/);
    expect(screen.getByRole('main')).not.toHaveTextContent('未入力');
    await hands.type(await field(next), 'T');
    expect(strength).toHaveTextContent(/^パスワードの強さの目安/);
    await hands.clear(await field(next));
    expect(strength).toHaveTextContent(/^$/);
    expect(screen.getByRole('main')).not.toHaveTextContent('未入力');
  });

  test('judges the password before it is sent, and names all that is wrong', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'ａbcd');
    await hands.type(await field(again), 'other');
    await hands.click(press('変更する'));
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

  test('its fields are for password managers, pasting included', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const hands = await open(`/recover/${id}/password`);
    const input = await field(next);
    expect(input).toHaveAttribute('autocomplete', 'new-password');
    expect(input.getAttribute('passwordrules')).toContain('minlength: 9; maxlength: 20;');
    expect(input).not.toHaveAttribute('maxlength');
    expect(document.querySelector('input[autocomplete=username]')).toHaveValue('abcd');
    await hands.click(input);
    await hands.paste('Tanuki7Kettle');
    expect(input).toHaveValue('Tanuki7Kettle');
  });

  test('makes a password that the rules take, enters it twice, shows it and copies it', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const bodies = answer('put', `recoveries/${id}/password`, done);
    const hands = await open(`/recover/${id}/password`);
    await hands.click(await screen.findByRole('button', { name: 'パスワードを自動で作る' }));
    const input = (await field(next)) as HTMLInputElement;
    expect(input.value).toMatch(/^[A-Z]{4}(-[a-z0-9]{4}){3}$/);
    expect(input).toHaveAttribute('type', 'text');
    expect(await field(again)).toHaveValue(input.value);
    expect(document.querySelectorAll('.rules li:not(.met)')).toHaveLength(0);
    expect(document.querySelector('.strength')).toHaveTextContent('強い');

    await hands.click(press('コピーする'));
    expect(await screen.findByText('コピーしました。')).toHaveAttribute('role', 'status');
    expect(await navigator.clipboard.readText()).toBe(input.value);
    const made = input.value;
    await hands.click(press('変更する'));
    expect(await screen.findByRole('heading', { level: 1, name: 'お手続き完了' })).toBeVisible();
    expect(bodies).toEqual([{ new_password: made }]);
  });

  test('a made password stays on show when the change fails, masked in its fields', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer('put', `recoveries/${id}/password`, problem(503, 'busy'));
    const hands = await open(`/recover/${id}/password`);
    await hands.click(await screen.findByRole('button', { name: 'パスワードを自動で作る' }));
    const input = (await field(next)) as HTMLInputElement;
    await hands.click(press('変更する'));
    await screen.findByRole('alert');
    expect(screen.getByText(input.value)).toBeVisible();
    expect(input).toHaveAttribute('type', 'password');
  });

  test('where the clipboard is closed to pages, the made password is left selected', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    const hands = await open(`/recover/${id}/password`);
    await hands.click(await screen.findByRole('button', { name: 'パスワードを自動で作る' }));
    vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(undefined as unknown as Clipboard);
    await hands.click(press('コピーする'));
    expect(await screen.findByText(/選択しました/)).toBeVisible();
    expect(String(getSelection())).toBe(((await field(next)) as HTMLInputElement).value);
  });

  test('what the server calls common is weak, whatever its form', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer(
      'put',
      `recoveries/${id}/password`,
      problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] }),
    );
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'Kt7vRm2qB');
    await hands.type(await field(again), 'Kt7vRm2qB');
    expect(document.querySelector('.strength')).toHaveTextContent('ふつう');
    await hands.click(press('変更する'));
    await screen.findByRole('alert');
    expect(document.querySelector('.strength')).toHaveTextContent('弱い');
  });

  test('who typed the password so far is led to try it, with the login ID', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer(
      'put',
      `recoveries/${id}/password`,
      problem(422, 'password_rejected', { violations: [{ code: 'same_as_current' }] }),
    );
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'Demo-pass9');
    await hands.type(await field(again), 'Demo-pass9');
    await hands.click(press('変更する'));
    const way = await screen.findByRole('link', { name: 'ログインを試す' });
    expect(screen.getByRole('alert')).toContainElement(way);
    await hands.click(way);
    expect(await field(loginId)).toHaveValue('abcd');
    expect(location.pathname).toBe('/');
  });

  test('says by the clock until when it can be done, where the temporary password was entered here', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    sessionStorage.setItem(`redeemed_at:${id}`, String(Date.now() - 26 * 60_000));
    await open(`/recover/${id}/password`);
    expect(await screen.findByText(/^安全のため、この画面は[0-9:]{5}まで使えます。$/)).toBeVisible();
    const told = screen.getByText(/^この画面を使えるのは、[0-9:]{5}までです。$/);
    expect(told.closest('[role=status]')).not.toBeNull();
  });

  test('when its time is over, the server says so and one button begins anew', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('ended'));
    sessionStorage.setItem(`redeemed_at:${id}`, String(Date.now() - 31 * 60_000));
    await open(`/recover/${id}/password`);
    expect(await screen.findByRole('button', { name: 'もう一度手続きする' })).toBeVisible();
    expect(screen.getByText('12345678')).toBeVisible();
    expect(screen.queryByLabelText(next)).toBeNull();
    expect(await firstLine(), 'it did not go on elsewhere').toMatch(/^再設定できる時間が過ぎたか/);
  });

  test('ends on a page that leads to login with the login ID filled in', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer('put', `recoveries/${id}/password`, done);
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'Tanuki7Kettle');
    await hands.type(await field(again), 'Tanuki7Kettle');
    await hands.click(press('変更する'));
    expect(await screen.findByRole('heading', { level: 1, name: 'お手続き完了' })).toHaveFocus();
    expect(location.pathname).toBe('/recover/done');
    await hands.click(screen.getByRole('link', { name: 'ログインの画面へ' }));
    expect(await field(loginId)).toHaveValue('abcd');
  });

  test('a refused password stays to be changed, and why is said', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer(
      'put',
      `recoveries/${id}/password`,
      problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] }),
    );
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'Password1');
    await hands.type(await field(again), 'Password1');
    await hands.click(press('変更する'));
    expect(await screen.findByRole('alert')).toHaveTextContent('よく使われていて');
    expect(await field(next)).toHaveValue('Password1');
  });

  test('a lost answer loses nothing typed', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'));
    answer('put', `recoveries/${id}/password`, lost);
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'Tanuki7Kettle');
    await hands.type(await field(again), 'Tanuki7Kettle');
    await hands.click(press('変更する'));
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    expect(await field(next)).toHaveValue('Tanuki7Kettle');
  });

  test('without a grant it says so and leads on', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('ended'));
    answer('put', `recoveries/${id}/password`, problem(401, 'grant_missing'));
    const hands = await open(`/recover/${id}/password`);
    await hands.type(await field(next), 'Tanuki7Kettle');
    await hands.type(await field(again), 'Tanuki7Kettle');
    await hands.click(press('変更する'));
    expect(await firstLine()).toBe(elsewhere);
    await hands.click(await screen.findByRole('button', { name: 'もう一度手続きする' }));
    expect(await field(loginId)).toHaveValue('abcd');
  });

  test('before the temporary password it leads to step 4', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    await open(`/recover/${id}/password`);
    expect(await screen.findByRole('link', { name: '仮パスワードの入力へ' })).toHaveAttribute(
      'href',
      `/recover/${id}`,
    );
  });

  test('once completed, also after a reload, it is done', async () => {
    answer('get', `recoveries/${id}`, recovery('completed'));
    await open(`/recover/${id}/password`);
    expect(await screen.findByRole('heading', { level: 1, name: 'お手続き完了' })).toBeInTheDocument();
  });
});

test('an address of nothing says so', async () => {
  await open('/nowhere');
  expect(await screen.findByRole('heading', { name: '画面が見つかりません' })).toBeInTheDocument();
});

test('every page has the help desk, the announcement, and in the demo a banner', async () => {
  await open('/', { site: { demo: true, announcement: { ja: '点検があります', en: 'Maintenance' } } });
  const desk = screen.getByRole('complementary', { name: 'お困りのときは' });
  expect(desk).toHaveTextContent('9:00〜18:00');
  expect(within(desk).getByRole('link', { name: 'help@ims.example' })).toBeInTheDocument();
  expect(screen.getByRole('region', { name: 'お知らせ' })).toHaveTextContent('点検があります');
  expect(screen.getByRole('link', { name: /体験用のメールボックス/ })).toHaveAttribute(
    'href',
    '/demo/mailbox',
  );
  expect(screen.getByText('© IMS')).toBeInTheDocument();
});
