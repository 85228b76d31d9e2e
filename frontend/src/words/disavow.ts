import type { Same, Words } from './words';

const ja = {
  title: 'パスワードを使えなくする',
  intro:
    'メールでお知らせした変更にお心当たりがないときは、「使えなくする」を押してください。押すまでは、何も変わりません。',
  happens: 'ボタンを押すと',
  unusable: '現在の会員サポートパスワードは、使えなくなります。',
  signedOut: 'すべての端末からログアウトします。',
  temporary: 'メールでお送りした仮パスワードも、使えなくなります。',
  recorded: '変更に心当たりがないとのお申し出を、ヘルプデスクで確認できるように記録します。',
  after:
    'このあと、まずヘルプデスクへご連絡ください。リカバリーの手続きでパスワードを再設定すると、またログインできます。',
  yours: 'ご自身で変更された場合は、お手続きは不要です。この画面を閉じてください。',
  disavow: '使えなくする',

  doneTitle: 'パスワードを使えなくしました',
  doneHeading: 'まず、ヘルプデスクへご連絡ください',
  done: '会員サポートパスワードは使えなくなりました。すべての端末からログアウトしました。',
  doneNext:
    '基本メールアドレスが変更されていたときは、元に戻せるのはヘルプデスクだけです。そのあと、リカバリーの手続きでパスワードを再設定すると、またログインできます。',
  recover: 'リカバリーの手続きへ',

  endedTitle: 'このリンクは使えません',
  ended: 'すでに無効の手続きがお済みか、お知らせのあとでパスワードが変わったか、変更から7日が過ぎています。',
  missing: 'お知らせのメールのボタンから、もう一度開いてください。',
  endedNext:
    'パスワードは、リカバリーの手続きで再設定できます。お心当たりのない変更については、ヘルプデスクへご連絡ください。',
};

const en: Same<typeof ja> = {
  title: 'Block your password',
  intro:
    'If you didn’t make the change that we emailed you about, press “Block this password”. Nothing changes until you press it.',
  happens: 'When you press it',
  unusable: 'Your current member support password stops working.',
  signedOut: 'Every device is signed out.',
  temporary: 'A temporary password that we emailed stops working too.',
  recorded: 'We’ll record that it wasn’t you, so that the help desk can see it.',
  after: 'Then contact the help desk. After that, recover your password and set a new one to sign in again.',
  yours: 'If you made the change yourself, you don’t need to do anything. Close this page.',
  disavow: 'Block this password',

  doneTitle: 'The password is blocked',
  doneHeading: 'Please contact the help desk first',
  done: 'Your member support password no longer works. Every device was signed out.',
  doneNext:
    'If your basic mail address was changed, only the help desk can change it back. After that, recover your password and set a new one to sign in again.',
  recover: 'Go to recovery',

  endedTitle: 'This link doesn’t work',
  ended:
    'The password is already blocked, it has changed again, or more than 7 days have passed since the change.',
  missing: 'Open this page again with the button in our email.',
  endedNext:
    'You can recover your password and set a new one. If there was a change that you didn’t make, contact the help desk.',
};

export const disavowWords: Words<typeof ja> = { ja, en };
