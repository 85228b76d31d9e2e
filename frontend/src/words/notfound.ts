import type { Same, Words } from './words';

const ja = {
  title: 'ページが見つかりません',
  text: 'お探しのページはありません。アドレスが途中で切れていないか、お確かめください。メールから開かれたときは、メールのボタンをもう一度押してください。',
  toRecover: 'パスワードのリカバリーへ',
};

const en: Same<typeof ja> = {
  title: 'Page not found',
  text: 'There is no page at this address. Check that the address is complete. If you came from a mail, press its button again.',
  toRecover: 'Recover your password',
};

export const notFoundWords: Words<typeof ja> = { ja, en };
