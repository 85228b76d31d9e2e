import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { go } from '../router.svelte';
import { open } from '../test/open';
import {
  askForRecovery,
  button,
  enterTemporaryPassword,
  field,
  heading,
  labels,
  setNewPassword,
  signIn,
} from '../test/page';
import { answer, delayed, done, id, memberPage, ok, problem, recovery } from '../test/server';

test('a redemption that is answered after the member went back changes no page and stores nothing', async () => {
  const { late, release } = delayed(recovery('redeemed'));
  answer('post', 'recoveries', ok({ id, receipt: '12345678' }, 202));
  answer('get', `recoveries/${id}`, recovery('waiting'));
  answer('post', `recoveries/${id}/redemption`, late);
  const user = await open('/recover');
  await askForRecovery(user);
  await enterTemporaryPassword(user, 'Kd7mPw3xR');
  history.back();
  await field(labels.mailAddress);
  await release();
  expect(location.pathname).toBe('/recover');
  expect(sessionStorage).toHaveLength(0);
});

test('step 4 leads on to step 5 when its temporary password was redeemed after the member had left', async () => {
  const { late, release, requests } = delayed(recovery('redeemed'));
  answer('get', `recoveries/${id}`, recovery('waiting'), recovery('redeemed'));
  answer('post', `recoveries/${id}/redemption`, late);
  const user = await open(`/recover/${id}`);
  await enterTemporaryPassword(user, 'Kd7mPw3xR');
  await waitFor(() => expect(requests).toHaveLength(1));
  go('/recover');
  await field(labels.mailAddress);
  await release();
  // The browser stores the grant's cookie although no code reads the answer, unless the request was cancelled.
  expect(requests.map((each) => each.signal.aborted)).toEqual([false]);
  history.back();
  expect(await field(labels.newPassword)).toBeVisible();
  expect(location.pathname).toBe(`/recover/${id}/password`);
});

test.each([
  ['redeemed', recovery('redeemed')],
  ['completed', recovery('completed')],
  ['gone', problem(404, 'not_found')],
])('a late answer about the state of step 4 (%s) changes no page', async (_, state) => {
  const { late, release } = delayed(state);
  answer('get', `recoveries/${id}`, late);
  await open(`/recover/${id}`);
  await screen.findByRole('heading', { level: 1 });
  go('/recover');
  await field(labels.mailAddress);
  await release();
  expect(location.pathname).toBe('/recover');
});

test('a request for recovery that is answered after the member went back changes no page', async () => {
  const { late, release } = delayed(ok({ id, receipt: '12345678' }, 202));
  answer('post', 'recoveries', late);
  const user = await open('/recover');
  await askForRecovery(user);
  await user.click(await button('戻る'));
  await user.type(await field(labels.password), 'typing');
  await release();
  expect(location.pathname).toBe('/');
  expect(await field(labels.password)).toHaveValue('typing');
});

test('a sign-in that the member left is cancelled and changes no page', async () => {
  const { late, release, requests } = delayed(ok({ login_id: 'abcd' }));
  answer('post', 'session', late);
  const user = await open('/');
  await signIn(user);
  await waitFor(() => expect(requests).toHaveLength(1));
  await user.click(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' }));
  await field(labels.mailAddress);
  await release();
  expect(requests[0]?.signal.aborted, 'the sign-in is cancelled').toBe(true);
  expect(location.pathname).toBe('/recover');
});

test('a new password that is answered after the member went back changes no page, and step 5 then leads to the last page', async () => {
  const { late, release } = delayed(done);
  answer('get', `recoveries/${id}`, recovery('redeemed'), recovery('completed'));
  answer('put', `recoveries/${id}/password`, late);
  const user = await open('/recover');
  go(`/recover/${id}/password`);
  await setNewPassword(user);
  history.back();
  await field(labels.mailAddress);
  await release();
  expect(location.pathname).toBe('/recover');
  history.forward();
  expect(await heading('お手続き完了')).toBeVisible();
});

test.each([
  ['nobody is signed in', problem(401, 'session_missing')],
  ['the member', memberPage()],
])('a late answer to the member page (%s) changes no page', async (_, member) => {
  const { late, release, requests } = delayed(member);
  answer('get', 'member', late);
  await open('/member');
  await waitFor(() => expect(requests).toHaveLength(1));
  go('/recover');
  await field(labels.mailAddress);
  await release();
  expect(requests[0]?.signal.aborted, 'a read ends with its screen').toBe(true);
  expect(location.pathname).toBe('/recover');
  expect(localStorage).toHaveLength(0);
});
