import { expect, test } from 'vitest';
import { phrases } from './phrases';

// A | shows where a line may break.
test.each([
  '会員|サポート|パスワードの|リカバリー',
  'オンライン|会員|サポート ログイン',
  '「会員|サポート|パスワード」を|お忘れの|お客様',
  '会員|サポート|パスワードの|再設定',
  '仮パスワードの|入力',
  '新しい会員|サポート|パスワード',
  '新しい|パスワード',
  'ご本人の|確認',
  'お手続き完了',
  'メールが|届かないとき',
  'この|手続きは|続けられません',
  'まず、|ヘルプデスクへ|ご連絡ください',
  'パスワードを|使えなくしました',
  '画面を|読み込めませんでした',
  'お問い合わせのとき',
  'Forgot your member support password?',
])('%s', (cut) => {
  const heading = cut.split('|').join('');
  expect(phrases(heading).join('|')).toBe(cut);
  expect(phrases(heading).join('')).toBe(heading);
});
