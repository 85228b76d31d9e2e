import type { Same, Words } from './words';

const ja = {
  blocked:
    'お使いのブラウザは、Cookie（クッキー）を使わない設定になっています。このままでは、ログインもパスワードの再設定もできません。',
  allow: 'ブラウザの設定で、このサイトのCookieを許可してください。別のブラウザで開いても、お手続きできます。',
  help: '設定のしかたがわからないときは、ヘルプデスクへご連絡ください。',
};

const en: Same<typeof ja> = {
  blocked: 'Your browser is set to block cookies. Without cookies you can’t sign in or set a new password.',
  allow: 'In your browser’s settings, allow cookies for this site. Or use another browser.',
  help: 'If you don’t know how, contact the help desk.',
};

export const cookieWords: Words<typeof ja> = { ja, en };
