import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { askForRecovery, button, field, heading, labels, main } from '../test/page';
import { answer, id, ok, problem, recovery } from '../test/server';

const title = '会員サポートパスワードのリカバリー';

describe('step 2', () => {
  test('sends what was typed as it was typed, and the language of the page', async () => {
    const bodies = answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
    answer('get', `recoveries/${id}`, recovery('waiting'));
    const user = await open('/recover');
    await user.type(await field(labels.loginId), 'ＡＢＣＤ');
    await user.type(await field(labels.mailAddress), 'ａｂｃｄ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ');
    await user.click(await button('送信'));
    await waitFor(() => expect(location.pathname).toBe(`/recover/${id}`));
    expect(bodies).toEqual([
      { login_id: 'ＡＢＣＤ', mail_address: 'ａｂｃｄ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ', language: 'ja' },
    ]);
    expect(await heading(title)).toHaveFocus();
  });

  test('asks once whether a domain unlike the example is right, and never blocks', async () => {
    const bodies = answer('post', 'recoveries', problem(503, 'busy'));
    const user = await open('/recover');
    await user.type(await field(labels.loginId), 'abcd');
    await user.type(await field(labels.mailAddress), 'abcd@gmail.com');
    await user.click(await button('送信'));
    expect(await screen.findByText('@gmail.com')).toHaveAttribute('translate', 'no');
    expect(main()).toHaveTextContent(/「@gmail.com」.*合っていますか/);
    expect(bodies).toHaveLength(0);
    await user.type(await field(labels.mailAddress), '.jp');
    await user.click(await button('送信'));
    expect(await screen.findByRole('alert')).toHaveTextContent('ただいま混み合っています');
    expect(bodies).toHaveLength(1);
    expect(await field(labels.mailAddress)).toHaveValue('abcd@gmail.com.jp');
  });

  test('names the empty fields, and the fields that the server cannot read', async () => {
    answer('post', 'recoveries', problem(422, 'input_rejected', { field: 'login_id' }));
    const user = await open('/recover');
    await field(labels.loginId);
    await user.click(await button('送信'));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'ログインIDを入力してください。基本メールアドレスを入力してください。',
    );
    await user.type(await field(labels.loginId), '!');
    await user.type(await field(labels.mailAddress), 'abcd');
    await user.click(await button('送信'));
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('「@」を入れて'));
    await user.type(await field(labels.mailAddress), '@xxx.mm-m.ne.jp');
    await user.click(await button('送信'));
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('半角の英数字で'));
  });

  test('a login ID and an address of invisible characters only are empty fields', async () => {
    const user = await open('/recover');
    await user.type(await field(labels.loginId), '\u200b');
    await user.type(await field(labels.mailAddress), '\u00ad　\u200f');
    await user.click(await button('送信'));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'ログインIDを入力してください。基本メールアドレスを入力してください。',
    );
  });

  test('says that recovery is paused, and names the help desk', async () => {
    await open('/recover', { site: { recovery: 'paused' } });
    expect(await screen.findByText(/リカバリーを休止しています/)).toBeInTheDocument();
    expect(screen.queryByLabelText(labels.mailAddress)).toBeNull();
    expect(screen.getByRole('link', { name: '0120-000-000' })).toHaveAttribute('href', 'tel:0120000000');
  });

  test('says once that recovery is paused when the server answers so', async () => {
    answer('post', 'recoveries', problem(503, 'paused'));
    const user = await open('/recover');
    await askForRecovery(user);
    expect(await screen.findAllByText(/リカバリーを休止しています/)).toHaveLength(1);
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

test('the heading that steps 2, 4 and 5 share is described by the step', async () => {
  answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
  answer('post', `recoveries/${id}/redemption`, recovery('redeemed'));
  const user = await open('/recover');
  expect(await heading(title)).toHaveAccessibleDescription('本人確認');
  answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
  await askForRecovery(user);
  await user.type(await field(labels.temporaryPassword), 'Kd7mPw3xR');
  expect(await heading(title)).toHaveAccessibleDescription('仮パスワードの入力');
  await user.click(await button('ログイン'));
  await field(labels.newPassword);
  expect(await heading(title)).toHaveAccessibleDescription('会員サポートパスワードの再設定');
});
