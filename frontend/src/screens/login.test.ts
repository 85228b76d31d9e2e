import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import { language } from '../language.svelte';
import { open } from '../test/open';
import { signIn } from '../test/page';
import { answer, lost, ok, problem } from '../test/server';

const loginId = () => screen.getByLabelText<HTMLInputElement>('ログインID');
const password = () => screen.getByLabelText<HTMLInputElement>('パスワード');
const submit = () => screen.getByRole('button', { name: 'ログイン' });

describe('login', () => {
  test('says where to find the login ID, shows its fixed suffix, and offers recovery', async () => {
    await open('/');
    expect(document.title).toBe('オンライン会員サポート ログイン | IMS');
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('オンライン会員サポート ログイン');
    expect(loginId()).toHaveAccessibleDescription(
      /ご契約内容のご案内.*abcd@en@wakwak.com\s*」の場合、「abcd」を入力.*@wakwak.com/,
    );
    expect(loginId()).toHaveAttribute('autocomplete', 'username');
    expect(password()).toHaveAttribute('autocomplete', 'current-password');
    expect(screen.getByRole('link', { name: '「会員サポートパスワード」をお忘れのお客様' })).toHaveAttribute(
      'href',
      '/recover',
    );
    expect(screen.queryByText(/通信は暗号化されています/)).toBeNull();
  });

  test('signs in with what was typed and leads to the member page', async () => {
    const bodies = answer('post', 'session', ok({ login_id: 'abcd' }));
    answer('get', 'member', problem(503, 'busy'));
    const user = await open('/');
    await user.type(loginId(), 'ａｂｃｄ');
    await user.type(password(), 'Demo-pass9');
    await user.click(submit());
    await waitFor(() => expect(location.pathname).toBe('/member'));
    expect(bodies).toEqual([{ login_id: 'ａｂｃｄ', password: 'Demo-pass9' }]);
    expect(await screen.findByRole('heading', { level: 1, name: '登録情報' })).toHaveFocus();
  });

  test('sends what the browser filled in without an event', async () => {
    const bodies = answer('post', 'session', problem(401, 'login_rejected'));
    const user = await open('/');
    loginId().value = 'abcd';
    password().value = 'Demo-pass9';
    await user.click(submit());
    await waitFor(() => expect(bodies).toEqual([{ login_id: 'abcd', password: 'Demo-pass9' }]));
  });

  test('marks the Japanese names of documents as Japanese on an English page', async () => {
    await open('/');
    expect(screen.getByText(/ご契約内容のご案内/)).not.toHaveAttribute('lang');
    language.now = 'en';
    for (const name of ['ご契約内容のご案内', '登録情報']) {
      expect(await screen.findByText(name)).toHaveAttribute('lang', 'ja');
    }
    expect(screen.getByText('abcd@en@wakwak.com')).toHaveAttribute('translate', 'no');
    expect(screen.getByText('“abcd”')).toHaveAttribute('translate', 'no');
  });

  test('names every empty field in a summary, which takes the focus and links to the fields', async () => {
    const user = await open('/');
    await user.click(submit());
    const alert = await screen.findByRole('alert');
    expect(alert.parentElement).toHaveFocus();
    expect(document.title).toMatch(/^エラー：/);
    expect(loginId()).toHaveAccessibleDescription(/＊ログインIDを入力してください。/);
    expect(loginId()).toBeInvalid();
    await user.click(screen.getByRole('link', { name: 'パスワードを入力してください。' }));
    expect(password()).toHaveFocus();
  });

  test('a login ID of invisible characters only is an empty field', async () => {
    const user = await open('/');
    await user.type(loginId(), '\u200b\ufeff　');
    await user.type(password(), 'Demo-pass9');
    await user.click(submit());
    expect(await screen.findByRole('alert')).toHaveTextContent('ログインIDを入力してください。');
  });

  test('a rejected sign-in empties the password field only, and offers recovery with the login ID', async () => {
    answer('post', 'session', problem(401, 'login_rejected'));
    const user = await open('/');
    await user.type(loginId(), 'abcd');
    await user.type(password(), 'wrong');
    await user.click(submit());
    const recoverInstead = await screen.findByRole('link', { name: /リカバリー（再発行）の手続き/ });
    expect(loginId()).toHaveValue('abcd');
    expect(password()).toHaveValue('');
    for (const field of [loginId(), password()]) expect(field).toBeInvalid();
    await user.click(screen.getByRole('link', { name: /一致しません/ }));
    expect(password()).toHaveFocus();
    await user.click(recoverInstead);
    await screen.findByLabelText('基本メールアドレス');
    expect(loginId()).toHaveValue('abcd');
  });

  test('after too many tries, says how long to wait, keeps what was typed, and offers recovery', async () => {
    answer('post', 'session', problem(429, 'too_many_attempts', {}, { 'Retry-After': '90' }));
    const user = await open('/');
    await signIn(user);
    expect(await screen.findByRole('alert')).toHaveTextContent('2分ほど待ってから');
    expect(password()).toHaveValue('Demo-pass9');
    expect(screen.getByRole('link', { name: /リカバリー（再発行）の手続き/ })).toBeInTheDocument();
  });

  test('after a lost answer, asks whether the session was opened', async () => {
    answer('post', 'session', lost);
    answer('get', 'session', problem(401, 'session_missing'), ok({ login_id: 'abcd' }));
    answer('get', 'member', problem(503, 'busy'));
    const user = await open('/');
    await signIn(user);
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    expect(password()).toHaveValue('Demo-pass9');
    await user.click(submit());
    await waitFor(() => expect(location.pathname).toBe('/member'));
  });

  test.each(['abcd', ' ＡＢＣＤ＠ｅｎ@wakwak.com'])(
    'after a lost answer, a session of the login ID typed as %s counts as signed in',
    async (typed) => {
      answer('post', 'session', lost);
      answer('get', 'session', ok({ login_id: 'abcd' }));
      answer('get', 'member', problem(503, 'busy'));
      const user = await open('/');
      await user.type(loginId(), typed);
      await user.type(password(), 'Demo-pass9');
      await user.click(submit());
      await waitFor(() => expect(location.pathname).toBe('/member'));
    },
  );

  test.each(['zzzz', 'abcde', 'abc'])(
    'after a lost answer, a session of %s, another member, does not count as signed in',
    async (other) => {
      answer('post', 'session', lost);
      answer('get', 'session', ok({ login_id: other }));
      const user = await open('/');
      await signIn(user);
      expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
      expect(location.pathname).toBe('/');
      expect(password()).toHaveValue('Demo-pass9');
    },
  );

  test('a double click sends one request', async () => {
    const bodies = answer('post', 'session', problem(401, 'login_rejected'));
    const user = await open('/');
    await user.type(loginId(), 'abcd');
    await user.type(password(), 'wrong');
    await user.dblClick(submit());
    await screen.findByRole('alert');
    expect(bodies).toHaveLength(1);
  });

  test('a shown password is masked again on submit', async () => {
    answer('post', 'session', problem(503, 'busy'));
    const user = await open('/');
    await user.type(loginId(), 'abcd');
    await user.type(password(), 'Demo-pass9');
    await user.click(screen.getByRole('button', { name: 'パスワードを表示' }));
    expect(password()).toHaveAttribute('type', 'text');
    await user.click(submit());
    await screen.findByRole('alert');
    expect(password()).toHaveAttribute('type', 'password');
  });

  test('says at once that the browser blocks cookies, and sends nothing', async () => {
    vi.spyOn(document, 'cookie', 'get').mockReturnValue('');
    const sent = answer('post', 'session', problem(401, 'login_rejected'));
    const user = await open('/');
    expect(await screen.findByRole('alert')).toHaveTextContent('このサイトのCookieを許可してください');
    await signIn(user);
    await waitFor(() => expect(screen.getByRole('alert').parentElement).toHaveFocus());
    expect(sent).toEqual([]);
    expect(password()).toHaveValue('Demo-pass9');

    vi.restoreAllMocks();
    await user.click(submit());
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(document.cookie).toBe('');
  });

  test('the language switch changes every text and keeps what was typed', async () => {
    const user = await open('/');
    await user.type(loginId(), 'abcd');
    await user.click(submit());
    await screen.findByRole('alert');
    await user.click(screen.getByRole('button', { name: 'English' }));
    expect(document.documentElement.lang).toBe('en');
    expect(document.title).toBe('Error: Member support: sign in | IMS');
    expect(screen.getByRole('alert')).toHaveTextContent('Enter your password.');
    expect(screen.getByLabelText('Login ID')).toHaveValue('abcd');
  });
});
