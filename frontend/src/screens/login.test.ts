import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import { language } from '../language.svelte';
import { open } from '../test/open';
import { answer, lost, ok, problem } from '../test/wire';

const loginId = () => screen.getByLabelText<HTMLInputElement>('ログインID');
const password = () => screen.getByLabelText<HTMLInputElement>('パスワード');
const signIn = () => screen.getByRole('button', { name: 'ログイン' });

describe('login', () => {
  test('says where the login ID is, with its fixed suffix, and offers recovery', async () => {
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
    const member = await open('/');
    await member.type(loginId(), 'ａｂｃｄ');
    await member.type(password(), 'Demo-pass9');
    await member.click(signIn());
    await waitFor(() => expect(location.pathname).toBe('/member'));
    expect(bodies).toEqual([{ login_id: 'ａｂｃｄ', password: 'Demo-pass9' }]);
    expect(await screen.findByRole('heading', { level: 1, name: '登録情報' })).toHaveFocus();
  });

  test('takes what a browser filled in without telling the page', async () => {
    const bodies = answer('post', 'session', problem(401, 'login_rejected'));
    const member = await open('/');
    loginId().value = 'abcd';
    password().value = 'Demo-pass9';
    await member.click(signIn());
    await waitFor(() => expect(bodies).toEqual([{ login_id: 'abcd', password: 'Demo-pass9' }]));
  });

  test('marks the Japanese names of papers as Japanese on an English page', async () => {
    await open('/');
    expect(screen.getByText(/ご契約内容のご案内/)).not.toHaveAttribute('lang');
    language.now = 'en';
    for (const name of ['ご契約内容のご案内', '登録情報']) {
      expect(await screen.findByText(name)).toHaveAttribute('lang', 'ja');
    }
    expect(screen.getByText('abcd@en@wakwak.com')).toHaveAttribute('translate', 'no');
  });

  test('names every empty field, in a summary that has the focus and leads to the fields', async () => {
    const member = await open('/');
    await member.click(signIn());
    const alert = await screen.findByRole('alert');
    expect(alert.parentElement).toHaveFocus();
    expect(document.title).toMatch(/^エラー：/);
    expect(loginId()).toHaveAccessibleDescription(/＊ログインIDを入力してください。/);
    expect(loginId()).toBeInvalid();
    await member.click(screen.getByRole('link', { name: 'パスワードを入力してください。' }));
    expect(password()).toHaveFocus();
  });

  test('a refusal forgets the password only, and offers recovery with the login ID', async () => {
    answer('post', 'session', problem(401, 'login_rejected'));
    const member = await open('/');
    await member.type(loginId(), 'abcd');
    await member.type(password(), 'wrong');
    await member.click(signIn());
    const way = await screen.findByRole('link', { name: /リカバリー（再発行）の手続き/ });
    expect(loginId()).toHaveValue('abcd');
    expect(password()).toHaveValue('');
    for (const field of [loginId(), password()]) expect(field).toBeInvalid();
    await member.click(screen.getByRole('link', { name: /一致しません/ }));
    expect(password()).toHaveFocus();
    await member.click(way);
    await screen.findByLabelText('基本メールアドレス');
    expect(loginId()).toHaveValue('abcd');
  });

  test('too many tries tell how long to wait, lose nothing, and offer recovery', async () => {
    answer('post', 'session', problem(429, 'too_many_attempts', {}, { 'Retry-After': '90' }));
    const member = await open('/');
    await member.type(loginId(), 'abcd');
    await member.type(password(), 'Demo-pass9');
    await member.click(signIn());
    expect(await screen.findByRole('alert')).toHaveTextContent('2分ほど待ってから');
    expect(password()).toHaveValue('Demo-pass9');
    expect(screen.getByRole('link', { name: /リカバリー（再発行）の手続き/ })).toBeInTheDocument();
  });

  test('a lost answer is followed by asking whether the session was opened', async () => {
    answer('post', 'session', lost);
    answer('get', 'session', problem(401, 'session_missing'), ok({ login_id: 'abcd' }));
    answer('get', 'member', problem(503, 'busy'));
    const member = await open('/');
    await member.type(loginId(), 'abcd');
    await member.type(password(), 'Demo-pass9');
    await member.click(signIn());
    expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
    expect(password()).toHaveValue('Demo-pass9');
    await member.click(signIn());
    await waitFor(() => expect(location.pathname).toBe('/member'));
  });

  test.each(['abcd', ' ＡＢＣＤ＠ｅｎ@wakwak.com'])(
    'after a lost answer the session of %s is taken, however it was typed',
    async (typed) => {
      answer('post', 'session', lost);
      answer('get', 'session', ok({ login_id: 'abcd' }));
      answer('get', 'member', problem(503, 'busy'));
      const member = await open('/');
      await member.type(loginId(), typed);
      await member.type(password(), 'Demo-pass9');
      await member.click(signIn());
      await waitFor(() => expect(location.pathname).toBe('/member'));
    },
  );

  test.each(['zzzz', 'abcde', 'abc'])(
    'after a lost answer the session of %s, another member, is not taken for one’s own',
    async (other) => {
      answer('post', 'session', lost);
      answer('get', 'session', ok({ login_id: other }));
      const member = await open('/');
      await member.type(loginId(), 'abcd');
      await member.type(password(), 'Demo-pass9');
      await member.click(signIn());
      expect(await screen.findByRole('alert')).toHaveTextContent('通信できませんでした');
      expect(location.pathname).toBe('/');
      expect(password()).toHaveValue('Demo-pass9');
    },
  );

  test('a double click asks once', async () => {
    const bodies = answer('post', 'session', problem(401, 'login_rejected'));
    const member = await open('/');
    await member.type(loginId(), 'abcd');
    await member.type(password(), 'wrong');
    await member.dblClick(signIn());
    await screen.findByRole('alert');
    expect(bodies).toHaveLength(1);
  });

  test('a shown password is masked again on submit', async () => {
    answer('post', 'session', problem(503, 'busy'));
    const member = await open('/');
    await member.type(loginId(), 'abcd');
    await member.type(password(), 'Demo-pass9');
    await member.click(screen.getByRole('button', { name: 'パスワードを表示' }));
    expect(password()).toHaveAttribute('type', 'text');
    await member.click(signIn());
    await screen.findByRole('alert');
    expect(password()).toHaveAttribute('type', 'password');
  });

  test('blocked cookies are said at once, and nothing is sent', async () => {
    vi.spyOn(document, 'cookie', 'get').mockReturnValue('');
    const sent = answer('post', 'session', problem(401, 'login_rejected'));
    const member = await open('/');
    expect(await screen.findByRole('alert')).toHaveTextContent('このサイトのCookieを許可してください');
    await member.type(loginId(), 'abcd');
    await member.type(password(), 'Demo-pass9');
    await member.click(signIn());
    await waitFor(() => expect(screen.getByRole('alert').parentElement).toHaveFocus());
    expect(sent).toEqual([]);
    expect(password()).toHaveValue('Demo-pass9');

    vi.restoreAllMocks();
    await member.click(signIn());
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(document.cookie).toBe('');
  });

  test('switching the language speaks everything anew and keeps what was typed', async () => {
    const member = await open('/');
    await member.type(loginId(), 'abcd');
    await member.click(signIn());
    await screen.findByRole('alert');
    await member.click(screen.getByRole('button', { name: 'English' }));
    expect(document.documentElement.lang).toBe('en');
    expect(document.title).toBe('Error: Member support: sign in | IMS');
    expect(screen.getByRole('alert')).toHaveTextContent('Enter your password.');
    expect(screen.getByLabelText('Login ID')).toHaveValue('abcd');
  });
});
