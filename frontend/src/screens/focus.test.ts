import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { remember } from '../memory';
import { open } from '../test/open';
import { answer, id, lost, ok, problem, recovery, settings } from '../test/wire';

afterEach(() => vi.useRealTimers());

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);
const press = (name: string) => screen.findByRole('button', { name });
const heading = () => screen.findByRole('heading', { level: 1 });
const member = ok({
  login_id: 'abcd',
  basic_mail_address: 'abcd@xxx.mm-m.ne.jp',
  password_changed_at: null,
  sessions: [],
  activities: [],
});

describe('the focus never falls to the body', () => {
  test.each([
    ['it is read again', recovery('waiting')],
    ['it cannot be read again either', lost],
  ])('after a state could not be read and %s', async (_, state) => {
    answer('get', `recoveries/${id}`, lost, state);
    const hands = await open(`/recover/${id}`);
    await hands.click(await press('もう一度読み込む'));
    await waitFor(async () => expect(await heading()).toHaveFocus());
    if (state === lost) await press('もう一度読み込む');
    else await field('仮パスワード');
    expect(await heading()).toHaveFocus();
  });

  test('when the recovery is gone as the mail is asked for again', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('post', `recoveries/${id}/letter`, problem(404, 'not_found'));
    const hands = await open(`/recover/${id}`);
    await hands.click(await press('メールをもう一度送る'));
    const why = await screen.findByText(/見つからないか/);
    expect(why.closest('.notice')).toHaveFocus();
  });

  test('when recovery is paused as a mail is asked for', async () => {
    answer('post', 'recoveries', problem(503, 'paused'));
    const hands = await open('/recover');
    await hands.type(await field('ログインID'), 'abcd');
    await hands.type(await field('基本メールアドレス'), 'abcd@xxx.mm-m.ne.jp');
    await hands.click(await press('送信'));
    const said = await screen.findByText(/リカバリーを休止しています/);
    expect(said.closest('.notice')).toHaveFocus();
    expect(screen.queryByRole('alert'), 'said once').toBeNull();
  });

  test('when step 5 turns out to have no grant', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('waiting'));
    const began = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: began });
    sessionStorage.setItem(`redeemed_at:${id}`, String(began));
    const hands = await open(`/recover/${id}/password`);
    await hands.click(await field('新しい会員サポートパスワード'));
    vi.setSystemTime(began + 31 * 60_000);
    document.dispatchEvent(new Event('visibilitychange'));
    const said = await screen.findByText(/先に、メールでお送りした/);
    expect(said.closest('.notice')).toHaveFocus();
  });

  test('when the notice with the focused button goes', async () => {
    answer('get', 'member', member);
    await open('/member', { site: { lifetimes: { ...settings.lifetimes, session_idle: 240 } } });
    (await press('続ける')).focus();
    const newValue = String(Date.now() + 600_000);
    dispatchEvent(new StorageEvent('storage', { key: 'session_seen_at', newValue }));
    await waitFor(() => expect(screen.queryByRole('button', { name: '続ける' })).toBeNull());
    expect(await heading()).toHaveFocus();
  });

  test('when a later notice’s link takes the place of an answered one', async () => {
    answer('post', 'disavowals', problem(410, 'disavowal_ended'));
    const hands = await open('/disavow#FIRST');
    await hands.click(await press('使えなくする'));
    await screen.findByText('このリンクは使えません');
    location.hash = 'SECOND';
    await press('使えなくする');
    expect(await heading()).toHaveFocus();
  });
});

test.each([
  'ｔａｎｕｋｉ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ',
  ' Tanuki＠xxx.mm-m.ne.jp',
  'ta\u200bnuki@xxx.mm-m.ne.jp',
])('an address typed as %j is not met by a password that contains it', async (mailAddress) => {
  answer('get', `recoveries/${id}`, recovery('redeemed'));
  remember(id, { loginId: 'abcd', mailAddress });
  const hands = await open(`/recover/${id}/password`);
  await hands.type(await field('新しい会員サポートパスワード'), 'Tanuki7Kettle');
  const unmet = [...document.querySelectorAll('.rules li:not(.met)')].map((each) => each.textContent);
  expect(unmet).toEqual([expect.stringContaining('メールアドレス')]);
});
