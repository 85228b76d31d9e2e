import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, test } from 'vitest';
import { open } from '../test/open';
import { answer, done, lost, problem } from '../test/wire';

const press = () => screen.findByRole('button', { name: '使えなくする' });
const onward = () => screen.getByRole('button', { name: 'リカバリーの手続きへ' });

describe('disavowing a password', () => {
  test('opening the page sends nothing, and takes the token out of the address', async () => {
    const bodies = answer('post', 'disavowals', done);
    await open('/disavow?lang=ja#TOKEN-1_x');
    expect(await press()).toBeInTheDocument();
    expect(location.pathname + location.search + location.hash).toBe('/disavow?lang=ja');
    expect(JSON.stringify(history.state)).not.toContain('TOKEN');
    expect(bodies).toEqual([]);
  });

  test('pressing sends the token once, says what is done, and leads on to recovery', async () => {
    const bodies = answer('post', 'disavowals', done);
    const hands = await open('/disavow#TOKEN-1_x');
    await hands.dblClick(await press());
    expect(
      await screen.findByRole('heading', { name: 'パスワードを使えなくしました', level: 1 }),
    ).toBeVisible();
    expect(screen.getByRole('heading', { name: 'まず、ヘルプデスクへご連絡ください' })).toBeVisible();
    expect(bodies).toEqual([{ token: 'TOKEN-1_x' }]);
    await hands.click(onward());
    expect(await screen.findByLabelText('基本メールアドレス')).toBeInTheDocument();
    expect(location.pathname).toBe('/recover');
  });

  test('an ended one says so and leads on to recovery', async () => {
    answer('post', 'disavowals', problem(410, 'disavowal_ended'));
    const hands = await open('/disavow#TOKEN');
    await hands.click(await press());
    expect(await screen.findByRole('heading', { level: 1, name: 'このリンクは使えません' })).toBeVisible();
    expect(screen.getByText(/7日が過ぎています/).closest('.notice')).toHaveClass('information');
    expect(document.title).not.toMatch(/^エラー/);
    expect(screen.queryByRole('button', { name: '使えなくする' })).not.toBeInTheDocument();
    expect(onward()).toBeInTheDocument();
  });

  test.each(['/disavow', '/disavow#'])('without a token, %s is an ended one', async (address) => {
    await open(address);
    expect(await screen.findByText('このリンクは使えません')).toBeInTheDocument();
    expect(screen.getByText(/もう一度開いてください/)).toBeInTheDocument();
    expect(onward()).toBeInTheDocument();
  });

  test('a lost answer is said, and the button presses again with the same token', async () => {
    const bodies = answer('post', 'disavowals', lost, done);
    const hands = await open('/disavow#TOKEN');
    await hands.click(await press());
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    await hands.click(await press());
    expect(await screen.findByText('パスワードを使えなくしました')).toBeInTheDocument();
    expect(bodies).toEqual([{ token: 'TOKEN' }, { token: 'TOKEN' }]);
  });

  test('a later notice’s link takes the place of the one that is open', async () => {
    const bodies = answer('post', 'disavowals', problem(410, 'disavowal_ended'), done);
    const hands = await open('/disavow#FIRST');
    await hands.click(await press());
    await screen.findByText('このリンクは使えません');
    location.hash = 'SECOND';
    await hands.click(await press());
    await waitFor(() => expect(bodies).toEqual([{ token: 'FIRST' }, { token: 'SECOND' }]));
    expect(await screen.findByText('パスワードを使えなくしました')).toBeInTheDocument();
  });
});
