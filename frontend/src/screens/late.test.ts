import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { go } from '../router.svelte';
import { open } from '../test/open';
import { answer, done, held, id, ok, problem, recovery } from '../test/wire';

const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);
const press = (name: string) => screen.findByRole('button', { name });
const mailAddress = '基本メールアドレス';
const [next, again] = ['新しい会員サポートパスワード', '新しい会員サポートパスワード（確認）'];
type Hands = Awaited<ReturnType<typeof open>>;

async function ask(hands: Hands) {
  await hands.type(await field('ログインID'), 'abcd');
  await hands.type(await field(mailAddress), 'abcd@xxx.mm-m.ne.jp');
  await hands.click(await press('送信'));
}

async function signIn(hands: Hands) {
  await hands.type(await field('ログインID'), 'abcd');
  await hands.type(await field('パスワード'), 'Demo-pass9');
  await hands.click(await press('ログイン'));
}

test('a redemption answered after the member went back moves nobody and stores nothing', async () => {
  const { late, release } = held(recovery('redeemed'));
  answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
  answer('get', `recoveries/${id}`, recovery('waiting'));
  answer('post', `recoveries/${id}/redemption`, late);
  const hands = await open('/recover');
  await ask(hands);
  await hands.type(await field('仮パスワード'), 'Kd7mPw3xR');
  await hands.click(await press('ログイン'));
  history.back();
  await field(mailAddress);
  await release();
  expect(location.pathname).toBe('/recover');
  expect(sessionStorage).toHaveLength(0);
});

test('a temporary password that was spent meanwhile goes on when the member comes back to step 4', async () => {
  const { late, release, requests } = held(recovery('redeemed'));
  answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
  answer('post', `recoveries/${id}/redemption`, late);
  const hands = await open(`/recover/${id}`);
  await hands.type(await field('仮パスワード'), 'Kd7mPw3xR');
  await hands.click(await press('ログイン'));
  await waitFor(() => expect(requests).toHaveLength(1));
  go('/recover');
  await field(mailAddress);
  await release();
  // The browser takes the grant's cookie from an answer that no code reads, unless the request was cancelled.
  expect(requests.map((each) => each.signal.aborted)).toEqual([false]);
  history.back();
  expect(await field(next)).toBeVisible();
  expect(location.pathname).toBe(`/recover/${id}/password`);
});

test.each([
  ['redeemed', recovery('redeemed')],
  ['completed', recovery('completed')],
  ['gone', problem(404, 'not_found')],
])('a state of step 4 that is read late (%s) moves nobody', async (_, state) => {
  const { late, release } = held(state);
  answer('get', `recoveries/${id}`, late);
  await open(`/recover/${id}`);
  await screen.findByRole('heading', { level: 1 });
  go('/recover');
  await field(mailAddress);
  await release();
  expect(location.pathname).toBe('/recover');
});

test('a request for a mail answered after the member went back moves nobody', async () => {
  const { late, release } = held(ok({ id, receipt: '12345678' }, 202));
  answer('post', 'recoveries', late);
  const hands = await open('/recover');
  await ask(hands);
  await hands.click(await press('戻る'));
  await hands.type(await field('パスワード'), 'typing');
  await release();
  expect(location.pathname).toBe('/');
  expect(await field('パスワード')).toHaveValue('typing');
});

test('a sign-in that the member left is cancelled and moves nobody', async () => {
  const { late, release, requests } = held(ok({ login_id: 'abcd' }));
  answer('post', 'session', late);
  const hands = await open('/');
  await signIn(hands);
  await waitFor(() => expect(requests).toHaveLength(1));
  await hands.click(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' }));
  await field(mailAddress);
  await release();
  expect(requests[0]?.signal.aborted, 'nobody is signed in behind the page').toBe(true);
  expect(location.pathname).toBe('/recover');
});

test('a new password answered after the member went back moves nobody, and step 5 then tells that it is set', async () => {
  const { late, release } = held(done);
  answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('completed'));
  answer('put', `recoveries/${id}/password`, late);
  const hands = await open('/recover');
  go(`/recover/${id}/password`);
  await hands.type(await field(next), 'Tanuki7Kettle');
  await hands.type(await field(again), 'Tanuki7Kettle');
  await hands.click(await press('変更する'));
  history.back();
  await field(mailAddress);
  await release();
  expect(location.pathname).toBe('/recover');
  history.forward();
  expect(await screen.findByRole('heading', { level: 1, name: 'お手続き完了' })).toBeVisible();
});

test.each([
  ['that nobody is signed in', problem(401, 'session_missing')],
  ['who is signed in', ok({ login_id: 'abcd', basic_mail_address: 'a@b', sessions: [], activities: [] })],
])('a member page that hears late %s moves nobody', async (_, member) => {
  const { late, release, requests } = held(member);
  answer('get', 'member', late);
  await open('/member');
  await waitFor(() => expect(requests).toHaveLength(1));
  go('/recover');
  await field(mailAddress);
  await release();
  expect(requests[0]?.signal.aborted, 'a read ends with its screen').toBe(true);
  expect(location.pathname).toBe('/recover');
  expect(localStorage).toHaveLength(0);
});
