/** A language of the app. */
export type Language = 'ja' | 'en';

/**
 * Titles, labels and buttons on which members and their printed guides rely, so a change of them in the app must fail the tests.
 * The app may change the last three.
 */
export const words = {
  ja: {
    login: 'オンライン会員サポート ログイン',
    loginId: 'ログインID',
    password: 'パスワード',
    signIn: 'ログイン',
    forgot: '「会員サポートパスワード」をお忘れのお客様',
    recovery: '会員サポートパスワードのリカバリー',
    mailAddress: '基本メールアドレス',
    send: '送信',
    back: '戻る',
    temporaryPassword: '仮パスワード',
    goOn: 'ログイン',
    newPasswordHeading: '会員サポートパスワードの再設定',
    newPassword: '新しい会員サポートパスワード',
    newPasswordAgain: '新しい会員サポートパスワード（確認）',
    change: '変更する',
    done: 'お手続き完了',
    signInNow: '続けてログインする',
    paste: '貼り付ける',
    member: '登録情報',
    stay: '続ける',
    make: 'パスワードを自動で作る',
    askAgain: 'メールをもう一度送る',
  },
  en: {
    login: 'Member support: sign in',
    loginId: 'Login ID',
    password: 'Password',
    signIn: 'Sign in',
    forgot: 'Forgot your member support password?',
    recovery: 'Recover your member support password',
    mailAddress: 'Basic mail address',
    send: 'Send',
    back: 'Back',
    temporaryPassword: 'Temporary password',
    goOn: 'Sign in',
    newPasswordHeading: 'Set a new member support password',
    newPassword: 'New password',
    newPasswordAgain: 'New password (again)',
    change: 'Change',
    done: 'All done',
    signInNow: 'Sign in now',
    paste: 'Paste',
    member: 'Registered information',
    stay: 'Stay signed in',
    make: 'Make a password for me',
    askAgain: 'Send the email again',
  },
} satisfies Record<Language, Record<string, string>>;

/** Words of the member page. The app may change them. */
export const memberWords = {
  ja: {
    openChange: 'パスワードを変更する',
    current: '現在のパスワード',
    signOut: 'ログアウト',
    thisBrowser: 'この端末',
    signOutElsewhere: 'ほかのすべての端末からログアウト',
    signedOutElsewhere: 'ほかのすべての端末からログアウトしました',
  },
  en: {
    openChange: 'Change password',
    current: 'Current password',
    signOut: 'Sign out',
    thisBrowser: 'This device',
    signOutElsewhere: 'Sign out everywhere else',
    signedOutElsewhere: 'You’re signed out everywhere else',
  },
} satisfies Record<Language, Record<string, string>>;

/** Words of the page that a notice links to. The app may change them. */
export const disavowWords = {
  ja: {
    disavow: '使えなくする',
    done: 'パスワードを使えなくしました',
    ended: 'このリンクは使えません',
  },
  en: {
    disavow: 'Block this password',
    done: 'The password is blocked',
    ended: 'This link doesn’t work',
  },
} satisfies Record<Language, Record<string, string>>;
