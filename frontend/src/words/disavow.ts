import type { Same, Words } from './words';

const ja = {
  title: 'パスワードを使えなくする',
  intro:
    'メールでお知らせした変更にお心当たりがないときは、この画面の下の「使えなくする」を押してください。ボタンを押すまでは、何も変わりません。',
  happens: 'ボタンを押すと',
  unusable: 'いまの会員サポートパスワードは、使えなくなります。',
  signedOut: 'ログインしている機器は、すべてログアウトされます。',
  temporary: 'メールでお送りした仮パスワードも、使えなくなります。',
  recorded: 'ヘルプデスクで確認できるように、お申し出を記録します。',
  after:
    'このあと、まずヘルプデスクへご連絡ください。リカバリーの手続きで新しいパスワードを決めると、またログインできます。',
  yours: 'ご自身で変更されたときは、押さずにこの画面を閉じてください。',
  disavow: '使えなくする',

  doneTitle: 'パスワードを使えなくしました',
  doneHeading: 'まず、ヘルプデスクへご連絡ください',
  done: 'いままでの会員サポートパスワードではログインできません。ログインしていた機器は、すべてログアウトされました。',
  doneNext:
    '基本メールアドレスが変えられていたときは、元に戻せるのはヘルプデスクだけです。そのあと、リカバリーの手続きで新しいパスワードを設定すると、またログインできます。',
  recover: 'リカバリーの手続きへ',

  endedHeading: 'このリンクは使えません',
  ended:
    'すでにパスワードを使えなくされたか、お知らせのあとでパスワードがまた変わったか、お知らせから7日が過ぎています。',
  missing: 'お知らせのメールのボタンから、もう一度開いてください。',
  endedNext:
    'パスワードは、リカバリーの手続きで新しく設定できます。お心当たりのない変更については、ヘルプデスクへご連絡ください。',
};

const en: Same<typeof ja> = {
  title: 'Make the password unusable',
  intro:
    'If the change that the mail told you of was not yours, press “Make it unusable” below. Until you press it, nothing changes.',
  happens: 'When you press it',
  unusable: 'Your present member support password can no longer be used.',
  signedOut: 'Every device that is signed in is signed out.',
  temporary: 'A temporary password that was sent can no longer be used.',
  recorded: 'That it was not you is recorded, so that the help desk can see it.',
  after:
    'Afterwards, contact the help desk first. To be able to sign in again, set a new password by recovery.',
  yours: 'If you changed it yourself, close this page without pressing.',
  disavow: 'Make it unusable',

  doneTitle: 'The password is unusable now',
  doneHeading: 'First contact the help desk',
  done: 'Nobody can sign in with the member support password that you had until now. Every device that was signed in is signed out.',
  doneNext:
    'If your basic mail address was changed, only the help desk can put it back. Then set a new password by recovery, to be able to sign in again.',
  recover: 'Go to recovery',

  endedHeading: 'This link does not work',
  ended:
    'The password has already been made unusable, it has changed since, or the notice is over 7 days old.',
  missing: 'Open it once more from the button in the notice that we sent by mail.',
  endedNext:
    'You can set a new password by recovery. If there was a change that you did not make, contact the help desk.',
};

export const disavowWords: Words<typeof ja> = { ja, en };
