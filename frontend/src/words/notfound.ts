import type { Same, Words } from './words';

const ja = {
  title: '画面が見つかりません',
  text: 'このアドレスには画面がありません。アドレスが途中で切れていないか、お確かめください。メールから開かれたときは、メールのボタンをもう一度押してください。',
  toRecover: 'パスワードのリカバリーへ',
};

const en: Same<typeof ja> = {
  title: 'Page not found',
  text: 'There is no page at this address. Check that the address is complete. If you came from an email, press its button again.',
  toRecover: 'Recover your password',
};

export const notFoundWords: Words<typeof ja> = { ja, en };
