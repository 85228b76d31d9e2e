import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { remember } from '../memory';
import { open } from '../test/open';
import { askForRecovery, button, field, labels, wakeUp } from '../test/page';
import { answer, id, lost, memberPage, problem, recovery, settings } from '../test/server';

afterEach(() => vi.useRealTimers());

/** The heading of the present page. */
const anyHeading = () => screen.getByRole('heading', { level: 1 });

describe('the focus never falls to the body', () => {
  test.each([
    ['was repeated', recovery('waiting')],
    ['failed again', lost],
  ])('after reading the state failed, and %s', async (_, state) => {
    answer('get', `recoveries/${id}`, lost, state);
    const user = await open(`/recover/${id}`);
    await user.click(await button('もう一度読み込む'));
    await waitFor(() => expect(anyHeading()).toHaveFocus());
    if (state === lost) await button('もう一度読み込む');
    else await field(labels.temporaryPassword);
    expect(anyHeading()).toHaveFocus();
  });

  test('when the recovery turns out to be gone on asking for the letter again', async () => {
    answer('get', `recoveries/${id}`, recovery('waiting'));
    answer('post', `recoveries/${id}/letter`, problem(404, 'not_found'));
    const user = await open(`/recover/${id}`);
    await user.click(await button('メールをもう一度送る'));
    const why = await screen.findByText(/見つからないか/);
    expect(why.closest('.notice')).toHaveFocus();
  });

  test('when recovery turns out to be paused on asking for it', async () => {
    answer('post', 'recoveries', problem(503, 'paused'));
    const user = await open('/recover');
    await askForRecovery(user);
    const said = await screen.findByText(/リカバリーを休止しています/);
    expect(said.closest('.notice')).toHaveFocus();
    expect(screen.queryByRole('alert'), 'said once').toBeNull();
  });

  test('when step 5 turns out to have no grant', async () => {
    answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('waiting'));
    const began = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: began });
    sessionStorage.setItem(`redeemed_at:${id}`, String(began));
    const user = await open(`/recover/${id}/password`);
    await user.click(await field(labels.newPassword));
    vi.setSystemTime(began + 31 * 60_000);
    wakeUp();
    const said = await screen.findByText(/先に、メールでお送りした/);
    expect(said.closest('.notice')).toHaveFocus();
  });

  test('when the notice with the focused button is removed', async () => {
    answer('get', 'member', memberPage());
    await open('/member', { site: { lifetimes: { ...settings.lifetimes, session_idle: 240 } } });
    (await button('続ける')).focus();
    const newValue = String(Date.now() + 600_000);
    dispatchEvent(new StorageEvent('storage', { key: 'session_seen_at', newValue }));
    await waitFor(() => expect(screen.queryByRole('button', { name: '続ける' })).toBeNull());
    expect(anyHeading()).toHaveFocus();
  });

  test('when the link of a later notice is opened in place of an answered one', async () => {
    answer('post', 'disavowals', problem(410, 'disavowal_ended'));
    const user = await open('/disavow#FIRST');
    await user.click(await button('使えなくする'));
    await screen.findByText('このリンクは使えません');
    location.hash = 'SECOND';
    await button('使えなくする');
    expect(anyHeading()).toHaveFocus();
  });
});

test.each([
  'ｔａｎｕｋｉ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ',
  ' Tanuki＠xxx.mm-m.ne.jp',
  'ta\u200bnuki@xxx.mm-m.ne.jp',
])('a password that contains the address typed as %j breaks the rule about it', async (mailAddress) => {
  answer('get', `recoveries/${id}`, recovery('redeemed'));
  remember(id, { loginId: 'abcd', mailAddress });
  const user = await open(`/recover/${id}/password`);
  await user.type(await field(labels.newPassword), 'Tanuki7Kettle');
  const unmet = [...document.querySelectorAll('.rules li:not(.met)')].map((each) => each.textContent);
  expect(unmet).toEqual([expect.stringContaining('メールアドレス')]);
});
