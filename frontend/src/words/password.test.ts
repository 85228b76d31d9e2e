import { beforeEach, expect, test } from 'vitest';
import { language } from '../language.svelte';
import { judge } from '../password/rules';
import { settings } from '../test/server';
import { sayViolations } from './password';

const said = (password: string) =>
  sayViolations(judge(password, settings.password, { loginId: '', mailAddress: '' }), settings.password);

beforeEach(() => (language.now = 'ja'));

test('names three of many forbidden characters and counts the others', () => {
  expect(said('Aa1!"#$%&')).toEqual([
    '使えない文字があります：4文字目の「!」、5文字目の「"」、6文字目の「#」、ほか3文字。',
  ]);
});

test('names all of three forbidden characters', () => {
  expect(said('Aa1bcdef!?&')).toEqual([
    '使えない文字があります：9文字目の「!」、10文字目の「?」、11文字目の「&」。',
  ]);
});

test.each(['パスワードをいれた', 'ｐａｓｓｗｏｒｄ１', '仮暗証番号入力済了', 'ﾊﾟｽﾜｰﾄﾞﾃﾞ'])(
  'for %s, names the input method instead of the missing kinds of characters',
  (typed) => {
    expect(said(typed)).toEqual([
      expect.stringMatching(
        /1文字目の.*、2文字目の.*、3文字目の.*、ほか6文字。日本語入力を切って、半角で入力してください。$/,
      ),
    ]);
  },
);

test('names the missing kinds too when some characters are allowed', () => {
  expect(said('ａsa')).toEqual([
    '9文字以上にしてください。',
    '使えない文字があります：1文字目の全角の「ａ」。日本語入力を切って、半角で入力してください。',
    '英大文字（A〜Z）を1文字以上入れてください。',
    '数字または記号（- _ / @）を1文字以上入れてください。',
  ]);
});

test('counts the others in English too', () => {
  language.now = 'en';
  expect(said('パスワードをいれた')).toEqual([
    'These characters can’t be used: character 1, “パ”; character 2, “ス”; character 3, “ワ”; and 6 more. Turn off Japanese input and use ordinary (not full-width) letters.',
  ]);
});
