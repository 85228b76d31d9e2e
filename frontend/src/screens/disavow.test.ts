import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { button, heading } from '../test/page';
import { answer, done, lost, problem } from '../test/server';

const disavow = () => button('使えなくする');
const toRecovery = () => screen.getByRole('button', { name: 'リカバリーの手続きへ' });

describe('disavowing a password', () => {
  test('opening the page sends nothing, and removes the token from the address', async () => {
    const bodies = answer('post', 'disavowals', done);
    await open('/disavow?lang=ja#TOKEN-1_x');
    expect(await disavow()).toBeInTheDocument();
    expect(location.pathname + location.search + location.hash).toBe('/disavow?lang=ja');
    expect(JSON.stringify(history.state)).not.toContain('TOKEN');
    expect(bodies).toEqual([]);
  });

  test('pressing the button sends the token once, says what was done, and leads to recovery', async () => {
    const bodies = answer('post', 'disavowals', done);
    const user = await open('/disavow#TOKEN-1_x');
    await user.dblClick(await disavow());
    expect(
      await screen.findByRole('heading', { name: 'パスワードを使えなくしました', level: 1 }),
    ).toBeVisible();
    expect(screen.getByRole('heading', { name: 'まず、ヘルプデスクへご連絡ください' })).toBeVisible();
    expect(bodies).toEqual([{ token: 'TOKEN-1_x' }]);
    await user.click(toRecovery());
    expect(await screen.findByLabelText('基本メールアドレス')).toBeInTheDocument();
    expect(location.pathname).toBe('/recover');
  });

  test('an ended link says so and leads to recovery', async () => {
    answer('post', 'disavowals', problem(410, 'disavowal_ended'));
    const user = await open('/disavow#TOKEN');
    await user.click(await disavow());
    expect(await heading('このリンクは使えません')).toBeVisible();
    expect(screen.getByText(/7日が過ぎています/).closest('.notice')).toHaveClass('information');
    expect(document.title).not.toMatch(/^エラー/);
    expect(screen.queryByRole('button', { name: '使えなくする' })).not.toBeInTheDocument();
    expect(toRecovery()).toBeInTheDocument();
  });

  test.each(['/disavow', '/disavow#'])('without a token, %s is an ended link', async (address) => {
    await open(address);
    expect(await screen.findByText('このリンクは使えません')).toBeInTheDocument();
    expect(screen.getByText(/もう一度開いてください/)).toBeInTheDocument();
    expect(toRecovery()).toBeInTheDocument();
  });

  test('after a lost answer, the button sends the same token again', async () => {
    const bodies = answer('post', 'disavowals', lost, done);
    const user = await open('/disavow#TOKEN');
    await user.click(await disavow());
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    await user.click(await disavow());
    expect(await screen.findByText('パスワードを使えなくしました')).toBeInTheDocument();
    expect(bodies).toEqual([{ token: 'TOKEN' }, { token: 'TOKEN' }]);
  });

  test('the link of a later notice replaces the open one', async () => {
    const bodies = answer('post', 'disavowals', problem(410, 'disavowal_ended'), done);
    const user = await open('/disavow#FIRST');
    await user.click(await disavow());
    await screen.findByText('このリンクは使えません');
    location.hash = 'SECOND';
    await user.click(await disavow());
    await waitFor(() => expect(bodies).toEqual([{ token: 'FIRST' }, { token: 'SECOND' }]));
    expect(await screen.findByText('パスワードを使えなくしました')).toBeInTheDocument();
  });
});
