import { expect, test } from 'vitest';
import { findTemporaryPassword } from './temporary';

test.each([
  ['alone', 'Kd7mPw3xR', 'Kd7mPw3xR'],
  ['after its label', '【仮パスワード】\nKd7mPw3xR\n', 'Kd7mPw3xR'],
  ['in a sentence', '仮パスワード：Kd7mPw3xR。', 'Kd7mPw3xR'],
  ['in full width', '「Ｋｄ７ｍＰｗ３ｘＲ」', 'Kd7mPw3xR'],
  [
    'in the whole mail',
    '【仮パスワード】\nKd7mPw3xR\n【有効期限】\n20261127 16:30\n受付番号 12345678 https://ims.example/recover/ABCDEFGHIJKLMNOPQRSTUVWXYZ the statement',
    'Kd7mPw3xR',
  ],
  ['with invisible characters', '\u200eKd7m\u200bPw3xR\u00ad', 'Kd7mPw3xR'],
  ['twice the same', 'Kd7mPw3xR Kd7mPw3xR', 'Kd7mPw3xR'],
  ['of two mails', 'Kd7mPw3xR Qm4tYk9vB', undefined],
  ['that is too long', 'Kd7mPw3xRa', undefined],
  ['without a digit', 'KdamPwbxR', undefined],
  ['with a letter that is not in the alphabet', 'Kd7mPw3xl', undefined],
  ['in an empty text', '', undefined],
])('reads a temporary password %s', (_, text, found) => {
  expect(findTemporaryPassword(text)).toBe(found);
});
