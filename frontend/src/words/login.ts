import type { Same, Words } from './words';

const ja = {
  title: 'オンライン会員サポート ログイン',
  intro: 'ログインID、会員サポートパスワードを入力して[ログイン]ボタンを押してください。',
  loginId: 'ログインID',
  where: '「ご契約内容のご案内」または「登録情報」に書かれています。メールアドレスではありません。',
  at: '「@」があるときは、最初の「@」より前の英数字だけを入力してください。',
  withAt: '「@」があるとき',
  example: '例：「abcd@en@wakwak.com」の場合、「abcd」を入力',
  password: 'パスワード',
  signIn: 'ログイン',
  forgot: '「会員サポートパスワード」をお忘れのお客様',
  loginIdMissing: 'ログインIDを入力してください。',
  loginIdForm: 'ログインIDは、半角の英数字で入力してください。',
  passwordMissing: 'パスワードを入力してください。',
  rejected: 'ログインIDまたはパスワードが、ご登録の内容と一致しません。大文字と小文字もお確かめください。',
  recoverInstead: 'パスワードがわからないときは、リカバリー（再発行）の手続きへ',
  said: {
    signed_out: 'ログアウトしました。',
    session_ended: '安全のため、自動でログアウトしました。もう一度ログインしてください。',
    closed: '安全のため、登録情報の画面を閉じました。もう一度ログインしてください。',
    not_signed_in: 'ログインできませんでした。新しいパスワードを入力して、もう一度お試しください。',
  },
};

const en: Same<typeof ja> = {
  title: 'Member support: sign in',
  intro: 'Enter your login ID and member support password, then press “Sign in”.',
  loginId: 'Login ID',
  where:
    'You’ll find it on your ご契約内容のご案内 (contract details) or 登録情報 (registered information). It is not your email address.',
  at: 'If it has an “@”, enter only the letters and digits before the first “@”.',
  withAt: 'If it has an “@”',
  example: 'Example: for “abcd@en@wakwak.com”, enter “abcd”',
  password: 'Password',
  signIn: 'Sign in',
  forgot: 'Forgot your member support password?',
  loginIdMissing: 'Enter your login ID.',
  loginIdForm: 'Enter your login ID in letters and digits.',
  passwordMissing: 'Enter your password.',
  rejected: 'The login ID or password doesn’t match our records. Check capital and small letters too.',
  recoverInstead: 'If you don’t know your password, recover it and set a new one.',
  said: {
    signed_out: 'You are signed out.',
    session_ended: 'For security, you were signed out. Please sign in again.',
    closed: 'For security, your registered information was closed. Please sign in again.',
    not_signed_in: 'We couldn’t sign you in. Enter your new password to try again.',
  },
};

export const loginWords: Words<typeof ja> = { ja, en };
