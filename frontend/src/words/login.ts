import type { Same, Words } from './words';

const ja = {
  title: 'オンライン会員サポート ログイン',
  loginId: 'ログインID',
  where: '「ご契約内容のご案内」または「登録情報」に書かれています。メールアドレスではありません。',
  at: '「@」が入っているときは、最初の「@」より前の英数字を入力してください。',
  example: '例：abcd@en@wakwak.com → abcd',
  password: 'パスワード',
  signIn: 'ログイン',
  forgot: '「会員サポートパスワード」をお忘れのお客様',
  loginIdMissing: 'ログインIDを入力してください。',
  loginIdForm:
    'ログインIDは半角の英数字で入力してください。「@」があるときは、最初の「@」より前だけを入力します。',
  passwordMissing: 'パスワードを入力してください。',
  rejected:
    'ログインIDまたはパスワードが、ご登録の内容と一致しません。大文字と小文字も、もう一度お確かめください。',
  recoverInstead: 'パスワードがわからないときは、リカバリーの手続きで新しいパスワードを設定できます。',
  said: {
    signed_out: 'ログアウトしました。',
    session_ended: '安全のため、時間がたったので自動でログアウトしました。もう一度ログインしてください。',
    closed:
      '安全のため、時間がたったので登録情報の画面を閉じました。続けるときは、もう一度ログインしてください。',
    not_signed_in: 'ログインできませんでした。新しいパスワードを入力して、もう一度お試しください。',
  },
};

const en: Same<typeof ja> = {
  title: 'Member support: sign in',
  loginId: 'Login ID',
  where:
    'It is written on your ご契約内容のご案内 (contract details) or 登録情報 (registered information). It is not your mail address.',
  at: 'If it contains “@”, enter the letters and digits before the first “@”.',
  example: 'Example: abcd@en@wakwak.com → abcd',
  password: 'Password',
  signIn: 'Sign in',
  forgot: 'Forgot your member support password?',
  loginIdMissing: 'Enter your login ID.',
  loginIdForm:
    'Enter your login ID in letters and digits. If it contains “@”, enter only what stands before the first one.',
  passwordMissing: 'Enter your password.',
  rejected: 'The login ID or the password does not match. Check both, capital and small letters too.',
  recoverInstead: 'If you do not know your password, you can set a new one by recovery.',
  said: {
    signed_out: 'You have signed out.',
    session_ended: 'For your safety, you were signed out after some time. Sign in again.',
    closed:
      'For your safety, your registered information was closed after some time. To go on, sign in again.',
    not_signed_in: 'We could not sign you in. Enter your new password to try again.',
  },
};

export const loginWords: Words<typeof ja> = { ja, en };
